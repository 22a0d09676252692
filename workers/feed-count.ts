import { tellFeedCount } from '../lib/fetch/user-agent.ts';
import { countPolledFeeds } from '../lib/store/feeds.ts';

/** Lets the user agent say how many feeds are polled now. */
export async function refreshFeedCount(): Promise<void> {
  tellFeedCount(await countPolledFeeds());
}
