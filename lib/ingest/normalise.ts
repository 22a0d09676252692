import type { ParsedFeed, ParsedItem } from '../model/feed.ts';
import type { PostDraft } from '../model/post.ts';
import { textBands } from '../model/text-bands.ts';
import { CANONICAL_VERSION, canonicalUrl } from './canonical-url.ts';
import { isExcerpt } from './excerpt.ts';
import {
  dividedGuid,
  guidOf,
  guidOfId,
  hasDoubledGuids,
  type Shared,
  sha256,
  sharedLinks,
  sharedTimes,
} from './guid.ts';
import {
  AUTHORS_MAX,
  CATEGORIES_MAX,
  CATEGORY_CHARACTERS_MAX,
  ENCLOSURES_MAX,
  SUMMARY_CHARACTERS_MAX,
  TITLE_CHARACTERS_MAX,
} from './limits.ts';
import { countWords, htmlToProse, htmlToText, oneLine, summarise } from './plain-text.ts';
import { sanitiseMarked, withoutMarks } from './sanitise.ts';
import { setBody } from './set-body.ts';
import { tagsOf } from './tags.ts';

export interface NormaliseOptions {
  /** Where the feed came from. */
  url: string;
  /** Tags that every post of the feed gets. */
  feedTags?: readonly string[] | undefined;
  /** The feed's language where the feed does not tell. */
  language?: string | null | undefined;
  /** The feed has given several items one guid before. */
  dividesGuids?: boolean | undefined;
  now: Date;
}

/** What normalising makes of a feed's items; see ReadOutcome. */
export interface Normalised {
  drafts: PostDraft[];
  deletedGuids: string[];
  hasDoubledGuids: boolean;
  dropped: number;
}

/** What holds for all items of a document. */
interface Scope {
  feed: ParsedFeed;
  options: NormaliseOptions;
  /** Pages whose parts are items of their own. */
  dividedPages: ReadonlySet<string>;
  shared: Shared;
  dividesGuids: boolean;
}

/** Words of a text that stand in for a missing title. */
const TITLE_WORDS = 10;
const TITLE_STAND_IN_CHARACTERS_MAX = 80;
/** A time further ahead than this is a placeholder: the post would stay on top for ever. */
const AHEAD_MS_MAX = 24 * 60 * 60 * 1000;

/**
 * Parsed items as drafts. Items that say nothing are dropped, and so are later ones with the
 * guid of an earlier one.
 */
export function normaliseFeed(feed: ParsedFeed, options: NormaliseOptions): Normalised {
  const byGuid = new Map<string, PostDraft>();
  const shared = { links: sharedLinks(feed.items), times: sharedTimes(feed.items) };
  const areDoubled = hasDoubledGuids(feed.items, shared);
  const dividesGuids = areDoubled || options.dividesGuids === true;
  const dividedPages = pagesOfSeveralItems(feed);
  const scope = { feed, options, dividedPages, shared, dividesGuids };
  for (const item of feed.items) {
    const draft = normaliseItem(item, scope);
    if (draft !== undefined && !byGuid.has(draft.guidHash)) byGuid.set(draft.guidHash, draft);
  }
  return {
    drafts: [...byGuid.values()],
    deletedGuids: feed.deletedIds.map((id) => sha256(guidOfId(id))),
    hasDoubledGuids: areDoubled,
    dropped: feed.items.length - byGuid.size,
  };
}

/** Pages whose parts are items of their own: there a fragment is part of the identity. */
function pagesOfSeveralItems(feed: ParsedFeed): ReadonlySet<string> {
  const fragments = new Map<string, Set<string>>();
  for (const { link } of feed.items) {
    const url = link === undefined ? null : URL.parse(link);
    if (url === null || link === undefined) continue;
    const page = canonicalUrl(link);
    fragments.set(page, (fragments.get(page) ?? new Set()).add(url.hash));
  }
  return new Set([...fragments].filter(([, hashes]) => hashes.size > 1).map(([page]) => page));
}

/** The identity of a draft's address; one that we made up stands for itself. */
function identityOf(item: ParsedItem, url: string, divided: ReadonlySet<string>): string {
  if (item.link === undefined && item.enclosures.length === 0) return url;
  return canonicalUrl(url, divided.has(canonicalUrl(url)));
}

/**
 * The first words of a text, for items without a title (RSS 2.0 allows them, microblogs live by
 * them). Undefined for an empty text.
 */
function titleFrom(text: string): string | undefined {
  const words = oneLine(text.slice(0, 1000)).split(' ');
  const start = words.slice(0, TITLE_WORDS).join(' ');
  if (start === '') return undefined;
  if (words.length <= TITLE_WORDS && start.length <= TITLE_STAND_IN_CHARACTERS_MAX) return start;
  return `${start.slice(0, TITLE_STAND_IN_CHARACTERS_MAX).toWellFormed()}…`;
}

function notAhead(date: Date | undefined, now: Date): Date | null {
  if (date === undefined || date.getTime() - now.getTime() > AHEAD_MS_MAX) return null;
  return date;
}

/** BCP 47 in lower case: what looks like a tag; anything else is not known. */
function languageTag(given: string | null | undefined): string | null {
  const tag = given?.trim().toLowerCase().replaceAll('_', '-');
  return tag !== undefined && /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/u.test(tag) ? tag : null;
}

/**
 * The address of an item without one: the guid when it is an address, which the parser has seen
 * to; else a podcast's file; else the site's own address with the guid as fragment, so that two
 * such items stay two posts and the link leads somewhere true.
 */
function addressOf(item: ParsedItem, guid: string, feed: ParsedFeed, url: string): string {
  // A space ends an address wherever it is pasted.
  if (item.link !== undefined) return item.link.replace(/\s/gu, '%20');
  const file = item.enclosures[0]?.url;
  if (file !== undefined) return file;
  const site = URL.parse(feed.channel.link ?? url) ?? new URL(url);
  site.hash = `item-${sha256(guid).slice(0, 16)}`;
  return site.href;
}

function normaliseItem(item: ParsedItem, scope: Scope): PostDraft | undefined {
  const { feed, options } = scope;
  const base = item.baseUrl ?? options.url;
  const marked = sanitiseMarked(item.content ?? item.summary ?? '', base);
  const bodyHtml = withoutMarks(marked);
  const bodyText = htmlToText(bodyHtml);
  const enclosures = item.enclosures.slice(0, ENCLOSURES_MAX);
  const title = (item.title ?? titleFrom(bodyText) ?? item.link)?.slice(0, TITLE_CHARACTERS_MAX);
  if (title === undefined) return undefined;
  const plainGuid = guidOf(item, bodyText);
  const guid = scope.dividesGuids ? dividedGuid(plainGuid, item, scope.shared) : plainGuid;
  const url = addressOf(item, guid, feed, options.url);
  const authors = item.authors.slice(0, AUTHORS_MAX);
  const summarySource = item.content === undefined ? undefined : item.summary;
  const content = {
    title: title.toWellFormed(),
    bodyHtml,
    enclosures,
  };
  const draft = {
    url,
    canonicalUrl: identityOf(item, url, scope.dividedPages),
    ...content,
    authors,
    byline: [...new Set(authors.map((author) => author.name))].join(', '),
    publishedAt: notAhead(item.published ?? item.updated, options.now),
    updatedAt: notAhead(item.updated, options.now),
    categories: item.categories
      .slice(0, CATEGORIES_MAX)
      .map((label) => label.slice(0, CATEGORY_CHARACTERS_MAX).toWellFormed()),
    tags: tagsOf({
      categories: item.categories,
      feedTags: options.feedTags,
      ownNames: [...authors.map((author) => author.name), feed.channel.title],
    }),
    language: languageTag(item.language ?? feed.channel.language ?? options.language),
    bodyText,
    summaryText: summaryOf(summarySource, bodyHtml, bodyText),
    wordCount: countWords(bodyText),
    pictureUrl: item.picture ?? null,
    commentsUrl: item.commentsUrl ?? null,
    licence: item.licence ?? null,
    contentHash: sha256(JSON.stringify(content)),
  };
  // A server that makes a new guid each time has not changed anything.
  const draftHash = sha256(JSON.stringify(draft));
  return {
    ...draft,
    guid,
    guidHash: sha256(guid),
    canonicalVersion: CANONICAL_VERSION,
    // Beside the hash: they say nothing that the item does not.
    shownHtml: setBody(marked, bodyHtml, item.link, base),
    isExcerpt: isExcerpt(item, { text: bodyText, wordCount: draft.wordCount }),
    bands: textBands(bodyText),
    draftHash,
  };
}

/** The publisher's own summary where the item has one beside its content. */
function summaryOf(summary: string | undefined, bodyHtml: string, bodyText: string): string {
  const own = summary === undefined ? '' : htmlToText(summary);
  // A post that is nothing but code begins with it all the same.
  const text = own || htmlToProse(bodyHtml, bodyText) || bodyText;
  return summarise(text, SUMMARY_CHARACTERS_MAX);
}
