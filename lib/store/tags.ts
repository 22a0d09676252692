import type { Tx } from '../db.ts';
import type { TagName } from '../model/tag.ts';

export interface StoredTag {
  id: number;
  slug: string;
  isNew: boolean;
}

/**
 * The rows for tags by the slugs their labels have, aliases resolved; makes those that are new.
 * Inserts in the order of slugs: two workers with the same new tags wait for each other, but
 * never in a circle.
 */
export async function upsertTags(tx: Tx, tags: TagName[]): Promise<Map<string, StoredTag>> {
  const names = new Map<string, string>();
  for (const tag of tags) if (!names.has(tag.slug)) names.set(tag.slug, tag.name);
  const slugs = [...names.keys()].sort();
  const known = await readTags(tx, slugs);
  const missing = slugs.filter((slug) => !known.has(slug));
  if (missing.length === 0) return known;
  const made = await tx.query<{ slug: string }>(
    `INSERT INTO tags (slug, name) SELECT * FROM unnest($1::text[], $2::text[])
     ON CONFLICT (slug) DO NOTHING RETURNING slug`,
    [missing, missing.map((slug) => names.get(slug))],
  );
  const isNew = new Set(made.rows.map((row) => row.slug));
  for (const [slug, tag] of await readTags(tx, missing)) {
    known.set(slug, { ...tag, isNew: isNew.has(slug) });
  }
  return known;
}

async function readTags(tx: Tx, slugs: string[]): Promise<Map<string, StoredTag>> {
  const { rows } = await tx.query<{ asked: string; id: number; slug: string }>(
    `SELECT a.slug AS asked, t.id, t.slug FROM tag_aliases a JOIN tags t ON t.id = a.tag_id
     WHERE a.slug = ANY($1)
     UNION ALL
     SELECT t.slug AS asked, t.id, t.slug FROM tags t
     WHERE t.slug = ANY($1) AND NOT EXISTS (SELECT FROM tag_aliases a WHERE a.slug = t.slug)`,
    [slugs],
  );
  return new Map(rows.map(({ asked, id, slug }) => [asked, { id, slug, isNew: false }]));
}

export interface PostTagRow {
  postId: number;
  tagId: number;
  /** From 0; of a source that only joined a post from OTHERS_POSITION_MIN. */
  position: number;
}

/** Tags from sources that joined a post stand behind those of its first source. */
export const OTHERS_POSITION_MIN = 1_000;

export interface TagChanges {
  /** Posts that gained or lost a tag, or whose tags changed their order. */
  postIds: Set<number>;
  /** Slugs of tags that a post has lost. */
  lost: string[];
}

/**
 * Gives posts their tags. A post of one source has just these; one of several sources keeps what
 * the others gave it. The copy of sort_at comes from the post.
 */
export async function writePostTags(
  tx: Tx,
  postIds: number[],
  wanted: PostTagRow[],
): Promise<TagChanges> {
  const rows = firstOfEach(wanted);
  const columns = [rows.map((row) => row.postId), rows.map((row) => row.tagId)];
  const lost = await tx.query<{ tagId: number; postId: number }>(
    `DELETE FROM post_tags pt
     WHERE pt.post_id = ANY($1)
       AND (SELECT count(DISTINCT s.feed_id) FROM post_sources s WHERE s.post_id = pt.post_id) = 1
       AND NOT EXISTS (SELECT FROM unnest($2::int[], $3::int[]) AS k (post_id, tag_id)
                       WHERE k.post_id = pt.post_id AND k.tag_id = pt.tag_id)
     RETURNING pt.tag_id AS "tagId", pt.post_id AS "postId"`,
    [postIds, ...columns],
  );
  const given = await tx.query<{ postId: number }>(
    `INSERT INTO post_tags (post_id, tag_id, sort_at, position)
     SELECT r.post_id, r.tag_id, p.sort_at, r.position
     FROM unnest($1::int[], $2::int[], $3::int[]) AS r (post_id, tag_id, position)
     JOIN posts p ON p.id = r.post_id
     ORDER BY r.tag_id, r.post_id
     ON CONFLICT (post_id, tag_id) DO UPDATE SET position = excluded.position
       WHERE post_tags.position <> excluded.position AND excluded.position < $4
     RETURNING post_id AS "postId"`,
    [...columns, rows.map((row) => row.position), OTHERS_POSITION_MIN],
  );
  const changed = [...lost.rows, ...given.rows].map((row) => row.postId);
  const named = await tx.query<{ slug: string }>('SELECT slug FROM tags WHERE id = ANY($1)', [
    lost.rows.map((row) => row.tagId),
  ]);
  return { postIds: new Set(changed), lost: named.rows.map((row) => row.slug) };
}

/** Two labels may mean one tag (aliases): the first counts. */
function firstOfEach(rows: PostTagRow[]): PostTagRow[] {
  const first = new Map<string, PostTagRow>();
  for (const row of rows) {
    const key = `${row.postId} ${row.tagId}`;
    const known = first.get(key);
    if (known === undefined || row.position < known.position) first.set(key, row);
  }
  return [...first.values()];
}
