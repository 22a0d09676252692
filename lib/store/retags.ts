import { latestTag, postTag, tagTag } from '../cache-tags.ts';
import type { Tx } from '../db.ts';
import type { TagName } from '../model/tag.ts';
import { writeCacheEvents } from './cache-events.ts';
import { READ_AT_ONCE_MAX, writeFoundTags } from './found-tags.ts';
import { enqueue } from './jobs.ts';
import { listPlaces } from './post-places.ts';
import { type GivenTags, giveTags } from './post-tags.ts';
import { transactionAgain } from './transaction-again.ts';

// Rows of post_retags are the queue: posts whose tags are to be looked at again, since names or
// rules have changed. A row goes in the transaction that has done it.

/** Posts of one transaction: some 200 ms of work, during which a poll of one of them waits. */
const BATCH_POSTS = READ_AT_ONCE_MAX;

/** Why posts are put into the queue: see PostRetag in prisma/schema.prisma. */
export type RetagReason = 'anew' | 'renamed';

/** Puts the posts that `from` selects (`SELECT post_id …`) into the queue, and wakes a worker. */
export async function queueRetags(
  tx: Tx,
  reason: RetagReason,
  from: { sql: string; values: unknown[] },
): Promise<void> {
  await enqueueRows(
    tx,
    `INSERT INTO post_retags (post_id, ${reason})
     SELECT DISTINCT post_id, true FROM (${from.sql}) AS chosen ORDER BY post_id
     ON CONFLICT (post_id) DO UPDATE SET ${reason} = true WHERE NOT post_retags.${reason}`,
    from.values,
  );
}

/**
 * Puts the posts among these into the queue that other sources carry too and that this feed has
 * taken labels from: which of their tags the others give stands in the raw labels alone. To be
 * called before the sources are written.
 */
export const queueRelabelled = (
  tx: Tx,
  feedId: number,
  drafts: readonly { guidHash: string; categories: string[] }[],
): Promise<void> =>
  queueRetags(tx, 'anew', {
    // Written so that Postgres looks each of them up, and reads no whole table.
    sql: `SELECT s.post_id FROM post_sources s
          WHERE s.feed_id = $1 AND s.guid_hash = ANY($2)
            AND NOT s.categories <@ ARRAY(
              SELECT jsonb_array_elements_text($3::jsonb -> s.guid_hash::text))
            AND (SELECT count(*) FROM post_sources o WHERE o.post_id = s.post_id) > 1`,
    values: [
      feedId,
      drafts.map(({ guidHash }) => guidHash),
      JSON.stringify(
        Object.fromEntries(drafts.map(({ guidHash, categories }) => [guidHash, categories])),
      ),
    ],
  });

async function enqueueRows(tx: Tx, insert: string, values: unknown[]): Promise<void> {
  const { rowCount } = await tx.query(insert, values);
  if ((rowCount ?? 0) > 0) await enqueue(tx, 'retag-posts');
}

/** What is kept of a source's item, to make tags of it. */
export interface KeptLabels {
  categories: string[];
  /** Names of the post's authors and of the source: no tags of this post. */
  ownNames: string[];
}

interface SourceRow extends KeptLabels {
  postId: number;
  isOwner: boolean;
  feedTags: string[];
}

interface Claimed {
  postId: number;
  anew: boolean;
  renamed: boolean;
}

async function claim(tx: Tx, waits: boolean): Promise<Claimed[]> {
  const { rows } = await tx.query<Claimed>(
    `DELETE FROM post_retags WHERE post_id IN (
       SELECT post_id FROM post_retags ORDER BY post_id DESC LIMIT $1
       FOR UPDATE ${waits ? '' : 'SKIP LOCKED'})
     RETURNING post_id AS "postId", anew, renamed`,
    [BATCH_POSTS],
  );
  // A poll that writes one of them has to end first, or waits: also one that only joins it.
  await tx.query('SELECT FROM posts WHERE id = ANY($1) ORDER BY id FOR UPDATE', [
    rows.map(({ postId }) => postId),
  ]);
  return rows;
}

/** What all sources of these posts say; a post's own source first, then in the order of time. */
async function readSources(tx: Tx, postIds: number[]): Promise<SourceRow[]> {
  const { rows } = await tx.query<SourceRow>(
    `SELECT s.post_id AS "postId", s.feed_id = p.feed_id AS "isOwner", s.categories,
            f.feed_tags AS "feedTags",
            f.title || ARRAY(SELECT a.name FROM post_authors pa JOIN authors a ON a.id = pa.author_id
                             WHERE pa.post_id = p.id) AS "ownNames"
     FROM post_sources s JOIN posts p ON p.id = s.post_id JOIN feeds f ON f.id = s.feed_id
     WHERE s.post_id = ANY($1)
     ORDER BY s.post_id, "isOwner" DESC, s.first_seen_at, s.feed_id, s.guid_hash`,
    [postIds],
  );
  return rows;
}

/** Has words and index of these posts follow. */
async function refreshPosts(tx: Tx, postIds: number[]): Promise<void> {
  await tx.query(
    `UPDATE posts SET words = post_words(posts), indexed_at = NULL,
            changed_at = greatest(now(), changed_at + interval '1 ms')
     WHERE id = ANY($1)`,
    [postIds],
  );
}

async function retagBatch(
  tx: Tx,
  readTags: (labels: KeptLabels) => TagName[],
  waits: boolean,
): Promise<number> {
  const claimed = await claim(tx, waits);
  if (claimed.length === 0) return 0;
  const idsOf = (chosen: Claimed[]) => chosen.map(({ postId }) => postId);
  const anew = idsOf(claimed.filter((one) => one.anew));
  const given = (await readSources(tx, anew)).map(
    ({ categories, ownNames, ...one }): GivenTags => ({
      ...one,
      tags: readTags({ categories, ownNames }),
    }),
  );
  const made = await giveTags(tx, given, { isWhole: true });
  const found = await writeFoundTags(tx, idsOf(claimed.filter((one) => !one.anew)));
  const renamed = idsOf(claimed.filter((one) => one.renamed));
  const changed = [...new Set([...renamed, ...made.postIds, ...found.postIds])];
  if (changed.length > 0) {
    await refreshPosts(tx, changed);
    const places = await listPlaces(tx, changed);
    const stale = [...made.stale, ...found.slugs.map(tagTag), ...places, ...changed.map(postTag)];
    await writeCacheEvents(tx, [latestTag(), ...stale]);
    await enqueue(tx, 'index-posts');
  }
  return claimed.length;
}

/**
 * Looks at the tags of the next posts of the queue again, the newest first: makes them anew where
 * that is asked for, finds tags for those without any, and has words and search follow.
 * @param readTags what raw labels mean (lib/ingest/tags.ts).
 * @param options.waits to wait for posts that another worker has begun with.
 * @returns how many posts were looked at; 0 when the queue is empty.
 */
export function retagNextPosts(
  readTags: (labels: KeptLabels) => TagName[],
  { waits = false } = {},
): Promise<number> {
  return transactionAgain((tx) => retagBatch(tx, readTags, waits));
}

/**
 * Puts posts into the queue that came in the last hours and have no tag: what their words name may
 * be known by now, above all where all feeds are new.
 */
export function queueUntagged(hours: number): Promise<void> {
  return transactionAgain((tx) =>
    enqueueRows(
      tx,
      `INSERT INTO post_retags (post_id)
       SELECT p.id FROM posts p
       WHERE p.created_at > now() - make_interval(hours => $1) AND NOT EXISTS (
         SELECT FROM post_tags pt JOIN tags t ON t.id = pt.tag_id AND NOT t.hidden
         WHERE pt.post_id = p.id)
       ORDER BY p.id ON CONFLICT DO NOTHING`,
      [hours],
    ),
  );
}
