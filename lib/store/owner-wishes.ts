import { everythingTag, sourcesTag, sourceTag } from '../cache-tags.ts';
import { dbPool, type Tx } from '../db.ts';
import type { OwnerReport, OwnerWish } from '../model/owner-wish.ts';
import { writeCacheEvents } from './cache-events.ts';
import { settleFullTexts } from './full-text-queue.ts';
import { enqueue } from './jobs.ts';
import { leaveStories } from './leave-stories.ts';
import { transactionAgain } from './transaction-again.ts';

// What publishers ask for by a line in their feeds.

/**
 * Follows a wish that its owner's line proves, from this poll on. Where the report has faults, what
 * the wish does not name stays as it was: the word that was not understood may have meant it.
 * @returns the hours of delay that are in force now.
 */
export async function followOwnerWish(
  feed: { id: number; slug: string },
  wish: OwnerWish,
  report: OwnerReport,
  now: Date,
): Promise<number | null> {
  return transactionAgain(async (tx) => {
    const { rows } = await tx.query<{ delayHours: number | null; isOther: boolean }>(
      `UPDATE feeds f SET owner_seen_at = $4, owner_report = $6,
         owner_display = coalesce($2::"FeedDisplay", CASE WHEN $5 THEN f.owner_display END),
         owner_delay_hours =
           nullif(coalesce($3::int, CASE WHEN $5 THEN f.owner_delay_hours END), 0)
       FROM feeds before WHERE f.id = $1 AND before.id = f.id
       RETURNING f.owner_delay_hours AS "delayHours",
         (f.owner_display, f.owner_delay_hours, f.owner_report) IS DISTINCT FROM
         (before.owner_display, before.owner_delay_hours, before.owner_report) AS "isOther"`,
      [
        feed.id,
        wish.display ?? null,
        wish.delayHours ?? null,
        now,
        report.faults.length > 0,
        JSON.stringify(report),
      ],
    );
    if (rows[0]?.isOther) {
      await settleFullTexts(tx, feed.id);
      // Its posts stand in lists of all kinds.
      await writeCacheEvents(tx, [sourcesTag(), sourceTag(feed.slug), everythingTag()]);
    }
    if (wish.remove) {
      await removeSource(tx, feed, now);
      await settleFullTexts(tx, feed.id);
    }
    return rows[0]?.delayHours ?? null;
  });
}

/**
 * Takes a source's posts away and ends its polling; the row stays, so that nobody adds it again.
 * Stories that others carry too are theirs from then on.
 */
async function removeSource(tx: Tx, feed: { id: number; slug: string }, now: Date): Promise<void> {
  await leaveStories(tx, feed.id);
  await tx.query(
    `UPDATE feeds SET status = 'gone', owner_removed_at = coalesce(owner_removed_at, $2)
     WHERE id = $1`,
    [feed.id, now],
  );
  await tx.query(
    `UPDATE posts SET withdrawn_at = $2, withdrawn_by = 'publisher', indexed_at = NULL,
       matched_at = coalesce(matched_at, $2), changed_at = greatest($2, changed_at)
     WHERE feed_id = $1 AND withdrawn_at IS NULL`,
    [feed.id, now],
  );
  // Should the source ever come back, its items count as changed, and are shown again.
  await tx.query(`UPDATE post_sources SET draft_hash = '' WHERE feed_id = $1`, [feed.id]);
  await tx.query('DELETE FROM held_drafts WHERE feed_id = $1', [feed.id]);
  await writeCacheEvents(tx, [everythingTag()]);
  await enqueue(tx, 'index-posts');
}

/** What a feed has carried: as it says, and as it is known. */
interface Carried {
  guidHash: string;
  url: string;
  canonicalUrl: string;
}

/** What a feed has carried of posts with these canonical URLs, or under these addresses. */
export async function findCarried(
  feedId: number,
  { canonicalUrls, urls }: { canonicalUrls: readonly string[]; urls: readonly string[] },
): Promise<Carried[]> {
  const { rows } = await dbPool().query<Carried>(
    // Each by its own index, which OR would use neither of.
    `WITH met AS (
       SELECT s.guid_hash FROM posts p JOIN post_sources s ON s.post_id = p.id AND s.feed_id = $1
       WHERE p.canonical_url = ANY($2)
       UNION SELECT guid_hash FROM post_sources WHERE feed_id = $1 AND url = ANY($3))
     SELECT s.guid_hash AS "guidHash", s.url, p.canonical_url AS "canonicalUrl"
     FROM met JOIN post_sources s ON s.feed_id = $1 AND s.guid_hash = met.guid_hash
     JOIN posts p ON p.id = s.post_id`,
    [feedId, canonicalUrls, urls],
  );
  return rows;
}

/** Which of these guids of a feed, hashed, are of posts that its publisher has taken back. */
export async function findTakenBack(
  feedId: number,
  guidHashes: readonly string[],
): Promise<Set<string>> {
  const { rows } = await dbPool().query<{ guidHash: string }>(
    `SELECT s.guid_hash AS "guidHash" FROM post_sources s JOIN posts p ON p.id = s.post_id
     WHERE s.feed_id = $1 AND s.guid_hash = ANY($2) AND p.withdrawn_by = 'publisher'`,
    [feedId, guidHashes],
  );
  return new Set(rows.map((row) => row.guidHash));
}
