import { everythingTag, sourcesTag, sourceTag } from '../cache-tags.ts';
import { dbPool, type Tx, transaction } from '../db.ts';
import type { OwnerWish } from '../model/owner-wish.ts';
import type { PostDraft } from '../model/post.ts';
import { writeCacheEvents } from './cache-events.ts';
import { settleFullTexts } from './full-text-queue.ts';
import { enqueue } from './jobs.ts';
import { type SavingFeed, savePosts } from './posts.ts';
import { readSources } from './story-candidates.ts';

// What publishers ask for by a line in their feeds, and the items that wait because of it.

const HOUR_MS = 60 * 60_000;

/** Follows a wish that its owner's line proves, from this poll on. */
export async function followOwnerWish(
  feed: { id: number; slug: string },
  wish: OwnerWish,
  now: Date,
): Promise<void> {
  await transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `UPDATE feeds f SET owner_display = $2::"FeedDisplay", owner_delay_hours = $3,
         owner_seen_at = $4
       FROM feeds before WHERE f.id = $1 AND before.id = f.id
         AND (before.owner_display, before.owner_delay_hours)
             IS DISTINCT FROM ($2::"FeedDisplay", $3::int)`,
      [feed.id, wish.display ?? null, wish.delayHours ?? null, now],
    );
    if (rowCount === 0) {
      await tx.query('UPDATE feeds SET owner_seen_at = $2 WHERE id = $1', [feed.id, now]);
    } else {
      await settleFullTexts(tx, feed.id);
      // Its posts stand in lists of all kinds.
      await writeCacheEvents(tx, [sourcesTag(), sourceTag(feed.slug), everythingTag()]);
    }
    if (wish.remove) {
      await removeSource(tx, feed, now);
      await settleFullTexts(tx, feed.id);
    }
  });
}

/** Takes a source's posts away and ends its polling; the row stays, so that nobody adds it again. */
async function removeSource(tx: Tx, feed: { id: number; slug: string }, now: Date): Promise<void> {
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
  await tx.query(
    `DELETE FROM post_sources s USING posts p
     WHERE s.feed_id = $1 AND p.id = s.post_id AND p.feed_id <> $1`,
    [feed.id],
  );
  // Should the source ever come back, its items count as changed, and are shown again.
  await tx.query(`UPDATE post_sources SET draft_hash = '' WHERE feed_id = $1`, [feed.id]);
  await tx.query('DELETE FROM held_drafts WHERE feed_id = $1', [feed.id]);
  await writeCacheEvents(tx, [everythingTag()]);
  await enqueue(tx, 'index-posts');
}

/** Guids, hashed, under which a feed has carried posts with these canonical URLs. */
export async function findGuids(
  feedId: number,
  canonicalUrls: readonly string[],
): Promise<string[]> {
  const { rows } = await dbPool().query<{ guidHash: string }>(
    `SELECT s.guid_hash AS "guidHash"
     FROM posts p JOIN post_sources s ON s.post_id = p.id AND s.feed_id = $1
     WHERE p.canonical_url = ANY($2)`,
    [feedId, canonicalUrls],
  );
  return rows.map((row) => row.guidHash);
}

/**
 * Keeps back what its publisher wants shown later. What is stored already is not held: its changes
 * are shown at once. An item that leaves the document while older ones stay in it was deleted.
 * @returns the drafts that are to be saved now.
 */
export async function holdDrafts(
  feedId: number,
  drafts: readonly PostDraft[],
  { delayHours, isWhole, now }: { delayHours: number; isWhole: boolean; now: Date },
): Promise<PostDraft[]> {
  const guidHashes = drafts.map((draft) => draft.guidHash);
  const known = await readSources(dbPool(), feedId, guidHashes);
  const { rows: held } = await dbPool().query<{ guidHash: string; heldAt: Date }>(
    `SELECT guid_hash AS "guidHash", held_at AS "heldAt" FROM held_drafts
     WHERE feed_id = $1 AND guid_hash = ANY($2)`,
    [feedId, guidHashes],
  );
  const heldAt = new Map(held.map((row) => [row.guidHash, row.heldAt]));
  const releaseAt = (draft: PostDraft) => {
    const since = draft.publishedAt ?? heldAt.get(draft.guidHash) ?? now;
    return new Date(since.getTime() + delayHours * HOUR_MS);
  };
  const early = drafts.filter((draft) => !known.has(draft.guidHash) && releaseAt(draft) > now);
  await dbPool().query(
    `INSERT INTO held_drafts (feed_id, guid_hash, draft, held_at, release_at)
     SELECT $1, r.guid_hash, r.draft, $4, r.release_at
     FROM unnest($2::text[], $3::jsonb[], $5::timestamptz[]) AS r (guid_hash, draft, release_at)
     ON CONFLICT (feed_id, guid_hash) DO UPDATE
       SET draft = excluded.draft, release_at = excluded.release_at`,
    [
      feedId,
      early.map((draft) => draft.guidHash),
      early.map((draft) => JSON.stringify(draft)),
      now,
      early.map(releaseAt),
    ],
  );
  const oldest = Math.min(...drafts.flatMap((draft) => draft.publishedAt?.getTime() ?? []));
  if (isWhole && Number.isFinite(oldest)) {
    await dbPool().query(
      `DELETE FROM held_drafts WHERE feed_id = $1 AND guid_hash <> ALL($2)
         AND (draft->>'publishedAt')::timestamptz > $3`,
      [feedId, guidHashes, new Date(oldest)],
    );
  }
  const waiting = new Set(early);
  return drafts.filter((draft) => !waiting.has(draft));
}

/** Feeds looked at in one run; the next one takes the others. */
const RELEASED_FEEDS_MAX = 100;

interface DueRow extends SavingFeed {
  drafts: PostDraft[];
}

const dateOf = (value: Date | string | null) => (value === null ? null : new Date(value));

/** Saves what has waited long enough. May run twice: what is saved again changes nothing. */
export async function releaseDrafts(now: Date): Promise<void> {
  const { rows } = await dbPool().query<DueRow>(
    `SELECT f.id, f.slug, f.first_good_at AS "firstGoodAt", f.feed_tags AS "feedTags",
            json_agg(h.draft ORDER BY h.release_at) AS drafts
     FROM held_drafts h JOIN feeds f ON f.id = h.feed_id
     WHERE h.release_at <= $1 GROUP BY f.id LIMIT $2`,
    [now, RELEASED_FEEDS_MAX],
  );
  for (const { drafts: stored, ...feed } of rows) {
    const drafts = stored.map((draft) => ({
      ...draft,
      publishedAt: dateOf(draft.publishedAt),
      updatedAt: dateOf(draft.updatedAt),
    }));
    // They are late by their publisher's wish, and no archive.
    await savePosts({ ...feed, lastGoodAt: new Date(0) }, drafts, { now, isWhole: false });
    await dbPool().query(
      `DELETE FROM held_drafts h USING unnest($2::text[], $3::text[]) AS r (guid_hash, draft_hash)
       WHERE h.feed_id = $1 AND h.guid_hash = r.guid_hash AND h.draft->>'draftHash' = r.draft_hash`,
      [feed.id, drafts.map((draft) => draft.guidHash), drafts.map((draft) => draft.draftHash)],
    );
  }
}
