import { nextCheck } from '../lib/ingest/next-check.ts';
import { log } from '../lib/log.ts';
import type { ClaimedFeed, FetchOutcome } from '../lib/model/feed.ts';
import { GONE_CONFIRMED_MS } from '../lib/model/fetch-policy.ts';
import type { PollEntry } from '../lib/model/fetching.ts';
import type { PollRecord } from '../lib/store/finish-poll.ts';
import type { Outage } from './network-watch.ts';

// Polls that failed through no fault of the feed, and those that end one.

/** Whether a feed that answers 410 now has done so for a day. */
export const isGoneForGood = ({ goneSince }: ClaimedFeed, now: Date): boolean =>
  goneSince !== null && now.getTime() - goneSince.getTime() >= GONE_CONFIRMED_MS;

/** At first; then as long as it has lasted. */
const OUTAGE_PAUSE_MS_MIN = 5 * 60_000;
/** With its spread an hour: feeds come back soon after the network. */
const OUTAGE_PAUSE_MS_MAX = 30 * 60_000;

/** Our own network was down: that is no failure of the feed, which is asked again soon. */
export function ourFault(message: string, entry: PollEntry, { lastsMs }: Outage): PollRecord {
  const pauseMs = Math.min(Math.max(lastsMs, OUTAGE_PAUSE_MS_MIN), OUTAGE_PAUSE_MS_MAX);
  return {
    next: {
      at: new Date(Date.now() + pauseMs * (1 + Math.random())),
      reason: 'network',
    },
    isGood: false,
    error: { kind: 'network', text: message, isOurs: true },
    entry,
  };
}

/** Keeps a poll that broke on our side from being tried again in a tight loop. */
export async function recordBroken(
  message: string,
  { id, errorCount }: ClaimedFeed,
  finish: (record: PollRecord) => Promise<void>,
): Promise<void> {
  const now = new Date();
  const outcome: FetchOutcome = { kind: 'failed', error: 'connection', message };
  try {
    await finish({
      next: nextCheck({ now, outcome, errorCount, random: Math.random() }),
      isGood: false,
      error: { kind: 'internal', text: message },
    });
  } catch (error) {
    // The database itself is away: the lease ends by itself, and the feed is due again then.
    log.error('feed.record_failed', { feedId: id, error });
  }
}
