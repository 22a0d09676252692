import type { MarkedText } from './marked-text.ts';
import type { PostView } from './post.ts';
import type { TagName } from './tag.ts';

/** Meilisearch looks at 65,535 words of an attribute; nobody finds a post by what comes later. */
export const SEARCHED_TEXT_CHARACTERS_MAX = 100_000;

/** Hits that a reader can page to; Meilisearch counts no further than this. */
export const SEARCH_HITS_MAX = 1000;
/** Hits of one page, if not said otherwise. */
export const SEARCH_PAGE_HITS = 20;

/** A stored post as the indexer reads it. */
export interface PostToIndex {
  id: number;
  /** Compared when marking it as indexed: a change in between is indexed again. */
  changedAt: Date;
  isWithdrawn: boolean;
  title: string;
  /** At most SEARCHED_TEXT_CHARACTERS_MAX characters. */
  text: string;
  tags: TagName[];
  authors: string[];
  source: { slug: string; title: string };
  language: string | null;
  sortAt: Date;
}

export interface SearchQuery {
  /** As typed: words, "phrases", -words. */
  q: string;
  /** Slugs. */
  tag?: string;
  source?: string;
  /** Days as YYYY-MM-DD in UTC, both included. */
  from?: string;
  to?: string;
  /** The best match first, if not said otherwise. */
  order?: 'newest';
  /** From 1. */
  page?: number;
  pageSize?: number;
}

export interface SearchHit {
  /** As stored today, its body left out. */
  post: PostView;
  title: MarkedText;
  /** Where the text matches best; empty when its publisher wants nothing but a link. */
  passage: MarkedText;
}

export interface Facet {
  slug: string;
  name: string;
  posts: number;
}

export type SearchOutcome =
  | {
      kind: 'found';
      hits: SearchHit[];
      /** Not counted beyond SEARCH_HITS_MAX. */
      total: number;
      page: number;
      pages: number;
      tags: Facet[];
      sources: Facet[];
      /** No post has all words: these have some of them. */
      isPartial: boolean;
      /** Time in Meilisearch. */
      ms: number;
    }
  /** A filter makes no sense; the message is for the reader. */
  | { kind: 'invalid'; message: string }
  /** No Meilisearch is set up. */
  | { kind: 'off' }
  /** There is one, and it does not answer. */
  | { kind: 'unavailable'; message: string };
