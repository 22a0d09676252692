import { generateAtomFeed } from 'feedsmith';
import type { PostView } from '../model/post.ts';
import { insertFirst, STYLESHEETS } from './foreign-elements.ts';
import {
  authorNames,
  changedAt,
  extrasOf,
  guidOf,
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

function atomEntry(feed: OutgoingFeed, post: PostView) {
  const { body, summary } = shownParts(post);
  const names = authorNames(post);
  const sourceTitle = sourceTitleOf(post);
  const sourceId = post.source.feedUrl ?? `${feed.siteUrl}/source/${post.source.slug}`;
  const { siteUrl, feedUrl } = post.source;
  const language = languageOfPost(post);
  const published = post.publishedAt ?? post.firstSeenAt;
  return {
    ...(language === undefined ? {} : { xml: { lang: language } }),
    id: guidOf(feed, post),
    title: { value: titleOf(post), type: 'text' },
    links: [
      { href: iri(post.url), rel: 'alternate', type: 'text/html' },
      ...post.enclosures.map((enclosure) => ({
        href: iri(enclosure.url),
        rel: 'enclosure',
        ...(mediaType(enclosure.type) === undefined ? {} : { type: enclosure.type }),
        ...(enclosure.length === undefined ? {} : { length: enclosure.length }),
      })),
      // RFC 4685, section 4, and RFC 4946, section 2.
      ...(post.commentsUrl === null
        ? []
        : [{ href: iri(post.commentsUrl), rel: 'replies', type: 'text/html' }]),
      ...(post.licence?.url === undefined ? [] : [{ href: iri(post.licence.url), rel: 'license' }]),
    ],
    ...(post.licence?.text === undefined
      ? {}
      : { rights: { value: xmlText(post.licence.text), type: 'text' } }),
    ...extrasOf(post),
    published: new Date(published),
    updated: new Date(revisedAt(post) ?? published),
    // RFC 4287, section 4.1.2: an entry has an author.
    authors: (names.length > 0 ? names : [sourceTitle]).map((name) => ({ name })),
    // Most readers show the term: a slug would be all that is left of a name.
    categories: post.tags.map((tag) => ({ term: tagNameOf(tag), scheme: `${feed.siteUrl}/tags` })),
    ...(summary === undefined ? {} : { summary: { value: summary, type: 'text' } }),
    ...(body === undefined ? {} : { content: { value: body, type: 'html' } }),
    source: {
      id: iri(sourceId),
      title: { value: sourceTitle, type: 'text' },
      links: [
        ...(feedUrl === undefined ? [] : [{ href: iri(feedUrl), rel: 'self' }]),
        ...(siteUrl === null ? [] : [{ href: iri(siteUrl), rel: 'alternate' }]),
      ],
      updated: new Date(published),
    },
  };
}

/** A list as Atom 1.0 (RFC 4287), with tombstones (RFC 6721) of what was withdrawn from it. */
export function renderAtom(feed: OutgoingFeed): string {
  const language = feed.language ?? languageOf(feed.posts);
  const parts = {
    ...(language === undefined ? {} : { xml: { lang: language } }),
    id: feed.pageUrl,
    title: { value: xmlText(feed.title), type: 'text' },
    subtitle: { value: xmlText(feed.description), type: 'text' },
    updated: changedAt(feed),
    generator: { text: 'Tagwire' },
    links: [
      ...ownLinks(feed, 'application/atom+xml'),
      { href: feed.pageUrl, rel: 'alternate', type: 'text/html' },
    ],
    entries: feed.posts.map((post) => atomEntry(feed, post)),
  };
  const xml = generateAtomFeed(parts, { stylesheets: STYLESHEETS });
  return insertFirst(xml, 'feed', feed);
}
