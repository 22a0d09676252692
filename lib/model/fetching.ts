import type { CheckReason, PollReport } from './feed.ts';

// What our requests come to: on the wire, in a feed's ledger, and the rules that they keep.

/** What one fetch came to, its redirects included. */
export interface Exchange {
  /** Requests that were sent. */
  requests: number;
  /** Of the last answer; null when there was none. */
  status: number | null;
  /** It asked only for what has changed (RFC 9110, 13.1). */
  isConditional: boolean;
  /** Bytes of the bodies, as they came and after decompression. */
  wireBytes: number;
  bodyBytes: number;
  /** From the first look-up to the last byte, without waiting for the host's turn. */
  ms: number;
}

/** Of what was not asked at all. */
export const NOTHING_SPENT: Exchange = {
  requests: 0,
  status: null,
  isConditional: false,
  wireBytes: 0,
  bodyBytes: 0,
  ms: 0,
};

/** One poll as a feed's ledger keeps it. */
export interface PollEntry extends Exchange {
  outcome: PollReport['outcome'];
  /** New posts. */
  posts: number;
}

/** Polls that a feed's ledger keeps: the newest. */
export const POLLS_KEPT = 20;
/** Days (UTC) for which the sums of a feed are kept. */
export const DAYS_KEPT = 90;

/** The two exchanges as one that cost both; status and condition are those of `last`. */
export function addExchange(first: Exchange, last: Exchange): Exchange {
  return {
    ...last,
    requests: first.requests + last.requests,
    wireBytes: first.wireBytes + last.wireBytes,
    bodyBytes: first.bodyBytes + last.bodyBytes,
    ms: first.ms + last.ms,
  };
}

/** Why a feed is asked when it is: publishers read this too. */
export const CHECK_REASONS: Record<CheckReason, string> = {
  base: 'our usual pause',
  rhythm: 'by its own rhythm',
  cache: 'as its server asks (Cache-Control, Expires)',
  ttl: 'as its feed asks (ttl)',
  schedule: 'as its feed asks (sy:updatePeriod)',
  skip: 'past hours that its feed asks to skip',
  errors: 'since it could not be read',
  'retry-after': 'as its server asks (Retry-After)',
  network: 'for our own network was down',
  push: 'in case that a message of its hub was lost',
};

/** What can fail, in a few words; the kinds are those of FetchErrorKind, Unreadable and ours. */
const FAILURES: Record<string, string> = {
  dns: 'no such name',
  refused: 'nothing listened',
  timeout: 'no answer in time',
  tls: 'TLS does not hold',
  connection: 'connection broken off',
  blocked: 'not a public address',
  'too-large': 'too large',
  'too-many-redirects': 'too many redirects',
  'bad-redirect': 'redirected nowhere',
  encoding: 'broken encoding',
  empty: 'empty',
  'html-page': 'a web page, no feed',
  'several-feeds': 'a web page with several feeds',
  'known-feed': 'the page of a feed that is here',
  'not-a-feed': 'no feed',
  malformed: 'a broken feed',
  network: 'our own network was down',
};

function describeStatus(status: number | null): string {
  if (status === 401 || status === 403) return 'not for us to read';
  if (status === 404) return 'nothing there';
  return status !== null && status >= 500 ? 'a fault of the server' : 'an odd answer';
}

/** How a poll ended, in a few words. */
export function describePoll(
  poll: Pick<PollEntry, 'outcome' | 'status' | 'posts'> & { errorKind: string | null },
): string {
  switch (poll.outcome) {
    case 'unchanged':
      return poll.status === 304 ? 'not modified' : 'the same as before';
    case 'read':
      if (poll.posts === 0) return 'no new posts';
      return poll.posts === 1 ? '1 new post' : `${poll.posts} new posts`;
    case 'rate-limited':
      return 'asked us to come later';
    case 'gone':
      return 'gone';
    case 'failed':
      return poll.errorKind === 'http'
        ? describeStatus(poll.status)
        : (FAILURES[poll.errorKind ?? ''] ?? 'failed');
  }
}

/** `0 B`, `812 B`, `1.2 KB`, `34 KB`, `5.6 MB`. */
export function writeBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let amount = bytes;
  let unit = 0;
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= 1024;
    unit++;
  }
  const written =
    unit > 0 && amount < 10 ? amount.toFixed(1).replace('.0', '') : Math.round(amount);
  return `${written} ${units[unit]}`;
}

/** `95 %` of a whole; `–` of nothing. */
export const writeShare = (part: number, whole: number) =>
  whole === 0 ? '–' : `${Math.round((100 * part) / whole)} %`;
