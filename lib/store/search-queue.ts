import { db, dbPool } from '../db.ts';
import { type PostToIndex, type SameName, SEARCHED_TEXT_CHARACTERS_MAX } from '../model/search.ts';

// Posts with indexed_at null are the queue. Meilisearch works off its tasks one by one, so one
// indexer at a time is enough (only-one.ts).

/** At most this many posts at once, and bytes of text before the last of them. */
export interface BatchLimits {
  posts: number;
  bytes: number;
}

const batchOf = (condition: string) => `
  WITH waiting AS (
    SELECT id, octet_length(body_text) AS bytes FROM posts
    WHERE ${condition} ORDER BY id LIMIT $1
  ), batch AS (
    SELECT id, sum(bytes) OVER (ORDER BY id) - bytes AS before FROM waiting
  )
  SELECT p.id, p.changed_at AS "changedAt", p.withdrawn_at IS NOT NULL AS "isWithdrawn",
         p.title, left(p.body_text, ${SEARCHED_TEXT_CHARACTERS_MAX}) AS text,
         p.language, p.sort_at AS "sortAt",
         json_build_object('slug', f.slug, 'title', coalesce(f.title_override, f.title)) AS source,
         ARRAY(SELECT o.slug FROM post_sources s JOIN feeds o ON o.id = s.feed_id
               WHERE s.post_id = p.id AND o.id <> p.feed_id
               GROUP BY o.slug ORDER BY min(s.first_seen_at), o.slug) AS "alsoIn",
         coalesce((SELECT json_agg(json_build_object('slug', t.slug, 'name', t.name)
                                   ORDER BY pt.position, t.id)
                   FROM post_tags pt JOIN tags t ON t.id = pt.tag_id AND NOT t.hidden
                   WHERE pt.post_id = p.id), '[]') AS tags,
         coalesce((SELECT json_agg(a.name ORDER BY pa.position)
                   FROM post_authors pa JOIN authors a ON a.id = pa.author_id
                   WHERE pa.post_id = p.id), '[]') AS authors
  FROM batch JOIN posts p USING (id) JOIN feeds f ON f.id = p.feed_id
  WHERE batch.before < $2 ORDER BY p.id`;

const TO_INDEX = batchOf('indexed_at IS NULL AND id <> ALL($3)');
const AFTER = batchOf('withdrawn_at IS NULL AND id > $3');

/** The next posts that are to be indexed, lowest id first, without those in `except`. */
export async function listPostsToIndex(
  { posts, bytes }: BatchLimits,
  except: Iterable<number> = [],
): Promise<PostToIndex[]> {
  const { rows } = await dbPool().query<PostToIndex>(TO_INDEX, [posts, bytes, [...except]]);
  return rows;
}

/** The next posts above `afterId`, lowest id first: for filling a new index. */
export async function listPostsAfter(
  { posts, bytes }: BatchLimits,
  afterId: number,
): Promise<PostToIndex[]> {
  const { rows } = await dbPool().query<PostToIndex>(AFTER, [posts, bytes, afterId]);
  return rows;
}

/** Whether a post waits to be indexed that is not in `except`. */
export async function hasPostsToIndex(except: Iterable<number>): Promise<boolean> {
  const { rows } = await dbPool().query(
    'SELECT FROM posts WHERE indexed_at IS NULL AND id <> ALL($1) LIMIT 1',
    [[...except]],
  );
  return rows.length > 0;
}

/** Marks posts as indexed, but for those that changed since they were read. */
export async function finishIndexing(
  posts: Pick<PostToIndex, 'id' | 'changedAt'>[],
): Promise<void> {
  await dbPool().query(
    `UPDATE posts p SET indexed_at = now()
     FROM unnest($1::int[], $2::timestamptz[]) AS done (id, changed_at)
     WHERE p.id = done.id AND p.changed_at = done.changed_at`,
    [posts.map((post) => post.id), posts.map((post) => post.changedAt)],
  );
}

/** Puts every post back into the queue: the index that had them is gone. */
export async function requeuePosts(): Promise<number> {
  const { rowCount } = await dbPool().query(
    `UPDATE posts SET indexed_at = NULL WHERE indexed_at IS NOT NULL AND withdrawn_at IS NULL`,
  );
  return rowCount ?? 0;
}

/** Other names of tags, as they were written; without a name of its own, an alias is its slug. */
export async function listSameNames(): Promise<SameName[]> {
  const { rows } = await dbPool().query<SameName>(
    `SELECT t.name, coalesce(nullif(a.name, ''), replace(a.slug, '-', ' ')) AS alias
     FROM tag_aliases a JOIN tags t ON t.id = a.tag_id WHERE NOT t.hidden ORDER BY a.slug`,
  );
  return rows;
}

/** How many posts there are, and how many wait to be indexed. */
export async function countPostsToIndex(): Promise<{ posts: number; waiting: number }> {
  const [posts, waiting] = await Promise.all([
    db().post.count({ where: { withdrawnAt: null } }),
    db().post.count({ where: { indexedAt: null } }),
  ]);
  return { posts, waiting };
}
