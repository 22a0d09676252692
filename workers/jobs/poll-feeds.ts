import { createHash } from 'node:crypto';
import { messageOf, unreachable } from '../../lib/errors.ts';
import { fetchFeed } from '../../lib/ingest/fetch-feed.ts';
import { nextCheckAt, retryAfterUntil } from '../../lib/ingest/next-check.ts';
import { readFeed } from '../../lib/ingest/read-feed.ts';
import { log } from '../../lib/log.ts';
import type { ClaimedFeed, FetchOutcome, PollReport } from '../../lib/model/feed.ts';
import { claimDueFeeds, finishPoll, type PollRecord, releaseFeed } from '../../lib/store/feeds.ts';
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
 */
export async function pollFeed(feed: ClaimedFeed): Promise<PollReport> {
  const started = performance.now();
  let result: Result;
  try {
    result = await pollClaimed(feed);
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

const nothing = (feed: ClaimedFeed) => ({ title: feed.title, inserted: 0, updated: 0 });

async function pollClaimed(feed: ClaimedFeed): Promise<Result> {
  const outcome = await fetchFeed(feed.url, feed.validators);
  const now = new Date();
  const nextAt = (ttlMinutes?: number) =>
    nextCheckAt({ now, outcome, ttlMinutes, errorCount: feed.errorCount, random: Math.random() });
  switch (outcome.kind) {
    case 'not-modified':
      await finishPoll(feed, {
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
      await finishPoll(feed, {
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
      await finishPoll(feed, {
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
    await finishPoll(feed, good);
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
    await finishPoll(feed, {
      nextCheckAt: nextCheckAt({ now, outcome: failed, errorCount, random: Math.random() }),
      isGood: false,
      error: { kind, text: message },
    });
    return { ...nothing(feed), outcome: 'failed', message };
  }
  const { inserted, updated } = await savePosts(feed, read.drafts, { now });
  const { title, link, description, language } = read.channel;
  await finishPoll(feed, {
    ...good,
    nextCheckAt: nextAt(read.channel.ttlMinutes),
    hasChanged: inserted.length + updated.length > 0,
    channel: { title: title === '' ? new URL(feed.url).host : title, link, description, language },
  });
  return {
    title: title || feed.title,
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
    await finishPoll(feed, {
      nextCheckAt: nextCheckAt({ now, outcome, errorCount, random: Math.random() }),
      isGood: false,
      error: { kind: 'internal', text: message },
    });
  } catch (error) {
    // The database itself is away: the lease ends by itself, and the feed is due again then.
    log.error('feed.record_failed', { feedId: feed.id, error });
  }
}

/** Works a list of feeds off, a few at a time, taking more from `claim` until it gives none. */
export async function pollAll(
  claim: () => Promise<ClaimedFeed[]>,
  options: { signal?: AbortSignal; onReport?: (report: PollReport) => void } = {},
): Promise<void> {
  const queue: ClaimedFeed[] = [];
  let claiming: Promise<void> | undefined;
  const refill = () => {
    claiming ??= claim()
      .then((feeds) => void queue.push(...feeds))
      .finally(() => {
        claiming = undefined;
      });
    return claiming;
  };
  const next = async () => {
    if (queue.length === 0) await refill();
    return queue.shift();
  };
  const runner = async () => {
    while (!options.signal?.aborted) {
      const feed = await next();
      if (feed === undefined) return;
      // On a line of its own: an optional call does not evaluate its arguments when nobody listens.
      const report = await pollFeed(feed);
      options.onReport?.(report);
    }
  };
  await Promise.all(Array.from({ length: POLLS_AT_ONCE_MAX }, runner));
  await Promise.all(queue.map(releaseFeed));
}

/** Polls every feed that is due. */
export async function pollDueFeeds(signal?: AbortSignal): Promise<void> {
  await pollAll(() => claimDueFeeds(POLLS_AT_ONCE_MAX), signal ? { signal } : {});
}
