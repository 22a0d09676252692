import { until } from '../../lib/embedded/process.ts';
import type { ClaimedFeed } from '../../lib/model/feed.ts';
import { claimFeed } from '../../lib/store/feed-claims.ts';
import { pollFeed } from '../../workers/jobs/poll-feeds.ts';

/** A row that somebody else writes is free again in a moment. */
const CLAIMED_MS_MAX = 5000;

/** Takes a feed, whatever its next check time says. */
export async function claimNow(feedId: number): Promise<ClaimedFeed> {
  let feed: ClaimedFeed | undefined;
  const take = async () => {
    feed = await claimFeed(feedId);
    return feed !== undefined;
  };
  if (await until(take, CLAIMED_MS_MAX)) return feed as unknown as ClaimedFeed;
  throw new Error(`feed ${feedId} cannot be claimed`);
}

/** Polls a feed, whatever its next check time says. */
export const pollNow = async (feedId: number) => pollFeed(await claimNow(feedId));
