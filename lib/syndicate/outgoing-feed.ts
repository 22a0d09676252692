import type { PostView, Tombstone } from '../model/post.ts';
import type { TagName } from '../model/tag.ts';

/** How long a reader may wait before it asks again (RSS `ttl`, Cache-Control). */
export const FEED_TTL_MINUTES = 15;

/** A list of posts that is to be written as a feed. All addresses are absolute. */
export interface OutgoingFeed {
  title: string;
  description: string;
  /** The page that shows the same list. */
  pageUrl: string;
  /** Of this very document. */
  selfUrl: string;
  /** The WebSub hub that is told of its changes, if one is. */
  hubUrl?: string;
  /** Set when this is a document of an archive: the feed that it belongs to. */
  currentUrl?: string;
  /** The next older and newer documents of the archive. */
  olderUrl?: string;
  newerUrl?: string;
  siteUrl: string;
  /** BCP 47; only when all posts share it. */
  language?: string;
  posts: PostView[];
  /** Posts that were in it and have been withdrawn. */
  tombstones?: Tombstone[];
}

/** What the document is, where the rest of the feed is (RFC 5005, section 4), and its hub. */
export function ownLinks(feed: OutgoingFeed, type: string) {
  const archive = [
    ['self', feed.selfUrl],
    ['current', feed.currentUrl],
    ['prev-archive', feed.olderUrl],
    ['next-archive', feed.newerUrl],
  ] as const;
  const links = archive.flatMap(([rel, href]) => (href === undefined ? [] : [{ href, rel, type }]));
  const hub = feed.hubUrl === undefined ? [] : [{ href: feed.hubUrl, rel: 'hub' }];
  return [...links, ...hub];
}

/** A post's identity in every feed of ours: no address that opens, so that it may stay. */
export function guidOf(feed: OutgoingFeed, post: { id: number }): string {
  return `${feed.siteUrl}/post/${post.id}`;
}

/** When the text of a post last changed: as its publisher says, else as we saw it. */
export const revisedAt = (post: PostView): string | null =>
  post.updatedAt ?? post.revisedAt ?? null;

/** When the content of the feed last changed; the epoch for an empty one. */
export function changedAt(feed: OutgoingFeed): Date {
  const times = [
    ...feed.posts.map((post) => Date.parse(post.changedAt ?? post.firstSeenAt)),
    ...(feed.tombstones ?? []).map((stone) => Date.parse(stone.withdrawnAt)),
  ];
  return new Date(Math.max(0, ...times));
}

/** Whether it is written as a language tag is (BCP 47, section 2.1), in outline: feeds say anything. */
const isLanguage = (text: string) => /^[a-z]{2,8}(-[a-z\d]{1,8})*$/iu.test(text);

/** The language of a post, where its feed gives one that is one. */
export const languageOfPost = ({ language }: PostView): string | undefined =>
  language !== null && isLanguage(language) ? language : undefined;

/** The one language of all posts, where there is one. */
export function languageOf(posts: readonly PostView[]): string | undefined {
  const languages = new Set(posts.map((post) => post.language?.split('-')[0]));
  const [only] = languages;
  return languages.size === 1 && only !== undefined && isLanguage(only) ? only : undefined;
}

/**
 * Without what XML 1.0 forbids or discourages (section 2.2): control characters, half surrogates,
 * code points that are no characters. Feeds have them from wrong encodings; HTML forbids them too.
 */
export function xmlText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u{20}-\u{7e}\u{a0}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replace(/\p{Noncharacter_Code_Point}/gu, '');
}

/** An address as one of an IRI's characters alone (RFC 3987, section 2.2): publishers leave others. */
export const iri = (url: string): string =>
  xmlText(url).replace(/[\s<>"{}|\\^`\p{Cc}\p{Co}\p{Cn}]/gu, encodeURIComponent);

/** A media type, if it is written as one (RFC 6838, section 4.2): feeds say anything. */
export const mediaType = (type: string | undefined): string | undefined =>
  /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/u.test(type ?? '') ? type : undefined;

/** A title is never empty: Atom requires one. */
export const titleOf = (post: PostView): string => xmlText(post.title).trim() || iri(post.url);

/** The name of a post's source, or its slug. */
export const sourceTitleOf = ({ source }: PostView): string =>
  xmlText(source.title).trim() || source.slug;

/** The name of a tag, or its slug. */
export const tagNameOf = ({ name, slug }: TagName): string => xmlText(name).trim() || slug;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Plain text as HTML. */
export function htmlText(text: string): string {
  return text.replace(/[&<>"]/gu, (character) => ENTITIES[character] ?? character);
}

/** What the feed may show of a post: its body, its summary or neither, as its source allows. */
export function shownParts(post: PostView): { body?: string; summary?: string } {
  const summary = post.summaryText === '' ? {} : { summary: xmlText(post.summaryText) };
  switch (post.display) {
    case 'full':
      return { ...summary, body: xmlText(post.bodyHtml) };
    case 'excerpt':
      return summary;
    case 'link':
      return {};
  }
}

/** Names of who wrote it; the byline where the feed gave no list. */
export function authorNames(post: PostView): string[] {
  const shown = (names: string[]) => names.map((name) => xmlText(name).trim()).filter(Boolean);
  const names = shown(post.authors.map(({ name }) => name));
  return names.length > 0 ? names : shown([post.byline]);
}

/** Picture and licence in the elements that RSS and Atom share (Media RSS, Creative Commons). */
export function extrasOf({ pictureUrl, licence }: PostView) {
  return {
    ...(pictureUrl === null ? {} : { media: { thumbnails: [{ url: iri(pictureUrl) }] } }),
    ...(licence?.url === undefined ? {} : { creativeCommons: { licenses: [iri(licence.url)] } }),
  };
}
