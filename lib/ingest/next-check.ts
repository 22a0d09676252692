import type { CheckReason, FetchOutcome, PollHints } from '../model/feed.ts';
import {
  CHECK_LONGEST_MS,
  CHECK_SHORTEST_MS,
  ERROR_FIRST_MS,
  ERROR_LONGEST_MS,
  LOOKS_PER_GAP,
  PUSHED_SHORTEST_MS,
  RETRY_AFTER_LONGEST_MS,
} from '../model/fetch-policy.ts';
import { isPushed, type PushState } from '../model/websub.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** For a feed whose rhythm is not known yet. */
const BASE_MS = HOUR_MS;
/** A feed that has been silent for a day is asked every hour, one for a month once a day. */
const LOOKS_PER_SILENCE = 24;
/** Feeds that were added together must not be asked together for ever. */
const JITTER_SHARE = 0.15;

/** How often a feed brings something. */
export interface Rhythm {
  /** Median of the minutes between its newest items; null when there are too few to tell. */
  rhythmMinutes: number | null;
  newestAt: Date | null;
}

export interface CheckContext {
  now: Date;
  outcome: FetchOutcome;
  /** Failed polls in a row before this one. */
  errorCount: number;
  /** For how long an earlier answer was to keep: a 304 need not say it again (RFC 9111, 4.3.4). */
  keptSeconds?: number | null;
  /** From the document, also of an earlier poll. */
  hints?: PollHints;
  rhythm?: Rhythm;
  /** Its subscription with a hub, if there is one. */
  push?: PushState | null;
  /** From 0 up to 1, by chance. */
  random: number;
}

export interface NextCheck {
  at: Date;
  /** What decided, for the source's page and the operator. */
  reason: CheckReason;
}

/**
 * When a feed is to be asked again, and why then. Pure. The feed's own rhythm decides, from 15
 * minutes to a day (an hour while it is not known); what server (Cache-Control, Expires) and
 * document (ttl, sy:*, skipHours, skipDays) say makes the pause longer, up to a day. Of a feed whose
 * news comes by itself (WebSub) it is half a day at least. Errors double it from an hour to a week.
 * Retry-After (RFC 9110, 10.2.3) is a lower bound on any error.
 */
export function nextCheck(context: CheckContext): NextCheck {
  const { outcome, now, random } = context;
  const isGood = outcome.kind === 'modified' || outcome.kind === 'not-modified';
  const later = (ms: number) => new Date(now.getTime() + ms);
  if (!isGood) {
    const pauseMs = spread(
      errorPause(context.errorCount),
      random,
      ERROR_FIRST_MS,
      ERROR_LONGEST_MS,
    );
    const asked = retryAfterMs(outcome) ?? 0;
    return asked > pauseMs
      ? { at: later(asked), reason: 'retry-after' }
      : { at: later(pauseMs), reason: 'errors' };
  }
  const own = ownPause(context.rhythm, now);
  const fresh = freshSecondsOf(outcome, context.keptSeconds);
  const wish = longestWish(fresh, context.hints, isPushed(context.push, now));
  const ownMs = spread(own.ms, random, CHECK_SHORTEST_MS, CHECK_LONGEST_MS);
  const isWish = wish.ms > ownMs;
  const pauseMs = isWish ? beyond(wish.ms, random) : ownMs;
  const at = later(pauseMs);
  const open = firstOpen(at, context.hints, later(CHECK_LONGEST_MS), random);
  if (open > at) return { at: open, reason: 'skip' };
  return { at, reason: isWish ? wish.reason : own.reason };
}

/**
 * A pause with its jitter, up to 15 % to either side. Where that is shorter than `leastMs` or longer
 * than `mostMs` it goes to the other side, so that feeds at a bound do not meet there.
 */
function spread(ms: number, random: number, leastMs: number, mostMs: number): number {
  const spreadMs = ms * (1 + JITTER_SHARE * (2 * random - 1));
  if (spreadMs > mostMs) return mostMs * (1 - JITTER_SHARE * random);
  return spreadMs < leastMs ? Math.min(leastMs * (1 + JITTER_SHARE * random), mostMs) : spreadMs;
}

/**
 * A pause that somebody asked for, or somewhat more, up to a day: those whose server says the same
 * must not meet again at the same moment either, and nobody is asked sooner than it wishes.
 */
function beyond(ms: number, random: number): number {
  return ms + Math.min(JITTER_SHARE * ms, CHECK_LONGEST_MS - ms) * random;
}

/** How long a good answer keeps, in seconds, as far as its server has ever said. */
export function freshSecondsOf(
  outcome: FetchOutcome,
  keptSeconds: number | null | undefined,
): number | undefined {
  if (outcome.kind === 'modified') return outcome.freshSeconds;
  if (outcome.kind !== 'not-modified') return undefined;
  return outcome.freshSeconds ?? keptSeconds ?? undefined;
}

function ownPause(rhythm: Rhythm | undefined, now: Date): { ms: number; reason: CheckReason } {
  const { rhythmMinutes = null, newestAt = null } = rhythm ?? {};
  if (rhythmMinutes === null || newestAt === null) return { ms: BASE_MS, reason: 'base' };
  const silenceMs = Math.max(0, now.getTime() - newestAt.getTime());
  const ms = Math.max(
    (rhythmMinutes * MINUTE_MS) / LOOKS_PER_GAP,
    silenceMs / LOOKS_PER_SILENCE,
    CHECK_SHORTEST_MS,
  );
  return { ms: Math.min(ms, CHECK_LONGEST_MS), reason: 'rhythm' };
}

/** The longest pause that server, document and hub allow for, no longer than a day. */
function longestWish(
  freshSeconds = 0,
  hints: PollHints = {},
  isTold = false,
): { ms: number; reason: CheckReason } {
  const wishes: { ms: number; reason: CheckReason }[] = [
    { ms: freshSeconds * 1000, reason: 'cache' },
    { ms: (hints.ttlMinutes ?? 0) * MINUTE_MS, reason: 'ttl' },
    { ms: (hints.updateMinutes ?? 0) * MINUTE_MS, reason: 'schedule' },
    { ms: isTold ? PUSHED_SHORTEST_MS : 0, reason: 'push' },
  ];
  const longest = wishes.reduce((best, wish) => (wish.ms > best.ms ? wish : best));
  return { ...longest, ms: Math.min(longest.ms, CHECK_LONGEST_MS) };
}

/**
 * The first moment from `at` on that the feed does not ask to be skipped, or soon after it; at
 * most `latest`.
 */
function firstOpen(at: Date, hints: PollHints = {}, latest: Date, random: number): Date {
  const { skipHours = [], skipDays = [] } = hints;
  let open = at;
  while (skipHours.includes(open.getUTCHours()) || skipDays.includes(open.getUTCDay())) {
    open = new Date((Math.floor(open.getTime() / HOUR_MS) + 1) * HOUR_MS);
    if (open >= latest) return latest;
  }
  if (open === at) return at;
  const jittered = new Date(open.getTime() + JITTER_SHARE * random * HOUR_MS);
  return jittered < latest ? jittered : latest;
}

function errorPause(errorCount: number): number {
  // 2 to a higher power is far beyond the longest pause anyway.
  return Math.min(ERROR_FIRST_MS * 2 ** Math.min(errorCount, 20), ERROR_LONGEST_MS);
}

function retryAfterMs(outcome: FetchOutcome): number | undefined {
  if (outcome.kind === 'modified' || outcome.kind === 'not-modified') return undefined;
  if (outcome.retryAfterSeconds === undefined) return undefined;
  return Math.min(outcome.retryAfterSeconds * 1000, RETRY_AFTER_LONGEST_MS);
}

/** Until when a server asked to be left alone, if it did. */
export function retryAfterUntil(outcome: FetchOutcome, now: Date): Date | undefined {
  const ms = retryAfterMs(outcome);
  return ms === undefined ? undefined : new Date(now.getTime() + ms);
}

/** Items looked at, the newest; fewer than three say nothing. */
const RHYTHM_ITEMS_MAX = 10;
const RHYTHM_ITEMS_MIN = 3;

/** The rhythm of a feed from the times of its items; times in the future do not count. */
export function rhythmOf(times: readonly Date[], now: Date): Rhythm {
  const past = times
    .map((time) => time.getTime())
    .filter((ms) => ms <= now.getTime())
    .sort((a, b) => b - a)
    .slice(0, RHYTHM_ITEMS_MAX);
  const [newest] = past;
  if (newest === undefined) return { rhythmMinutes: null, newestAt: null };
  const newestAt = new Date(newest);
  const gaps = past.slice(1).map((ms, i) => ((past[i] ?? ms) - ms) / MINUTE_MS);
  const median = gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
  // Items that all bear one time were dated by a machine, not by a rhythm.
  if (past.length < RHYTHM_ITEMS_MIN || median < 1) return { rhythmMinutes: null, newestAt };
  return { rhythmMinutes: Math.round(median), newestAt };
}
