import type { OwnerLine } from './owner-wish.ts';
import type { UseWish } from './use-wish.ts';
import type { PushState } from './websub.ts';

// What a feed is, what the wire said of it, and how a poll can end.

/** Who wrote it, as the feed names them. */
export interface AuthorName {
  name: string;
  email?: string;
  uri?: string;
}

/** An attached file. `length` in bytes, `duration` in seconds where known. */
export interface Enclosure {
  url: string;
  type?: string;
  length?: number;
}

/** Under which terms a text may be used, as its publisher says it. */
export interface Licence {
  /** Of a licence's text, absolute. */
  url?: string;
  /** A statement of rights, one line of plain text. */
  text?: string;
}

/** A feed's head, after parsing: our words, every field optional but the title. */
export interface ParsedChannel {
  title: string;
  /** The site's address, absolute. */
  link?: string;
  description?: string;
  language?: string;
  updated?: Date;
  /** Authors of the whole feed; items without authors of their own inherit them. */
  authors: AuthorName[];
  /** The WebSub hubs and the topic it names, absolute (WebSub, section 4). */
  hubs?: string[];
  self?: string;
  /** When it wishes to be asked again. */
  hints?: PollHints;
  licence?: Licence;
}

/** What a Link header says of WebSub, absolute; it wins over the document. */
export interface HubLinks {
  hubs: string[];
  self?: string;
}

/** What decided when a feed is asked next. */
export type CheckReason =
  | 'base'
  | 'rhythm'
  | 'cache'
  | 'ttl'
  | 'schedule'
  | 'skip'
  | 'errors'
  | 'retry-after'
  | 'network'
  | 'push';

/** What a document says of when to come again. */
export interface PollHints {
  /** RSS 2.0 `ttl`. */
  ttlMinutes?: number;
  /** `sy:updatePeriod` divided by `sy:updateFrequency` (RSS 1.0 module Syndication). */
  updateMinutes?: number;
  /** RSS 2.0 `skipHours`: hours of the day, 0 to 23, UTC. */
  skipHours?: number[];
  /** RSS 2.0 `skipDays`: days of the week, Sunday is 0, UTC. */
  skipDays?: number[];
}

/** One element of a feed before normalising: typed, links absolute, HTML not yet sanitised. */
export interface ParsedItem {
  /** `guid`, `id` or `rdf:about` as given. */
  id?: string;
  title?: string;
  link?: string;
  authors: AuthorName[];
  published?: Date;
  updated?: Date;
  categories: string[];
  /** The short text, HTML as given. */
  summary?: string;
  /** The full body, HTML as given. */
  content?: string;
  language?: string;
  enclosures: Enclosure[];
  /** The picture that stands for the item, absolute. */
  picture?: string;
  /** Where readers discuss it, absolute. */
  commentsUrl?: string;
  licence?: Licence;
  /** Base for relative addresses in this item's HTML. */
  baseUrl?: string;
}

export interface ParsedFeed {
  format: 'rss' | 'rdf' | 'atom' | 'json';
  channel: ParsedChannel;
  items: ParsedItem[];
  /** Ids of items that the publisher has deleted, as given (Atom tombstones, RFC 6721). */
  deletedIds: string[];
  /** What the publisher says to sites like this one, outside of items. */
  ownerLines: OwnerLine[];
  /** The document ends before its root does: between its items, or within the last of them. */
  cut?: 'between' | 'within' | undefined;
  /** What was repaired or left out, in words for the operator. */
  warnings: string[];
}

/** The validators that a server gave, both opaque (RFC 9110, section 8.8). */
export interface Validators {
  etag?: string;
  lastModified?: string;
}

export type FetchErrorKind =
  | 'dns'
  | 'refused'
  | 'timeout'
  | 'tls'
  | 'connection'
  | 'blocked'
  | 'too-large'
  | 'too-many-redirects'
  | 'bad-redirect'
  | 'http'
  | 'encoding';

/** How one conditional GET ended. Expected failures are values. */
export type FetchOutcome =
  | {
      kind: 'modified';
      body: Uint8Array;
      /** Content-Type as sent. */
      contentType?: string;
      /** The address that answered, after redirects. */
      finalUrl: string;
      links: HubLinks;
      /** What its headers say of use by robots. */
      useWish: UseWish;
      /** Set when every redirect on the way was permanent (301, 308). */
      movedTo?: string;
      validators: Validators;
      /** From Cache-Control or Expires, in seconds. */
      freshSeconds?: number;
    }
  | {
      kind: 'not-modified';
      validators: Validators;
      freshSeconds?: number;
      /** As in `modified`. */
      movedTo?: string;
    }
  | { kind: 'gone'; finalUrl: string; retryAfterSeconds?: number; message: string }
  | {
      kind: 'rate-limited';
      finalUrl: string;
      retryAfterSeconds?: number;
      status: number;
      message: string;
    }
  | {
      kind: 'failed';
      error: FetchErrorKind;
      status?: number;
      /** Which answered, if any did. */
      finalUrl?: string;
      retryAfterSeconds?: number;
      /** What happened, in a sentence for the operator. */
      message: string;
    };

/** Why bytes are no feed, with a sentence for the operator. */
export interface Unreadable {
  kind: 'unreadable';
  reason: 'empty' | 'html-page' | 'not-a-feed' | 'too-large' | 'timeout' | 'malformed';
  message: string;
}

/** Bytes as feed elements. */
export type ParseOutcome = { kind: 'parsed'; feed: ParsedFeed } | Unreadable;

/** A feed that a page names. */
export interface NamedFeed {
  /** Absolute. */
  url: string;
  title?: string;
}

/** A feed row as a worker holds it after claiming. */
export interface ClaimedFeed {
  id: number;
  url: string;
  /** Whose turn was taken for it, and when that ends by itself; null once it has been ended. */
  host: string;
  turnUntil: Date | null;
  slug: string;
  title: string;
  claimToken: string;
  validators: Validators;
  bodyHash: string | null;
  feedTags: string[];
  language: string | null;
  firstGoodAt: Date | null;
  errorCount: number;
  lastGoodAt: Date | null;
  retryAfterUntil: Date | null;
  errorKind: string | null;
  errorSince: Date | null;
  /** The first of the 410s that it has answered since it last had a document for us. */
  goneSince: Date | null;
  /** How long its last good answer was to keep. */
  freshSeconds: number | null;
  hints: PollHints;
  rhythmMinutes: number | null;
  newestAt: Date | null;
  fullCheckAt: Date | null;
  movedTo: string | null;
  movedSince: Date | null;
  /** It has given several items one guid. */
  dividesGuids: boolean;
  /** What its publisher has asked for: posts so many hours after their publication. */
  ownerDelayHours: number | null;
  /** When it was due, or is to be whatever this poll finds. */
  nextCheckAt: Date;
  /** Its subscription with a hub that is in force. */
  push: PushState | null;
}

/** How a poll ended, for logs, progress and the command line. */
export interface PollReport {
  feedId: number;
  url: string;
  title: string;
  outcome: 'read' | 'unchanged' | 'failed' | 'rate-limited' | 'gone';
  inserted: number;
  updated: number;
  ms: number;
  /** What happened when it did not go well. */
  message?: string;
}
