import { config } from '../../lib/config.ts';
import { messageOf } from '../../lib/errors.ts';
import { type Fetched, fetchFeed } from '../../lib/ingest/fetch-feed.ts';
import { log } from '../../lib/log.ts';
import type { ClaimedFeed, PollReport } from '../../lib/model/feed.ts';
import { releaseFeed } from '../../lib/store/feed-claims.ts';
import { endTurn } from '../../lib/store/host-turns.ts';
import { finish, finishFetched, isFullCheckDue, nothing, type Result } from '../finish-fetched.ts';
import { type Next, runLanes } from '../lanes.ts';
import { countFetch, countPoll } from '../metrics.ts';
import { NetworkWatch, OUTAGES_OF_COMMANDS } from '../network-watch.ts';
import { nextDueFeed } from '../next-feed.ts';
import { recordBroken } from '../poll-failures.ts';

/**
 * Feeds in flight in one worker, until they are saved. That is all the back-pressure there is: a
 * feed waits for a thread in its lane, and posts that wait for index or alerts are rows. Not to
 * poll would lose what feeds drop meanwhile.
 */
export const POLLS_AT_ONCE_MAX = 16;

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
    countFetch(fetched);
    // Its host has answered: reading and saving take no part of its turn. Where there is neither,
    // the turn ends with the claim, so that no other feed is asked before a wish for rest is
    // written down. That holds the host's row until the commit, in the way of claims where it has
    // other slots.
    const endsWithClaim = fetched.kind !== 'modified' && config().fetchHostConcurrency === 1;
    if (!endsWithClaim) await endTurn(feed);
    result = await finishFetched(feed, fetched, { signal, watch });
  } catch (error) {
    if (signal?.aborted && (error as Error).name === 'AbortError') {
      await releaseFeed(feed);
      return undefined;
    }
    log.error('feed.poll_broken', { feedId: feed.id, url: feed.url, error });
    result = { ...nothing(feed), outcome: 'failed', message: messageOf(error) };
    await recordBroken(messageOf(error), feed, (record) => finish(feed, record));
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
): Promise<Fetched | undefined> {
  try {
    const validators = isFullCheckDue(feed) ? {} : feed.validators;
    const outcome = await fetchFeed(feed.url, validators, signal);
    return outcome.kind === 'failed' && signal?.aborted ? undefined : outcome;
  } catch (error) {
    if (signal?.aborted) return undefined;
    throw error;
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
  { signal, onReport, watch = new NetworkWatch(OUTAGES_OF_COMMANDS) }: PollOptions = {},
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
