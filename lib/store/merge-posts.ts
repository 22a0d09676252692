import { dbPool, type Tx } from '../db.ts';
import { writeCacheEvents } from './cache-events.ts';
import { findTwins, TWINS_COMPARED_MAX, type Twin } from './find-twins.ts';
import { enqueue } from './jobs.ts';
import { listTraces } from './post-places.ts';
import { writeWords } from './post-rows.ts';
import { inSlices } from './slices.ts';
import { OTHERS_POSITION_MIN } from './tags.ts';
import { transactionAgain } from './transaction-again.ts';

// Stored posts whose canonical URLs are made anew by other rules, and those that turn out to be one.

/** Of a text, as much as decides whether two are alike. */
const TEXT_CHARACTERS = 2_000;

/** A post whose canonical URL was made by older rules. */
export interface OutdatedAddress {
  id: number;
  url: string;
  canonicalUrl: string;
}

/** Posts above `afterId` whose canonical URLs are older than these rules, lowest id first. */
export async function listOutdatedAddresses(
  version: number,
  afterId: number,
  limit: number,
): Promise<OutdatedAddress[]> {
  const { rows } = await dbPool().query<OutdatedAddress>(
    `SELECT id, url, canonical_url AS "canonicalUrl" FROM posts
     WHERE id > $2 AND canonical_version < $1 ORDER BY id LIMIT $3`,
    [version, afterId, limit],
  );
  return rows;
}

/** How many posts have canonical URLs that are older than these rules. */
export async function countOutdatedAddresses(version: number): Promise<number> {
  const { rows } = await dbPool().query<{ posts: number }>(
    'SELECT count(*)::int AS posts FROM posts WHERE canonical_version < $1',
    [version],
  );
  return rows[0]?.posts ?? 0;
}

/** Writes canonical URLs made anew; their versions stay until mergeTwins has taken them. */
export async function writeCanonicalUrls(rows: readonly OutdatedAddress[]): Promise<void> {
  await dbPool().query(
    `UPDATE posts p SET canonical_url = r.url
     FROM unnest($1::int[], $2::text[]) AS r (id, url) WHERE p.id = r.id`,
    [rows.map((row) => row.id), rows.map((row) => row.canonicalUrl)],
  );
}

/** Posts that are shown under some addresses, the first seen first; locked until the end. */
async function lockTwins(tx: Tx, canonicalUrls: readonly string[]): Promise<Twin[]> {
  const { rows } = await tx.query<Omit<Twin, 'text'>>(
    `SELECT p.id, p.canonical_url AS "canonicalUrl", p.title, p.published_at AS "publishedAt",
            ARRAY(SELECT s.feed_id FROM post_sources s WHERE s.post_id = p.id) AS feeds
     FROM posts p WHERE p.canonical_url = ANY($1) AND p.withdrawn_at IS NULL
     ORDER BY p.id FOR NO KEY UPDATE OF p`,
    [canonicalUrls],
  );
  const twins = rows.map((row) => ({ ...row, text: '' }));
  const byAddress = Map.groupBy(twins, (twin) => twin.canonicalUrl);
  const compared = [...byAddress.values()].flatMap((there) =>
    there.length > 1 ? there.slice(-TWINS_COMPARED_MAX) : [],
  );
  const { rows: texts } = await tx.query<{ id: number; text: string }>(
    'SELECT id, left(body_text, $2) AS text FROM posts WHERE id = ANY($1)',
    [compared.map((twin) => twin.id), TEXT_CHARACTERS],
  );
  const byId = new Map(texts.map(({ id, text }) => [id, text]));
  for (const twin of compared) twin.text = byId.get(twin.id) ?? '';
  return twins;
}

/**
 * Merges posts at these addresses that are one story: the one that was seen first keeps its
 * address, and that of the other leads there. All of them are of this version then.
 * @returns how many posts were looked at, and how many of them were merged into others.
 */
export function mergeTwins(
  version: number,
  canonicalUrls: readonly string[],
): Promise<{ posts: number; merged: number }> {
  return transactionAgain(async (tx) => {
    const twins = await lockTwins(tx, canonicalUrls);
    const merges = await inSlices(findTwins(twins));
    for (const { from, into } of merges) await mergePost(tx, from, into);
    const { rowCount } = await tx.query(
      `UPDATE posts SET canonical_version = $2
       WHERE canonical_url = ANY($1) AND canonical_version < $2`,
      [canonicalUrls, version],
    );
    return { posts: rowCount ?? 0, merged: merges.length };
  });
}

/** One statement each: what a post has goes over to another, whatever that has itself stays. */
const MOVES = [
  // Its source counts as changed: it may be nearer to the page than the other's owner.
  `UPDATE post_sources s SET post_id = $2, sort_at = p.sort_at, draft_hash = '' FROM posts p
   WHERE s.post_id = $1 AND p.id = $2`,
  `INSERT INTO post_tags (post_id, tag_id, sort_at, position, origin)
   SELECT $2, t.tag_id, p.sort_at, t.position + ${OTHERS_POSITION_MIN}, t.origin
   FROM post_tags t JOIN posts p ON p.id = $2 WHERE t.post_id = $1 ON CONFLICT DO NOTHING`,
  'DELETE FROM post_tags WHERE post_id = $1 AND $2::int IS NOT NULL',
  'DELETE FROM post_authors WHERE post_id = $1 AND $2::int IS NOT NULL',
  // Who was told of the one is not told of the other.
  `UPDATE alert_matches m SET post_id = $2
   WHERE m.post_id = $1
     AND NOT EXISTS (SELECT FROM alert_matches o WHERE o.alert_id = m.alert_id AND o.post_id = $2)`,
  `UPDATE posts SET withdrawn_at = now(), withdrawn_by = 'merge', merged_into = $2,
     indexed_at = NULL, matched_at = coalesce(matched_at, now()),
     changed_at = greatest(now(), changed_at + interval '1 ms') WHERE id = $1`,
  'UPDATE posts SET merged_into = $2 WHERE merged_into = $1',
  `UPDATE posts SET indexed_at = NULL, changed_at = greatest(now(), changed_at + interval '1 ms')
   WHERE id = $2 AND $1::int IS NOT NULL`,
];

/** Makes one post of two: `from` leads to `into` from then on. */
async function mergePost(tx: Tx, from: number, into: number): Promise<void> {
  const traces = await listTraces(tx, [from, into]);
  for (const sql of MOVES) await tx.query(sql, [from, into]);
  await writeWords(tx, [into]);
  await writeCacheEvents(tx, traces);
  await enqueue(tx, 'index-posts');
}
