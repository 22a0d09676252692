// The full text of a post whose feed gives an excerpt: read from the post's own page, where the
// operator has allowed that for the feed and its publisher does not ask for less.

/** So often a page is tried before it is left, with growing pauses: within some 31 hours. */
export const PAGE_TRIES_MAX = 5;

/** Why a page gave no full text, for good or after the last try. */
export type FullTextReason =
  /** robots.txt does not let us read it. */
  | 'robots'
  /** The page asks not to be indexed, quoted, kept or learnt from. */
  | 'asked-not'
  /** It is for those who pay or sign in. */
  | 'paywall'
  /** It is no web page. */
  | 'not-html'
  | 'too-large'
  /** It could not be read within the limits of a thread. */
  | 'timeout'
  /** There is no article in it. */
  | 'no-article'
  /** What is in it is not the post. */
  | 'not-the-post'
  /** It has no more than the excerpt. */
  | 'not-longer'
  /** The post leads to somebody else's page. */
  | 'elsewhere'
  /** Another source gave the whole text meanwhile. */
  | 'given'
  /** It could not be fetched, however often it was tried. */
  | 'failed';

export const FULL_TEXT_REASONS: Record<FullTextReason, string> = {
  robots: 'not allowed by robots.txt',
  'asked-not': 'the page asks not to be kept or quoted',
  paywall: 'for subscribers only',
  'not-html': 'not a web page',
  'too-large': 'too large',
  timeout: 'too slow to read',
  'no-article': 'no article found',
  'not-the-post': 'the page has another text',
  'not-longer': 'no more than the excerpt',
  elsewhere: 'leads to another site',
  given: 'another source has the whole text',
  failed: 'could not be fetched',
};

/** What of a feed's settings and its publisher's wishes decides whether pages are read. */
export interface FullTextTerms {
  fullText: boolean;
  display: 'full' | 'excerpt' | 'link';
  ownerDisplay: 'full' | 'excerpt' | 'link' | null;
  ownerRemovedAt: Date | string | null;
}

/** Why no page of a feed is read although the operator has allowed it; undefined when they are. */
export function hindranceOf(feed: Omit<FullTextTerms, 'fullText'>): string | undefined {
  if (feed.ownerRemovedAt !== null) return 'its publisher has taken it out';
  if (feed.ownerDisplay !== null && feed.ownerDisplay !== 'full') {
    return `its publisher asks for display=${feed.ownerDisplay}, which goes over this`;
  }
  return feed.display === 'full' ? undefined : `it is shown with display=${feed.display}`;
}

/** How a page was read. */
export type PageReading =
  | {
      kind: 'text';
      /** Sanitised, links absolute. */
      html: string;
      /** As pages set it; null: as it stands. */
      shownHtml?: string | null;
      text: string;
      wordCount: number;
      /** What nearly equal texts share (lib/model/text-bands.ts). */
      bands: number[];
    }
  | { kind: 'refused'; reason: FullTextReason; message: string };

/** A post as its feed gives it, to compare a page's text with. */
export interface ExcerptWords {
  title: string;
  text: string;
}

/** The page of a post as a worker holds it after claiming. */
export interface ClaimedPage {
  postId: number;
  feedId: number;
  url: string;
  /** Whose turn was taken for it, and when that ends by itself; null once it has been ended. */
  host: string;
  turnUntil: Date | null;
  claimToken: string;
  /** Redirects followed so far. */
  hops: number;
  /** Tries of it, with this one. */
  attempts: number;
  /** The post as its feed gives it. */
  post: ExcerptWords;
}
