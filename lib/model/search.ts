import type { MarkedText } from './marked-text.ts';
import type { PostView } from './post.ts';
import type { TagName } from './tag.ts';

/** Meilisearch looks at 65,535 words of an attribute; nobody finds a post by what comes later. */
export const SEARCHED_TEXT_CHARACTERS_MAX = 100_000;

/** Hits that a reader can page to; Meilisearch counts no further than this. */
export const SEARCH_HITS_MAX = 1000;
/** How much of each post is shown; the passages that match, if not said otherwise. */
export const SEARCH_VIEWS = ['headlines', 'excerpts', 'full'] as const;
export type SearchView = (typeof SEARCH_VIEWS)[number];
export const DEFAULT_SEARCH_VIEW = 'excerpts' satisfies SearchView;

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
  /** Slugs of the other sources that carry it. */
  alsoIn: string[];
  language: string | null;
  sortAt: Date;
}

/** A tag's name and another one that means the same. */
export interface SameName {
  name: string;
  alias: string;
}

export interface SearchQuery {
  /** As typed: words, "phrases", -words. */
  q: string;
  /** Slugs. */
  tag?: string;
  source?: string;
  /** A name, or the slug that an author's archive has in its address. */
  author?: string;
  /** Code of a language; without a region it means all of them. */
  lang?: string;
  /** In UTC, as YYYY. */
  year?: string;
  /** Days as YYYY-MM-DD in UTC, both included. */
  from?: string;
  to?: string;
  /** The best match first, if not said otherwise. */
  order?: 'newest';
  view?: Exclude<SearchView, typeof DEFAULT_SEARCH_VIEW>;
  /** From 1. */
  page?: number;
  pageSize?: number;
}

/** What is wrong with a query: where in it, in UTF-16 units, and a message for the reader. */
export interface QueryFault {
  at: number;
  message: string;
}

export interface SearchHit {
  /** As stored today, mostly without its body. */
  post: PostView;
  title: MarkedText;
  /** Where the text matches best; empty when its publisher wants nothing but a link. */
  passage: MarkedText;
}

/** What a search can be narrowed by, as its address names it. */
export type FacetName = 'tag' | 'source' | 'author' | 'lang' | 'year';

/** By value, the number of posts that have it. */
export type FacetCounts = Record<FacetName, Record<string, number>>;

/** One page of what a search found, as Meilisearch or Postgres gives it. */
export interface FoundIds {
  kind: 'found';
  hits: { id: number; title: MarkedText; passage: MarkedText }[];
  /** Not counted beyond SEARCH_HITS_MAX. */
  total: number;
  page: number;
  pages: number;
  /** Of Postgres: of the newest SEARCH_HITS_MAX that match. */
  facets: FacetCounts;
  /** No post has all words: these have some of them. Postgres looks for nothing but all. */
  isPartial: boolean;
  /** Time in the server that answered. */
  ms: number;
}

export interface Facet {
  /** As the address has it: of an author it is the name. */
  slug: string;
  name: string;
  posts: number;
}

/** Who has answered a search: the search server, or Postgres, and why that. */
export type AnsweredBy =
  | { by: 'index' }
  /** The query has in it what only Postgres can answer, in words for the reader. */
  | { by: 'database'; why: 'query'; beyond: string[] }
  /** The search server does not answer, or there is none. */
  | { by: 'database'; why: 'away' | 'off' };

export type SearchOutcome =
  | {
      kind: 'found';
      answeredBy: AnsweredBy;
      /** Why the text is no query: then its words were looked for as they stand. */
      fault?: QueryFault;
      hits: SearchHit[];
      /** Not counted beyond SEARCH_HITS_MAX. */
      total: number;
      page: number;
      pages: number;
      facets: Record<FacetName, Facet[]>;
      /** No post has all words: these have some of them. */
      isPartial: boolean;
      /** Where no post has all words: a text that finds something, and may have been meant. */
      didYouMean?: string;
      /** Time in the server that answered. */
      ms: number;
    }
  /** A filter makes no sense, or a field of the query (then with its place). */
  | { kind: 'invalid'; message: string; at?: number }
  /** Postgres needs too long for it, or is asked too much at this moment. */
  | { kind: 'too-costly'; answeredBy: AnsweredBy };
