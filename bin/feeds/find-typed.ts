import { readFeedAddress } from '../../lib/model/feed-address.ts';
import { type FeedRow, findFeedByUrl } from '../../lib/store/feeds.ts';

/**
 * The feed that is meant by a typed address, read as `feeds add` reads it: a bare one is https, or
 * http where there is no such feed.
 */
export async function findTypedFeed(typed: string): Promise<FeedRow | undefined> {
  const url = readFeedAddress(typed) ?? typed;
  const found = await findFeedByUrl(url);
  if (found !== undefined || /^https?:/iu.test(typed.trim())) return found;
  return findFeedByUrl(url.replace(/^https:/u, 'http:'));
}
