import { type ReadOptions, readFeed } from '../lib/ingest/read-feed.ts';
import type { ReadOutcome } from '../lib/model/post.ts';
import { hasReusedGuids } from '../lib/store/story-candidates.ts';

/**
 * Reads the whole document of a feed: again, with addresses in its guids, where a guid stands for
 * another item than it did before. Some feeds have one item and one guid; as an edit, each would
 * take the place of the one before, and be no news.
 */
export async function readWhole(
  feed: { id: number; dividesGuids: boolean },
  body: Uint8Array,
  options: Omit<ReadOptions, 'dividesGuids'>,
): Promise<ReadOutcome> {
  const { dividesGuids } = feed;
  const read = await readFeed(body, { ...options, dividesGuids });
  if (read.kind === 'unreadable' || read.hasDoubledGuids || dividesGuids) return read;
  if (!(await hasReusedGuids(feed.id, read.drafts))) return read;
  const again = await readFeed(body, { ...options, dividesGuids: true });
  return again.kind === 'unreadable' ? again : { ...again, hasDoubledGuids: true };
}
