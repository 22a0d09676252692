import { type Tx, transaction } from '../db.ts';
import { writeCacheEvents } from './cache-events.ts';
import { enqueue } from './jobs.ts';
import { listTraces } from './post-places.ts';

/**
 * Takes posts from pages, feeds, search and alerts, or (`by` null) shows them again; those that
 * already are as wished stay so. @returns ids of the others.
 */
async function setWithdrawn(
  tx: Tx,
  postIds: readonly number[],
  by: 'operator' | 'publisher' | null,
): Promise<number[]> {
  if (postIds.length === 0) return [];
  const { rows } = await tx.query<{ id: number }>(
    `UPDATE posts SET withdrawn_at = CASE WHEN $2 THEN now() END,
       withdrawn_by = CASE WHEN $2 THEN $3::"Withdrawer" END, changed_at = now(),
       indexed_at = NULL, matched_at = coalesce(matched_at, now())
     WHERE id = ANY($1) AND (withdrawn_at IS NULL) = $2 AND merged_into IS NULL RETURNING id`,
    [postIds, by !== null, by],
  );
  const ids = rows.map((row) => row.id);
  if (ids.length === 0) return [];
  await writeCacheEvents(tx, await listTraces(tx, ids));
  await enqueue(tx, 'index-posts');
  return ids;
}

/**
 * Withdraws posts in a transaction of the caller's. Their addresses answer 410 from then on. What
 * a publisher has taken back comes again when its feed brings it again; what the operator has
 * taken back does not.
 * @returns ids of the posts that were shown until now.
 */
export const withdrawPosts = (
  tx: Tx,
  postIds: readonly number[],
  by: 'operator' | 'publisher',
): Promise<number[]> => setWithdrawn(tx, postIds, by);

/**
 * Takes a post back for good, also when its feed brings it again. @returns false when there is no
 * such post, or it was withdrawn before.
 */
export const withdrawPost = (postId: number): Promise<boolean> =>
  transaction(async (tx) => (await setWithdrawn(tx, [postId], 'operator')).length > 0);

/** Shows a withdrawn post again; it is not alerted. @returns false when none was withdrawn. */
export const restorePost = (postId: number): Promise<boolean> =>
  transaction(async (tx) => (await setWithdrawn(tx, [postId], null)).length > 0);

/**
 * Follows an author's deletions (Atom tombstones): a post of the feed's own is withdrawn, one that
 * it only carried as well is no longer said to be in it.
 * @param guidHashes of the deleted items.
 * @returns ids of the posts withdrawn, and of those that lost this source.
 */
export async function followDeletions(
  tx: Tx,
  feedId: number,
  guidHashes: readonly string[],
): Promise<{ withdrawn: number[]; left: number[] }> {
  if (guidHashes.length === 0) return { withdrawn: [], left: [] };
  // The hash goes, so that the item counts as changed when it comes back.
  const { rows } = await tx.query<{ postId: number; isOwn: boolean }>(
    `UPDATE post_sources s SET draft_hash = ''
     FROM posts p WHERE p.id = s.post_id AND s.feed_id = $1 AND s.guid_hash = ANY($2)
     RETURNING s.post_id AS "postId", p.feed_id = $1 AS "isOwn"`,
    [feedId, guidHashes],
  );
  const own = rows.filter((row) => row.isOwn).map((row) => row.postId);
  const withdrawn = await withdrawPosts(tx, own, 'publisher');
  const left = rows.filter((row) => !row.isOwn).map((row) => row.postId);
  if (left.length > 0) {
    await writeCacheEvents(tx, await listTraces(tx, left));
    await tx.query(
      `DELETE FROM post_sources WHERE feed_id = $1 AND guid_hash = ANY($2) AND post_id = ANY($3)`,
      [feedId, guidHashes, left],
    );
  }
  return { withdrawn, left };
}
