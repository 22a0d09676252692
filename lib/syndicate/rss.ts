import { generateRssFeed } from 'feedsmith';
import type { Enclosure } from '../model/feed.ts';
import type { PostView } from '../model/post.ts';
import { insertFirst, STYLESHEETS } from './foreign-elements.ts';
import {
  authorNames,
  changedAt,
  extrasOf,
  FEED_TTL_MINUTES,
  guidOf,
  htmlText,
  iri,
  languageOf,
  languageOfPost,
  mediaType,
  type OutgoingFeed,
  ownLinks,
  revisedAt,
  shownParts,
  sourceTitleOf,
  tagNameOf,
  titleOf,
  xmlText,
} from './outgoing-feed.ts';

/** Of several enclosures, RSS readers expect one; Media RSS holds the others. */
const mediaContent = ({ url, type, length }: Enclosure) => ({
  url: iri(url),
  ...(mediaType(type) === undefined ? {} : { type }),
  ...(length === undefined ? {} : { fileSize: length }),
});

function rssItem(feed: OutgoingFeed, post: PostView) {
  const { body, summary } = shownParts(post);
  // RSS 2.0 knows one enclosure, and wants its type and length.
  const [enclosure, ...others] = post.enclosures;
  const { media, ...extras } = extrasOf(post);
  const revised = revisedAt(post);
  const language = languageOfPost(post);
  return {
    title: titleOf(post),
    link: iri(post.url),
    guid: { value: guidOf(feed, post), isPermaLink: false },
    pubDate: new Date(post.publishedAt ?? post.firstSeenAt),
    dc: {
      creators: authorNames(post),
      ...(language === undefined ? {} : { languages: [language] }),
      ...(post.licence?.text === undefined ? {} : { rights: [xmlText(post.licence.text)] }),
    },
    ...(post.commentsUrl === null ? {} : { comments: iri(post.commentsUrl) }),
    ...extras,
    ...(media === undefined && others.length === 0
      ? {}
      : { media: { ...media, contents: others.map(mediaContent) } }),
    // RSS has no word for it.
    ...(revised === null ? {} : { atom: { updated: new Date(revised) } }),
    categories: post.tags.map((tag) => ({ name: tagNameOf(tag) })),
    ...(summary === undefined ? {} : { description: htmlText(summary) }),
    ...(body === undefined ? {} : { content: { encoded: body } }),
    ...(post.source.feedUrl === undefined
      ? {}
      : { source: { title: sourceTitleOf(post), url: iri(post.source.feedUrl) } }),
    ...(enclosure === undefined
      ? {}
      : {
          enclosures: [
            {
              url: iri(enclosure.url),
              type: mediaType(enclosure.type) ?? 'application/octet-stream',
              length: enclosure.length ?? 0,
            },
          ],
        }),
  };
}

/** A list as RSS 2.0: links lead to the originals, guids are ours and stay. */
export function renderRss(feed: OutgoingFeed): string {
  const language = feed.language ?? languageOf(feed.posts);
  const built = changedAt(feed);
  const parts = {
    title: xmlText(feed.title),
    link: feed.pageUrl,
    description: xmlText(feed.description),
    ...(language === undefined ? {} : { language: xmlText(language) }),
    ...(built.getTime() === 0 ? {} : { lastBuildDate: built }),
    generator: 'Tagwire',
    docs: 'https://www.rssboard.org/rss-specification',
    ttl: FEED_TTL_MINUTES,
    atom: { links: ownLinks(feed, 'application/rss+xml') },
    items: feed.posts.map((post) => rssItem(feed, post)),
  };
  const xml = generateRssFeed(parts, { stylesheets: STYLESHEETS });
  return insertFirst(xml, 'channel', feed);
}
