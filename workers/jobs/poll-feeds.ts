import { createHash } from 'node:crypto';
import { messageOf, unreachable } from '../../lib/errors.ts';
import { fetchFeed } from '../../lib/ingest/fetch-feed.ts';
import { nextCheckAt, retryAfterUntil } from '../../lib/ingest/next-check.ts';
import { readFeed } from '../../lib/ingest/read-feed.ts';
import { log } from '../../lib/log.ts';
import type { ClaimedFeed, FetchOutcome, PollReport } from '../../lib/model/feed.ts';
import {
  claimDueFeed,
  finishPoll,
  nameFeed,
  type PollRecord,
  releaseFeed,
} from '../../lib/store/feed-claims.ts';
import { savePosts } from '../../lib/store/posts.ts';
import { countPoll } from '../metrics.ts';

/** Feeds in flight in one worker. Hosts are spaced apart on their own (lib/fetch/spacing.ts). */
export const POLLS_AT_ONCE_MAX = 16;
const GONE_CONFIRMED_MS = 24 * 60 * 60_000;

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
): Promise<PollReport | undefined> {
  const started = performance.now();
  let result: Result;
  try {
    const fetched = await fetchUnlessStopped(feed, signal);
    if (fetched === undefined) {
      await releaseFeed(feed);
      return undefined;
    }
    result = await finishFetched(feed, fetched);
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
    const outcome = await fetchFeed(feed.url, feed.validators, signal);
    return outcome.kind === 'failed' && signal?.aborted ? undefined : outcome;
  } catch (error) {
    if (signal?.aborted) return undefined;
    throw error;
  }
}

/** Gives the claim back with what was found. */
async function finish(feed: ClaimedFeed, record: PollRecord): Promise<void> {
  if (await finishPoll(feed, record)) return;
  log.warn('feed.lease_lost', { feedId: feed.id, url: feed.url });
}

const nothing = (feed: ClaimedFeed) => ({ title: feed.title, inserted: 0, updated: 0 });

async function finishFetched(feed: ClaimedFeed, outcome: FetchOutcome): Promise<Result> {
  const now = new Date();
  const nextAt = (ttlMinutes?: number) =>
    nextCheckAt({ now, outcome, ttlMinutes, errorCount: feed.errorCount, random: Math.random() });
  switch (outcome.kind) {
    case 'not-modified':
      await finish(feed, {
        nextCheckAt: nextAt(),
        isGood: true,
        validators: outcome.validators,
      });
      return { ...nothing(feed), outcome: 'unchanged' };
    case 'modified':
      return readModified(feed, outcome, now, nextAt);
    case 'gone': {
      const isConfirmed =
        feed.errorKind === 'gone' &&
        feed.errorSince !== null &&
        now.getTime() - feed.errorSince.getTime() >= GONE_CONFIRMED_MS;
      await finish(feed, {
        nextCheckAt: nextAt(),
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
      await finish(feed, {
        nextCheckAt: nextAt(),
        isGood: false,
        error: { kind, text: outcome.message },
        ...(until ? { retryAfterUntil: until } : {}),
      });
      const { message } = outcome;
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

async function readModified(
  feed: ClaimedFeed,
  fetched: Modified,
  now: Date,
  nextAt: (ttlMinutes?: number) => Date,
): Promise<Result> {
  const bodyHash = createHash('sha256').update(fetched.body).digest('hex');
  const movedTo = upgradedUrl(feed.url, fetched.movedTo);
  const good: PollRecord = {
    nextCheckAt: nextAt(),
    isGood: true,
    validators: fetched.validators,
    bodyHash,
    ...(movedTo ? { movedTo } : {}),
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
      nextCheckAt: nextCheckAt({ now, outcome: failed, errorCount, random: Math.random() }),
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
  await finish(feed, {
    ...good,
    nextCheckAt: nextAt(read.channel.ttlMinutes),
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

/** A move from http to https of one host is stored at once; other moves must hold for a while. */
function upgradedUrl(from: string, to: string | undefined): string | undefined {
  if (to === undefined) return undefined;
  const [old, target] = [new URL(from), new URL(to)];
  const isUpgrade =
    old.protocol === 'http:' && target.protocol === 'https:' && old.host === target.host;
  return isUpgrade ? target.href : undefined;
}

/** Keeps a poll that broke on our side from being tried again in a tight loop. */
async function recordBroken(feed: ClaimedFeed, message: string): Promise<void> {
  const now = new Date();
  const outcome: FetchOutcome = { kind: 'failed', error: 'connection', message };
  const { errorCount } = feed;
  try {
    await finish(feed, {
      nextCheckAt: nextCheckAt({ now, outcome, errorCount, random: Math.random() }),
      isGood: false,
      error: { kind: 'internal', text: message },
    });
  } catch (error) {
    // The database itself is away: the lease ends by itself, and the feed is due again then.
    log.error('feed.record_failed', { feedId: feed.id, error });
  }
}

/**
 * Polls feeds, a few at a time, until `claim` gives none. An aborted `signal` calls requests off
 * and gives their feeds back; what has been fetched is still saved.
 */
export async function pollAll(
  claim: () => Promise<ClaimedFeed | undefined>,
  options: { signal?: AbortSignal; onReport?: (report: PollReport) => void } = {},
): Promise<void> {
  const { signal, onReport } = options;
  const lanes: Promise<void>[] = [];
  let failure: { error: unknown } | undefined;
  const lane = async () => {
    while (!signal?.aborted && failure === undefined) {
      const feed = await claim();
      if (feed === undefined) return;
      // As long as there are feeds, one lane opens the next: an idle tick costs one query.
      open();
      const report = await pollFeed(feed, signal);
      if (report !== undefined) onReport?.(report);
    }
  };
  const open = () => {
    if (lanes.length === POLLS_AT_ONCE_MAX) return;
    lanes.push(
      lane().catch((error) => {
        failure ??= { error };
      }),
    );
  };
  open();
  for (const each of lanes) await each;
  if (failure !== undefined) throw failure.error;
}

/** Polls every feed that is due. */
export async function pollDueFeeds(signal?: AbortSignal): Promise<void> {
  await pollAll(claimDueFeed, signal ? { signal } : {});
}
