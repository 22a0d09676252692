import type { MarkedText } from './marked-text.ts';
import type { WebhookStatus } from './webhook.ts';

export type Cadence = 'instant' | 'daily' | 'weekly' | 'feed';
const CADENCES: readonly Cadence[] = ['instant', 'daily', 'weekly', 'feed'];
export const isCadence = (text: string): text is Cadence => CADENCES.some((one) => one === text);

export type AlertStatus = 'pending' | 'active' | 'paused' | 'ended';

/** Hour of the day, in the site's time zone, at which digests are built; weekly ones on Mondays. */
export const DIGEST_HOUR = 7;

/** How long a confirmation can be used: for a mailbox that is read every other day. */
export const CONFIRM_HOURS = 48;

/** A post that met an alert, with the sentence that says why. */
export interface Hit {
  postId: number;
  /** Plain text, as the feed gives it. */
  title: MarkedText;
  /** The original. */
  url: string;
  sourceTitle: string;
  /** Empty when the feed names no author. */
  byline: string;
  /** ISO 8601, UTC. */
  sortAt: string;
  /** When we saw it first; much later than `sortAt` when its source could not be reached. */
  seenAt: string;
  /** The sentence around the first match in the text, or the summary's start. */
  sentence: MarkedText;
  /** Names of tags that matched. */
  tags: string[];
}

/** An alert as its owner sees it; times ISO 8601 in UTC. */
export interface AlertView {
  id: number;
  /** What it is called: words, policy, or both. */
  name: string;
  /** Empty when a policy says all. */
  query: string;
  policy: string | null;
  webhookUrl: string | null;
  webhookStatus: WebhookStatus | null;
  cadence: Cadence;
  status: AlertStatus;
  tokenVersion: number;
  requestedAt: string;
  confirmedAt: string | null;
  nextDigestAt: string | null;
  /** At which hour of which zone (IANA) its owner wants digests; null: as the site has it. */
  digestHour: number | null;
  timeZone: string | null;
  /** When it had met so much in a day that it became a daily one. */
  calmedAt: string | null;
  /** Whether it tells when posts that it has found change or are withdrawn. */
  tellsChanges: boolean;
  /** Posts found since it was confirmed. */
  hits: number;
  lastHit: { postId: number; title: string; at: string } | null;
  lastMailAt: string | null;
}

/** What a query would have found lately. */
export interface AlertPreview {
  /** Days looked back. */
  days: number;
  /** Matching posts in that time. */
  posts: number;
  /** The latest, with the sentences that matched. */
  latest: Hit[];
  /** Posts of each whole week of these days, the earliest first. */
  weeks: number[];
  /** Other queries that may be meant, when these are very many posts or none. */
  proposals: Proposal[];
}

/** A query that may be meant instead. */
export type Proposal =
  /** So many of the posts are of a tag or source: without it they are fewer. */
  | { kind: 'exclude'; of: 'tag' | 'source'; name: string; posts: number; query: string }
  /** Spelt as posts have it, where nothing has it as it is typed. */
  | { kind: 'near'; posts: number; query: string }
  /** Asks for less, and finds so many posts. */
  | { kind: 'wider'; posts: number; query: string };

/**
 * Mails in a day after which an alert that tells at once becomes a daily one: nobody reads a mail an
 * hour, and mailbox providers take it for an attack.
 */
export const INSTANT_MAILS_PER_DAY_MAX = 24;

/** After so many days without a post, an alert says that it still watches. */
export const QUIET_DAYS = 30;
/** And again after so many, if it stays quiet. */
export const QUIET_AGAIN_DAYS = 90;

/** Posts that an alert has missed by a little. */
export interface NearMiss {
  /** What kept them out: a part left out, another spelling, a part more than they have, its policy. */
  kind: 'excluded' | 'near' | 'wider' | 'filtered';
  /** The query that meets them. */
  query: string;
  posts: number;
  /** The latest. */
  hits: Hit[];
}

/** An alert that has found nothing for long. */
export interface QuietAlert {
  id: number;
  name: string;
  /** Of its last post, or its beginning; ISO 8601, UTC. */
  since: string;
  hasFound: boolean;
  misses: NearMiss[];
}

/** A post that an alert has told of, and that is not as it was. */
export interface ToldChange {
  postId: number;
  kind: 'changed' | 'withdrawn';
  withdrawnBy: 'operator' | 'publisher' | null;
  /** The original. */
  url: string;
  title: string;
  /** Where it was told under another one. */
  formerTitle: string | null;
  /** Empty when the feed names no author. */
  byline: string;
  sourceTitle: string;
}

export type PreviewOutcome =
  | { kind: 'preview'; preview: AlertPreview }
  /** Postgres finds no word in the query that posts must have. */
  | { kind: 'no-word' }
  /** It takes too long, or too many look at this moment. An alert can have it all the same. */
  | { kind: 'too-costly' };

/** How complete what a digest tells is: a source that cannot be reached may have had more. */
export interface Coverage {
  /** Sources that are polled. */
  sources: number;
  /** Those of them that cannot be reached now. */
  unreachable: number;
  /** Some of them, the latest first; `since` ISO 8601, UTC. */
  latest: { title: string; since: string }[];
}
