import { createHash } from 'node:crypto';
import { config } from '../../lib/config.ts';
import { messageOf, unreachable } from '../../lib/errors.ts';
import { fetchFeed } from '../../lib/ingest/fetch-feed.ts';
import { settleMove } from '../../lib/ingest/moves.ts';
import { nextCheck, type Rhythm, retryAfterUntil, rhythmOf } from '../../lib/ingest/next-check.ts';
import { readFeed } from '../../lib/ingest/read-feed.ts';
import { log } from '../../lib/log.ts';
import type { ClaimedFeed, FetchOutcome, PollHints, PollReport } from '../../lib/model/feed.ts';
import { finishPoll, nameFeed, type PollRecord, releaseFeed } from '../../lib/store/feed-claims.ts';
import { endTurn } from '../../lib/store/host-turns.ts';
import { savePosts } from '../../lib/store/posts.ts';
import { type Next, runLanes } from '../lanes.ts';
import { countPoll } from '../metrics.ts';
import { NetworkWatch, OUTAGES } from '../network-watch.ts';
import { nextDueFeed } from '../next-feed.ts';

/**
 * Feeds in flight in one worker, until they are saved. That is all the back-pressure there is: a
 * feed waits for a thread in its lane, and posts that wait for index or alerts are rows. Not to
 * poll would lose what feeds drop meanwhile.
 */
export const POLLS_AT_ONCE_MAX = 16;
const GONE_CONFIRMED_MS = 24 * 60 * 60_000;
const OUR_FAULT_PAUSE_MS = 5 * 60_000;
/** Some servers say "not modified" for ever: once a week we ask as if for the first time. */
const FULL_CHECK_MS = 7 * 24 * 60 * 60_000;

type Result = Pick<PollReport, 'outcome' | 'inserted' | 'updated' | 'message' | 'title'>;
type Modified = Extract<FetchOutcome, { kind: 'modified' }>;

/**
 * Polls one claimed feed: asks for it, reads it, saves its posts and gives the claim back with
 * what was found. Failures of the feed are part of the report; failures of ours (the database
 * is away) are recorded if that is possible, and reported as well.
 * @returns undefined when `signal` called it off before the server had answered.
 */
export async function pollFeed(
  feed: ClaimedFeed,
  signal?: AbortSignal,
  watch?: NetworkWatch,
): Promise<PollReport | undefined> {
  const started = performance.now();
  let result: Result;
  try {
    const fetched = await fetchUnlessStopped(feed, signal);
    if (fetched === undefined) {
      await releaseFeed(feed);
      return undefined;
    }
    // Its host has answered: reading and saving are no part of its turn. After a 304 there is
    // neither, and the turn may end with the claim; but that holds the host's row until the
    // commit, in the way of claims where it has other slots.
    const isAtOnce = fetched.kind === 'not-modified' && config().fetchHostConcurrency === 1;
    if (!isAtOnce) await endTurn(feed);
    result = await finishFetched(feed, fetched, watch);
  } catch (error) {
    log.error('feed.poll_broken', { feedId: feed.id, url: feed.url, error });
    result = { ...nothing(feed), outcome: 'failed', message: messageOf(error) };
    await recordBroken(feed, messageOf(error));
  }
  const ms = Math.round(performance.now() - started);
  const report = { feedId: feed.id, url: feed.url, ms, ...result };
  const { title: _, ...fields } = report;
  log.info('feed.polled', fields);
  countPoll(report);
  return report;
}

/** What the server answered; undefined when `signal` called the request off. */
async function fetchUnlessStopped(
  feed: ClaimedFeed,
  signal: AbortSignal | undefined,
): Promise<FetchOutcome | undefined> {
  try {
    const validators = isFullCheckDue(feed) ? {} : feed.validators;
    const outcome = await fetchFeed(feed.url, validators, signal);
    return outcome.kind === 'failed' && signal?.aborted ? undefined : outcome;
  } catch (error) {
    if (signal?.aborted) return undefined;
    throw error;
  }
}

function isFullCheckDue({ fullCheckAt }: ClaimedFeed): boolean {
  return fullCheckAt === null || Date.now() - fullCheckAt.getTime() >= FULL_CHECK_MS;
}

/** Gives the claim back with what was found. */
async function finish(feed: ClaimedFeed, record: PollRecord): Promise<void> {
  if (await finishPoll(feed, record)) return;
  log.warn('feed.lease_lost', { feedId: feed.id, url: feed.url });
}

const nothing = (feed: ClaimedFeed) => ({ title: feed.title, inserted: 0, updated: 0 });

/** Failures of the way to a host, rather than of the host. */
const NETWORK_ERRORS: ReadonlySet<string> = new Set(['dns', 'timeout', 'connection']);

async function finishFetched(
  feed: ClaimedFeed,
  outcome: FetchOutcome,
  watch: NetworkWatch | undefined,
): Promise<Result> {
  const now = new Date();
  const next = (hints: PollHints = feed.hints, rhythm: Rhythm = feed) =>
    nextCheck({ now, outcome, hints, rhythm, errorCount: feed.errorCount, random: Math.random() });
  const { host } = new URL(feed.url);
  const isUnreached = outcome.kind === 'failed' && NETWORK_ERRORS.has(outcome.error);
  if (!isUnreached) await watch?.answered(host);
  switch (outcome.kind) {
    case 'not-modified':
      await finish(feed, {
        next: next(),
        isGood: true,
        isFullCheck: isFullCheckDue(feed),
        validators: outcome.validators,
        ...settleMove(feed, outcome.movedTo, now),
      });
      return { ...nothing(feed), outcome: 'unchanged' };
    case 'modified':
      return readModified(feed, outcome, now, next);
    case 'gone': {
      const isConfirmed =
        feed.errorKind === 'gone' &&
        feed.errorSince !== null &&
        now.getTime() - feed.errorSince.getTime() >= GONE_CONFIRMED_MS;
      await finish(feed, {
        next: next(),
        isGood: false,
        error: { kind: 'gone', text: outcome.message },
        ...(isConfirmed ? { status: 'gone' } : {}),
      });
      return { ...nothing(feed), outcome: 'gone', message: outcome.message };
    }
    case 'rate-limited':
    case 'failed': {
      const until = retryAfterUntil(outcome, now);
      const kind = outcome.kind === 'failed' ? outcome.error : outcome.kind;
      const { message } = outcome;
      const record: PollRecord = {
        next: next(),
        isGood: false,
        error: { kind, text: message },
        ...(until ? { retryAfterUntil: until } : {}),
      };
      if (isUnreached && watch) {
        await watch.failed(host, (isOurs) => finish(feed, isOurs ? ourFault(message) : record));
      } else {
        await finish(feed, record);
      }
      return {
        ...nothing(feed),
        outcome: outcome.kind === 'failed' ? 'failed' : 'rate-limited',
        message,
      };
    }
    default:
      return unreachable(outcome);
  }
}

/** Our own network was down: that is no failure of the feed, which is asked again soon. */
function ourFault(message: string): PollRecord {
  return {
    next: {
      at: new Date(Date.now() + OUR_FAULT_PAUSE_MS * (1 + Math.random())),
      reason: 'network',
    },
    isGood: false,
    error: { kind: 'network', text: message, isOurs: true },
  };
}

async function readModified(
  feed: ClaimedFeed,
  fetched: Modified,
  now: Date,
  next: (hints?: PollHints, rhythm?: Rhythm) => PollRecord['next'],
): Promise<Result> {
  const bodyHash = createHash('sha256').update(fetched.body).digest('hex');
  const good: PollRecord = {
    next: next(),
    isGood: true,
    isFullCheck: isFullCheckDue(feed),
    validators: fetched.validators,
    bodyHash,
    ...settleMove(feed, fetched.movedTo, now),
  };
  // For servers without validators: the same bytes need no reading.
  if (bodyHash === feed.bodyHash) {
    await finish(feed, good);
    return { ...nothing(feed), outcome: 'unchanged' };
  }
  const read = await readFeed(fetched.body, {
    url: fetched.finalUrl,
    now,
    ...(fetched.contentType === undefined ? {} : { contentType: fetched.contentType }),
  });
  if (read.kind === 'unreadable') {
    const { reason: kind, message } = read;
    const failed: FetchOutcome = { kind: 'failed', error: 'encoding', message };
    const { errorCount } = feed;
    await finish(feed, {
      next: nextCheck({ now, outcome: failed, errorCount, random: Math.random() }),
      isGood: false,
      error: { kind, text: message },
    });
    return { ...nothing(feed), outcome: 'failed', message };
  }
  const { link, description, language } = read.channel;
  const title = read.channel.title || new URL(feed.url).host;
  const slug = feed.firstGoodAt === null ? await nameFeed(feed, title) : feed.slug;
  if (slug === undefined) {
    const message = 'another worker has taken this feed over, for this poll took too long';
    return { ...nothing(feed), outcome: 'failed', message };
  }
  const { inserted, updated } = await savePosts({ ...feed, slug }, read.drafts, { now });
  const hints = read.channel.hints ?? {};
  const times = read.drafts.flatMap(({ publishedAt, updatedAt }) => publishedAt ?? updatedAt ?? []);
  const rhythm = rhythmOf(times, now);
  await finish(feed, {
    ...good,
    next: next(hints, rhythm),
    pace: { hints, ...rhythm },
    hasChanged: inserted.length + updated.length > 0,
    channel: { title, link, description, language },
  });
  return {
    title,
    outcome: 'read',
    inserted: inserted.length,
    updated: updated.length,
  };
}

/** Keeps a poll that broke on our side from being tried again in a tight loop. */
async function recordBroken(feed: ClaimedFeed, message: string): Promise<void> {
  const now = new Date();
  const outcome: FetchOutcome = { kind: 'failed', error: 'connection', message };
  const { errorCount } = feed;
  try {
    await finish(feed, {
      next: nextCheck({ now, outcome, errorCount, random: Math.random() }),
      isGood: false,
      error: { kind: 'internal', text: message },
    });
  } catch (error) {
    // The database itself is away: the lease ends by itself, and the feed is due again then.
    log.error('feed.record_failed', { feedId: feed.id, error });
  }
}

export interface PollOptions {
  signal?: AbortSignal;
  onReport?: (report: PollReport) => void;
  /** Knows from earlier runs whether our own network is down. */
  watch?: NetworkWatch;
}

/**
 * Polls feeds, a few at a time, until `next` gives none. An aborted `signal` calls requests off
 * and gives their feeds back; what has been fetched is still saved.
 */
export async function pollAll(
  next: () => Promise<Next<ClaimedFeed>>,
  { signal, onReport, watch = new NetworkWatch(OUTAGES) }: PollOptions = {},
): Promise<void> {
  const work = async (feed: ClaimedFeed) => {
    const report = await pollFeed(feed, signal, watch);
    if (report !== undefined) onReport?.(report);
  };
  try {
    await runLanes({ max: POLLS_AT_ONCE_MAX, next, work, signal });
  } finally {
    await watch.end();
  }
}

/** Polls every feed that is due. */
export async function pollDueFeeds(signal?: AbortSignal, watch?: NetworkWatch): Promise<void> {
  await pollAll(nextDueFeed, { ...(signal ? { signal } : {}), ...(watch ? { watch } : {}) });
}
