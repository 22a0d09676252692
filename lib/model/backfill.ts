/** More new items at once than this are a flood, if the feed is not as busy as that anyway. */
const FLOOD_ITEMS_MIN = 20;
/** Times the feed's usual number of items a week. */
const FLOOD_WEEKS_MIN = 5;
const OLD_MS = 30 * 24 * 60 * 60_000;
/** So many old items at once were not overlooked: an archive was brought back. */
const OLD_ITEMS_MIN = 5;
/** Fewer new items than this are never a flood: nothing need be counted. */
export const FLOOD_CHECKED_MIN = OLD_ITEMS_MIN + 1;

export interface FeedPast {
  /** Null before its first good poll. */
  firstGoodAt: Date | null;
  /** The last good poll before this one. */
  lastGoodAt: Date | null;
  /** Mean of the posts a week, lately. */
  postsPerWeek: number;
}

/**
 * Which of a poll's new items are backfill: stored, indexed and shown in their place, never
 * alerted. All of the first good poll's; and of a flood (a moved archive, new guids for old items)
 * those that were there before the last good poll, or whose time nobody knows.
 * @param published of each new item, in any order.
 * @returns the rule for one of them, by its time.
 */
export function findBackfill(
  feed: FeedPast,
  published: readonly (Date | null)[],
  now: Date,
): (date: Date | null) => boolean {
  if (feed.firstGoodAt === null) return () => true;
  const old = published.filter((date) => date !== null && now.getTime() - date.getTime() > OLD_MS);
  const isFlood =
    published.length > FLOOD_ITEMS_MIN && published.length > FLOOD_WEEKS_MIN * feed.postsPerWeek;
  if (!isFlood && old.length <= OLD_ITEMS_MIN) return () => false;
  const since = feed.lastGoodAt ?? feed.firstGoodAt;
  return (date) => date === null || date < since;
}
