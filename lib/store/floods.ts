import { sourceTag } from '../cache-tags.ts';
import { type Tx, transaction } from '../db.ts';
import { writeCacheEvents } from './cache-events.ts';
import { enqueue } from './jobs.ts';
import { endNotice, tell } from './notices.ts';
import { listTraces } from './post-places.ts';
import { withdrawPosts } from './withdrawals.ts';

// Polls that brought an archive. Their old items are shown in their places, but not among the
// newest of all, and alert nobody, until the operator decides otherwise.

/** Notes a flood, before its posts are inserted. @returns its id. */
export async function insertFlood(tx: Tx, feedId: number, posts: number): Promise<number> {
  const { rows } = await tx.query<{ id: number; url: string }>(
    `WITH flood AS (INSERT INTO floods (feed_id, posts) VALUES ($1, $2) RETURNING id)
     SELECT flood.id, f.url FROM flood, feeds f WHERE f.id = $1`,
    [feedId, posts],
  );
  const [flood] = rows;
  if (flood === undefined) throw new Error('inserting a flood gave no row');
  const { id, url } = flood;
  await tell(tx, 'flood', feedId, String(id), { url, flood: id, posts });
  return id;
}

/** Decides on a flood that is held. @returns ids of its posts; undefined when none is held. */
async function decide(
  id: number,
  state: 'released' | 'dropped',
  work: (tx: Tx, postIds: number[]) => Promise<void>,
): Promise<number | undefined> {
  return transaction(async (tx) => {
    const { rows } = await tx.query<{ slug: string; feedId: number }>(
      `UPDATE floods fl SET state = $2::"FloodState", decided_at = now() FROM feeds f
       WHERE fl.id = $1 AND fl.state = 'held' AND f.id = fl.feed_id
       RETURNING f.slug, f.id AS "feedId"`,
      [id, state],
    );
    const [feed] = rows;
    if (feed === undefined) return undefined;
    const posts = await tx.query<{ id: number }>('SELECT id FROM posts WHERE flood_id = $1', [id]);
    const postIds = posts.rows.map((row) => row.id);
    await work(tx, postIds);
    await writeCacheEvents(tx, [sourceTag(feed.slug)]);
    await endNotice(tx, 'flood', feed.feedId, String(id));
    return postIds.length;
  });
}

/**
 * Makes ordinary posts of a flood's: among the newest, and matched with the alerts that were in
 * force when they were first seen. @returns their number; undefined when no such flood is held.
 */
export const releaseFlood = (id: number): Promise<number | undefined> =>
  decide(id, 'released', async (tx, postIds) => {
    await tx.query(
      `UPDATE posts SET quiet = false, backfill = false, matched_at = NULL
       WHERE id = ANY($1) AND withdrawn_at IS NULL`,
      [postIds],
    );
    await writeCacheEvents(tx, await listTraces(tx, postIds));
    await enqueue(tx, 'match-alerts');
  });

/** Withdraws a flood's posts. @returns their number; undefined when no such flood is held. */
export const dropFlood = (id: number): Promise<number | undefined> =>
  decide(id, 'dropped', async (tx, postIds) => {
    await withdrawPosts(tx, postIds, 'operator');
  });
