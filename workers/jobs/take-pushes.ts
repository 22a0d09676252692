import { unreachable } from '../../lib/errors.ts';
import { readFeed } from '../../lib/ingest/read-feed.ts';
import { log } from '../../lib/log.ts';
import { savePosts } from '../../lib/store/posts.ts';
import { hasReusedGuids } from '../../lib/store/story-candidates.ts';
import {
  type ClaimedPush,
  claimPush,
  finishPush,
  type PushEnd,
} from '../../lib/store/websub-pushes.ts';
import { countPush } from '../metrics.ts';
import { followOwner } from '../owner-lines.ts';

/** One that has ended so many workers is not given to another. */
const ATTEMPTS_MAX = 3;

/** How a push ended, for logs and metrics. */
export interface PushReport {
  outcome: 'saved' | 'unchanged' | 'empty' | 'unreadable' | 'dropped' | 'failed';
  inserted: number;
  updated: number;
  message?: string;
}

const without = (outcome: PushReport['outcome'], message?: string): PushReport => ({
  outcome,
  inserted: 0,
  updated: 0,
  ...(message === undefined ? {} : { message }),
});

async function read(push: ClaimedPush, now: Date): Promise<PushReport> {
  const { feed, body, contentType } = push;
  if (feed === null || feed.status !== 'active')
    return without('dropped', 'its feed is not polled');
  if (push.status === 'ending') return without('dropped', 'its subscription has been ended');
  if (body.length === 0) return without('empty');
  if (push.attempts > ATTEMPTS_MAX) {
    return without('unreadable', `${ATTEMPTS_MAX} workers have begun with it and not come back`);
  }
  const outcome = await readFeed(body, {
    url: push.topic,
    contentType: contentType ?? undefined,
    dividesGuids: feed.dividesGuids,
    now,
  });
  if (outcome.kind === 'unreadable') return without('unreadable', outcome.message);
  // What has left the feed, only a poll can tell.
  if (!feed.dividesGuids && (await hasReusedGuids(feed.id, outcome.drafts))) {
    return without('unreadable', 'a guid in it stood for another item before');
  }
  const document = { ...outcome, isWhole: false };
  const wanted = await followOwner(feed, feed.slug, document, now);
  if (wanted === undefined) return without('dropped', 'its publisher has taken it out');
  const { inserted, updated } = await savePosts(feed, wanted.drafts, {
    now,
    isWhole: false,
    deletedGuids: wanted.deletedGuids,
  });
  return {
    outcome: inserted.length + updated.length > 0 ? 'saved' : 'unchanged',
    inserted: inserted.length,
    updated: updated.length,
  };
}

function endOf({ outcome, updated }: PushReport): PushEnd | undefined {
  switch (outcome) {
    case 'saved':
    case 'unchanged':
      return { kind: 'read', hasChanged: outcome === 'saved', hasEdits: updated > 0 };
    case 'empty':
    case 'unreadable':
      return { kind: 'poll' };
    case 'dropped':
      return { kind: 'dropped' };
    case 'failed':
      return undefined;
    default:
      return unreachable(outcome);
  }
}

/** Reads one push and saves its posts, as a poll would. A failure of ours leaves it for later. */
async function takePush(push: ClaimedPush, now: Date): Promise<PushReport> {
  const started = performance.now();
  const { id: pushId, subscriptionId, receivedAt } = push;
  let report: PushReport;
  try {
    report = await read(push, now);
    const end = endOf(report);
    if (end !== undefined) await finishPush(push, end, now);
  } catch (error) {
    // The others go on; this one is claimed for a while, and tried again after that.
    log.error('websub.push_broken', { pushId, subscriptionId, error });
    report = without('failed');
  }
  const ms = Math.round(performance.now() - started);
  const waitedMs = now.getTime() - receivedAt.getTime();
  const feedId = push.feed?.id;
  log.info('websub.push_taken', { subscriptionId, feedId, ...report, waitedMs, ms });
  countPush(report);
  return report;
}

/**
 * Reads every push that waits: its posts are saved exactly as a poll would save them. What cannot
 * be read, or says only that there is news, leads to a poll. May run twice and anywhere.
 * @param signal stops it between two.
 * @returns how each ended.
 */
export async function takePushes(signal?: AbortSignal): Promise<PushReport[]> {
  const reports: PushReport[] = [];
  while (!signal?.aborted) {
    const now = new Date();
    const push = await claimPush(now);
    if (push === undefined) break;
    reports.push(await takePush(push, now));
  }
  return reports;
}
