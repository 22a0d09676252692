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
  const names = new Map(tags.map((tag) => [tag.slug, tag.name]));
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
    `SELECT asked, t.id, t.slug FROM unnest($1::text[]) AS asked
     LEFT JOIN tag_aliases a ON a.slug = asked
     JOIN tags t ON t.id = a.tag_id OR (a.tag_id IS NULL AND t.slug = asked)`,
    [slugs],
  );
  return new Map(rows.map(({ asked, id, slug }) => [asked, { id, slug, isNew: false }]));
}

export interface PostTagRow {
  postId: number;
  tagId: number;
  position: number;
}

/**
 * Gives posts their tags. A post of one source has just these; one of several sources keeps what
 * the others gave it. The copy of sort_at comes from the post.
 * @returns slugs of tags that a post has lost.
 */
export async function writePostTags(
  tx: Tx,
  postIds: number[],
  rows: PostTagRow[],
): Promise<string[]> {
  const lost = await tx.query<{ slug: string }>(
    `DELETE FROM post_tags pt USING tags t
     WHERE pt.post_id = ANY($1) AND t.id = pt.tag_id
       AND (SELECT count(*) FROM post_sources s WHERE s.post_id = pt.post_id) = 1
       AND NOT EXISTS (SELECT FROM unnest($2::int[], $3::int[]) AS k (post_id, tag_id)
                       WHERE k.post_id = pt.post_id AND k.tag_id = pt.tag_id)
     RETURNING t.slug`,
    [postIds, rows.map((row) => row.postId), rows.map((row) => row.tagId)],
  );
  await tx.query(
    `INSERT INTO post_tags (post_id, tag_id, sort_at, position)
     SELECT r.post_id, r.tag_id, p.sort_at, r.position
     FROM unnest($1::int[], $2::int[], $3::int[]) AS r (post_id, tag_id, position)
     JOIN posts p ON p.id = r.post_id
     ORDER BY r.tag_id, r.post_id
     ON CONFLICT (post_id, tag_id) DO NOTHING`,
    [rows.map((row) => row.postId), rows.map((row) => row.tagId), rows.map((row) => row.position)],
  );
  return lost.rows.map((row) => row.slug);
}
