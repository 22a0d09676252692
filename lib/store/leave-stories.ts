import type { Tx } from '../db.ts';
import { lockFeeds } from './feed-locks.ts';
import { writeWords } from './post-rows.ts';
import { queueRetags } from './retags.ts';
import { closenessOf } from './site.ts';
import { handOver } from './story-owners.ts';

// A feed that is taken away leaves stories which others carry too. Nothing of what it gave stays.

interface Heir {
  postId: number;
  feedId: number;
  feedUrl: string;
  canonicalUrl: string;
  /** What it calls the story and where it links to; '' of what was read by older versions. */
  title: string;
  url: string;
}

/** For each post of a feed that others carry: the nearest of those, else the first. */
async function findHeirs(tx: Tx, feedId: number): Promise<Heir[]> {
  const { rows } = await tx.query<Heir>(
    `SELECT p.id AS "postId", s.feed_id AS "feedId", f.url AS "feedUrl",
            p.canonical_url AS "canonicalUrl", s.title, s.url
     FROM posts p JOIN post_sources s ON s.post_id = p.id AND s.feed_id <> $1
     JOIN feeds f ON f.id = s.feed_id
     WHERE p.feed_id = $1 AND p.merged_into IS NULL
     ORDER BY p.id, s.first_seen_at, s.feed_id, s.guid_hash`,
    [feedId],
  );
  const heirs = new Map<number, Heir>();
  const rank = ({ feedUrl, canonicalUrl }: Heir) => closenessOf(feedUrl, canonicalUrl);
  for (const heir of rows) {
    const best = heirs.get(heir.postId);
    if (best === undefined || rank(heir) > rank(best)) heirs.set(heir.postId, heir);
  }
  return [...heirs.values()];
}

/** Leaves of posts only what their new owners are known to say: title and address. */
async function clearPosts(tx: Tx, heirs: readonly Heir[]): Promise<void> {
  const ids = heirs.map((heir) => heir.postId);
  await tx.query(
    `UPDATE posts p SET url = r.url, title = coalesce(nullif(r.title, ''), p.title), byline = '',
       body_html = '', body_text = '', summary_text = '', word_count = 0, language = NULL,
       enclosures = '[]', picture_url = NULL, comments_url = NULL, licence_url = NULL,
       rights = NULL, updated_at = NULL, changed_at = greatest(now(), changed_at + interval '1 ms')
     FROM unnest($1::int[], $2::text[], $3::text[]) AS r (post_id, url, title)
     WHERE p.id = r.post_id`,
    [ids, heirs.map((heir) => heir.url), heirs.map((heir) => heir.title)],
  );
  await tx.query('DELETE FROM post_authors WHERE post_id = ANY($1)', [ids]);
  await writeWords(tx, ids);
}

/**
 * Has feeds read whole again, soon, and these posts written by it. A poll that is under way may
 * have read its document before: it loses its claim, and with it the right to note what it read.
 */
async function readAgain(tx: Tx, heirs: readonly Heir[]): Promise<void> {
  await tx.query(
    `UPDATE post_sources s SET draft_hash = ''
     FROM unnest($1::int[], $2::int[]) AS r (post_id, feed_id)
     WHERE s.post_id = r.post_id AND s.feed_id = r.feed_id`,
    [heirs.map((heir) => heir.postId), heirs.map((heir) => heir.feedId)],
  );
  await tx.query(
    `UPDATE feeds SET etag = NULL, last_modified = NULL, body_hash = NULL,
       claim_token = NULL, claimed_until = NULL,
       next_check_at = least(next_check_at, greatest(now(), retry_after_until))
     WHERE id = ANY($1)`,
    [[...new Set(heirs.map((heir) => heir.feedId))]],
  );
}

/**
 * Ends that a feed carries stories which others carry too: those that were its own go over to one
 * of them, and show its title and address alone until that one has been read again. To be called
 * before the feed's row is locked for its end: whoever saves posts of the others may need it.
 * @returns how many posts went over.
 */
export async function leaveStories(tx: Tx, feedId: number): Promise<number> {
  const { rows: others } = await tx.query<{ id: number }>(
    `SELECT DISTINCT o.feed_id AS id FROM post_sources s JOIN post_sources o USING (post_id)
     WHERE s.feed_id = $1`,
    [feedId],
  );
  await lockFeeds(tx, [feedId, ...others.map(({ id }) => id)]);
  const heirs = await findHeirs(tx, feedId);
  const handed = new Set(
    await handOver(
      tx,
      heirs.map((heir) => ({ postId: heir.postId, from: feedId, to: heir.feedId })),
    ),
  );
  const left = heirs.filter((heir) => handed.has(heir.postId));
  await clearPosts(tx, left);
  await readAgain(tx, left);
  // What it called them goes from their tags as well.
  await queueRetags(tx, 'anew', {
    sql: `SELECT s.post_id FROM post_sources s JOIN posts p ON p.id = s.post_id
          WHERE s.feed_id = $1 AND p.feed_id <> $1`,
    values: [feedId],
  });
  await tx.query(
    `WITH gone AS (
       DELETE FROM post_sources s USING posts p
       WHERE s.feed_id = $1 AND p.id = s.post_id AND p.feed_id <> $1 RETURNING s.post_id
     )
     UPDATE posts p SET words = ts_delete(p.words, '¶source:' || f.slug), indexed_at = NULL,
       changed_at = greatest(now(), p.changed_at + interval '1 ms')
     FROM gone, feeds f WHERE p.id = gone.post_id AND f.id = $1`,
    [feedId],
  );
  return left.length;
}
