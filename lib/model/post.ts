import type {
  AuthorName,
  Enclosure,
  Licence,
  ParsedChannel,
  ParsedFeed,
  Unreadable,
} from './feed.ts';
import type { OwnerLine } from './owner-wish.ts';
import type { PostTag, TagName } from './tag.ts';

/**
 * Which fields a PostDraft has and what they mean. Raise it when that changes: drafts that wait as
 * JSON (lib/store/held-drafts.ts) are read anew from their feeds then, rather than saved.
 */
export const DRAFT_VERSION = 1;

/** A normalised item that is not stored yet. */
export interface PostDraft {
  /** The publisher's identity for the item, or what stands in for it (lib/ingest/guid.ts). */
  guid: string;
  /** SHA-256 of the guid, hexadecimal. */
  guidHash: string;
  /** The permalink as given, absolute: shown and linked. */
  url: string;
  /** Only for identity across feeds. */
  canonicalUrl: string;
  /** The rules that made it (lib/ingest/canonical-url.ts). */
  canonicalVersion: number;
  /** Plain text, one line. */
  title: string;
  authors: AuthorName[];
  /** Authors as one line for `Post Syndicated from …`. */
  byline: string;
  publishedAt: Date | null;
  updatedAt: Date | null;
  /** Raw labels as given. */
  categories: string[];
  /** What the categories mean, in their order, without doubles. */
  tags: TagName[];
  /** BCP 47, lower case, or null. */
  language: string | null;
  /** Sanitised, links absolute. */
  bodyHtml: string;
  /** The body as pages set it (lib/ingest/set-body.ts); null: as it stands. */
  shownHtml?: string | null;
  bodyText: string;
  /** Plain text of at most SUMMARY_CHARACTERS_MAX characters. */
  summaryText: string;
  wordCount: number;
  enclosures: Enclosure[];
  pictureUrl: string | null;
  commentsUrl: string | null;
  /** Its own; null where the terms of its source hold. */
  licence: Licence | null;
  /** Its page has more than the feed gives (lib/ingest/excerpt.ts). */
  isExcerpt?: boolean;
  /** What nearly equal texts share (lib/model/text-bands.ts). */
  bands: number[];
  /** SHA-256 of title, body, enclosures: what a reader sees. */
  contentHash: string;
  /** SHA-256 of the whole draft but its guid: equal means that nothing changed. */
  draftHash: string;
}

/** Bytes as drafts that can be stored (lib/ingest/read-feed.ts). */
export type ReadOutcome =
  | {
      kind: 'read';
      format: ParsedFeed['format'];
      channel: ParsedChannel;
      /** In the order of the feed. */
      drafts: PostDraft[];
      /** Guids, hashed as in drafts, of items that the publisher has deleted. */
      deletedGuids: string[];
      /** What its publisher asks of us. */
      ownerLines: OwnerLine[];
      /** The feed gives several items one guid, so that guids here have addresses in them. */
      hasDoubledGuids: boolean;
      /** The document breaks off: items are missing that may still be in the feed. */
      isCutOff: boolean;
      /** Items that could not become posts (no text, no title and no address) or were doubles. */
      dropped: number;
      warnings: string[];
    }
  | Unreadable;

/** A source as lists name it. */
export interface SourceName {
  slug: string;
  title: string;
  siteUrl: string | null;
  /** A picture by which its site is known; not set where none is shown. */
  iconUrl?: string | null;
  /** Where its feed is; read where feeds are written. */
  feedUrl?: string;
}

/** A post as the site, the feeds and the API read it: serialisable, times ISO 8601 in UTC. */
export interface PostView {
  id: number;
  /** Made from the title; only decoration of the address. */
  slug: string;
  title: string;
  url: string;
  canonicalUrl: string;
  /** Empty when the feed names no author: show the source's title then. */
  byline: string;
  authors: { name: string; slug: string }[];
  source: SourceName;
  /** Other sources that carried it. */
  alsoIn: SourceName[];
  tags: PostTag[];
  publishedAt: string | null;
  updatedAt: string | null;
  sortAt: string;
  firstSeenAt: string;
  /** When what a reader sees of it last changed here; read where feeds are written. */
  changedAt?: string;
  /** When another title or text came, by our clock; null for a post that is as it first was. */
  revisedAt?: string | null;
  language: string | null;
  /** As its publisher has it: for programs. */
  bodyHtml: string;
  /** As pages set it; null: as it stands. */
  shownHtml: string | null;
  summaryText: string;
  wordCount: number;
  enclosures: Enclosure[];
  pictureUrl: string | null;
  commentsUrl: string | null;
  /** The post's own terms, else those of its source. */
  licence: Licence | null;
  /** How many states of title and text there have been. */
  version: number;
  /** The title before the last change of it. */
  formerTitle: string | null;
  display: 'full' | 'excerpt' | 'link';
}

/** A keyset page of a list. A cursor is opaque; null when there is nothing further. */
export interface PostPage {
  posts: PostView[];
  older: string | null;
}

/** What is left of a post that was withdrawn, for those who have read it. */
export interface Tombstone {
  id: number;
  /** ISO 8601. */
  withdrawnAt: string;
}
