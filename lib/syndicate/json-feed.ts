import { generateJsonFeed } from 'feedsmith';
import type { PostView } from '../model/post.ts';
import {
  authorNames,
  guidOf,
  htmlText,
  iri,
  languageOf,
  languageOfPost,
  mediaType,
  type OutgoingFeed,
  revisedAt,
  shownParts,
  tagNameOf,
  titleOf,
  xmlText,
} from './outgoing-feed.ts';

function jsonItem(feed: OutgoingFeed, post: PostView) {
  const { body, summary } = shownParts(post);
  const revised = revisedAt(post);
  const language = languageOfPost(post);
  return {
    id: guidOf(feed, post),
    url: iri(post.url),
    title: titleOf(post),
    // JSON Feed 1.1 wants one of the content fields in every item.
    content_html: body ?? htmlText(summary ?? titleOf(post)),
    ...(summary === undefined ? {} : { summary }),
    ...(post.pictureUrl === null ? {} : { image: iri(post.pictureUrl) }),
    date_published: new Date(post.publishedAt ?? post.firstSeenAt),
    ...(revised === null ? {} : { date_modified: new Date(revised) }),
    authors: authorNames(post).map((name) => ({ name })),
    tags: post.tags.map(tagNameOf),
    ...(language === undefined ? {} : { language }),
    attachments: post.enclosures.map((enclosure) => ({
      url: iri(enclosure.url),
      mime_type: mediaType(enclosure.type) ?? 'application/octet-stream',
      ...(enclosure.length === undefined ? {} : { size_in_bytes: enclosure.length }),
    })),
  };
}

/** A list as JSON Feed 1.1. */
export function renderJsonFeed(feed: OutgoingFeed): string {
  const language = feed.language ?? languageOf(feed.posts);
  const document = generateJsonFeed({
    title: xmlText(feed.title),
    home_page_url: feed.pageUrl,
    feed_url: feed.selfUrl,
    ...(feed.olderUrl === undefined ? {} : { next_url: feed.olderUrl }),
    description: xmlText(feed.description),
    ...(language === undefined ? {} : { language }),
    ...(feed.hubUrl === undefined ? {} : { hubs: [{ type: 'WebSub', url: feed.hubUrl }] }),
    items: feed.posts.map((post) => jsonItem(feed, post)),
  });
  // The library leaves an empty list out, which JSON Feed 1.1 requires.
  return `${JSON.stringify({ items: [], ...(document as object) }, null, 1)}\n`;
}
