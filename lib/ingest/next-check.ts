import type { FetchOutcome } from '../model/feed.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Asking more often finds nothing sooner for most feeds, and publishers see each request. */
const BASE_MS = HOUR_MS;
/** However long a server says that its answer keeps, a day without news is enough. */
const LONGEST_MS = 24 * HOUR_MS;
const ERROR_FIRST_MS = HOUR_MS;
/** A feed that fails for long is still tried once a week: it never stops silently. */
const ERROR_LONGEST_MS = 7 * 24 * HOUR_MS;
/** Feeds that were added together must not be asked together for ever. */
const JITTER_SHARE = 0.15;
/** A server that asks for longer is taken at its word no further than this. */
const RETRY_AFTER_LONGEST_MS = 7 * 24 * HOUR_MS;

export interface CheckContext {
  now: Date;
  outcome: FetchOutcome;
  /** Failed polls in a row before this one. */
  errorCount: number;
  /** RSS `ttl`, from the document. */
  ttlMinutes?: number | undefined;
  /** From 0 up to 1, by chance. */
  random: number;
}

/**
 * When a feed is to be asked again. Pure. What the server says of freshness (Cache-Control,
 * Expires) and the document (`ttl`) lengthens the pause up to a day; errors double it from an
 * hour to a week; Retry-After (RFC 9110, 10.2.3) is a lower bound.
 */
export function nextCheckAt(context: CheckContext): Date {
  const { outcome, now, random } = context;
  const isGood = outcome.kind === 'modified' || outcome.kind === 'not-modified';
  const pauseMs = isGood
    ? goodPause(outcome.freshSeconds, context.ttlMinutes)
    : errorPause(context.errorCount);
  const jittered = pauseMs * (1 + JITTER_SHARE * (2 * random - 1));
  const asked = retryAfterMs(outcome) ?? 0;
  return new Date(now.getTime() + Math.max(jittered, asked));
}

function goodPause(freshSeconds = 0, ttlMinutes = 0): number {
  const wished = Math.max(freshSeconds * 1000, ttlMinutes * MINUTE_MS);
  return Math.min(Math.max(BASE_MS, wished), LONGEST_MS);
}

function errorPause(errorCount: number): number {
  // 2 to a higher power is far beyond the longest pause anyway.
  return Math.min(ERROR_FIRST_MS * 2 ** Math.min(errorCount, 20), ERROR_LONGEST_MS);
}

function retryAfterMs(outcome: FetchOutcome): number | undefined {
  if (outcome.kind !== 'rate-limited' && outcome.kind !== 'failed') return undefined;
  if (outcome.retryAfterSeconds === undefined) return undefined;
  return Math.min(outcome.retryAfterSeconds * 1000, RETRY_AFTER_LONGEST_MS);
}

/** Until when a server asked to be left alone, if it did. */
export function retryAfterUntil(outcome: FetchOutcome, now: Date): Date | undefined {
  const ms = retryAfterMs(outcome);
  return ms === undefined ? undefined : new Date(now.getTime() + ms);
}
