import type { Tx } from '../db.ts';
import { whyHidden } from '../model/hidden-names.ts';
import type { TagName, TagOrigin } from '../model/tag.ts';
import { logTagChanges } from './tag-changes.ts';

export interface StoredTag {
  id: number;
  slug: string;
  isNew: boolean;
}

/**
 * The rows for tags by the slugs their labels have, aliases resolved; makes those that are new,
 * hidden where their names say nothing.
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
  const isNew = await insertTags(
    tx,
    missing.map((slug) => ({ slug, name: names.get(slug) ?? slug })),
  );
  for (const [slug, tag] of await readTags(tx, missing)) {
    known.set(slug, { ...tag, isNew: isNew.has(slug) });
  }
  return known;
}

/** @returns slugs of those that were not there. */
async function insertTags(tx: Tx, tags: TagName[]): Promise<Set<string>> {
  const reasons = new Map(tags.map(({ slug, name }) => [slug, whyHidden(name)]));
  const { rows } = await tx.query<TagName & { hidden: boolean }>(
    `INSERT INTO tags (slug, name, hidden, judged_by)
     SELECT slug, name, hidden, CASE WHEN hidden THEN 'rule'::"TagActor" END
     FROM unnest($1::text[], $2::text[], $3::boolean[]) AS r (slug, name, hidden)
     ON CONFLICT (slug) DO NOTHING RETURNING slug, name, hidden`,
    [
      tags.map(({ slug }) => slug),
      tags.map(({ name }) => name),
      tags.map(({ slug }) => reasons.get(slug) !== undefined),
    ],
  );
  await logTagChanges(
    tx,
    rows
      .filter((tag) => tag.hidden)
      .map(({ slug, name }) => ({
        kind: 'hide',
        from: { slug, name },
        by: 'rule',
        reason: reasons.get(slug) ?? null,
      })),
  );
  return new Set(rows.map(({ slug }) => slug));
}

/**
 * What was read stays so until this transaction ends: who merges or splits these tags waits for
 * it, and we for them (lib/store/tag-merges.ts).
 */
async function readTags(tx: Tx, slugs: string[]): Promise<Map<string, StoredTag>> {
  const { rows } = await tx.query<{ asked: string; id: number; slug: string }>(
    `SELECT * FROM (
       SELECT a.slug AS asked, t.id, t.slug FROM tag_aliases a JOIN tags t ON t.id = a.tag_id
       WHERE a.slug = ANY($1) FOR KEY SHARE OF a, t) AS aliased
     UNION ALL
     SELECT * FROM (
       SELECT t.slug AS asked, t.id, t.slug FROM tags t
       WHERE t.slug = ANY($1) AND NOT EXISTS (SELECT FROM tag_aliases a WHERE a.slug = t.slug)
       FOR KEY SHARE OF t) AS own`,
    [slugs],
  );
  return new Map(rows.map(({ asked, id, slug }) => [asked, { id, slug, isNew: false }]));
}

export interface PostTagRow {
  postId: number;
  tagId: number;
  /** From 0; of a source that only joined a post from OTHERS_POSITION_MIN. */
  position: number;
  origin: Exclude<TagOrigin, 'text'>;
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
 * Gives posts their tags, but for those that we find in texts. A post of one source has just
 * these; one of several sources keeps what the others gave it. The copy of sort_at comes from the
 * post.
 * @param isWhole when `wanted` is what all sources give.
 */
export async function writePostTags(
  tx: Tx,
  postIds: number[],
  wanted: PostTagRow[],
  { isWhole = false } = {},
): Promise<TagChanges> {
  const rows = firstOfEach(wanted);
  const columns = [rows.map((row) => row.postId), rows.map((row) => row.tagId)];
  const lost = await tx.query<{ tagId: number; postId: number }>(
    `DELETE FROM post_tags pt
     WHERE pt.post_id = ANY($1) AND pt.origin <> 'text'
       AND ($4 OR
            (SELECT count(DISTINCT s.feed_id) FROM post_sources s WHERE s.post_id = pt.post_id) = 1)
       AND NOT EXISTS (SELECT FROM unnest($2::int[], $3::int[]) AS k (post_id, tag_id)
                       WHERE k.post_id = pt.post_id AND k.tag_id = pt.tag_id)
     RETURNING pt.tag_id AS "tagId", pt.post_id AS "postId"`,
    [postIds, ...columns, isWhole],
  );
  const given = await tx.query<{ postId: number }>(
    `INSERT INTO post_tags (post_id, tag_id, sort_at, position, origin)
     SELECT r.post_id, r.tag_id, p.sort_at, r.position, r.origin
     FROM unnest($1::int[], $2::int[], $3::int[], $4::"TagOrigin"[])
          AS r (post_id, tag_id, position, origin)
     JOIN posts p ON p.id = r.post_id
     ORDER BY r.tag_id, r.post_id
     ON CONFLICT (post_id, tag_id) DO UPDATE
       SET position = excluded.position, origin = excluded.origin
       WHERE post_tags.origin = 'text'
          OR ($6 OR excluded.position < $5)
             AND (post_tags.position, post_tags.origin) <> (excluded.position, excluded.origin)
     RETURNING post_id AS "postId"`,
    [
      ...columns,
      rows.map((row) => row.position),
      rows.map((row) => row.origin),
      OTHERS_POSITION_MIN,
      isWhole,
    ],
  );
  const changed = [...lost.rows, ...given.rows].map((row) => row.postId);
  return {
    postIds: new Set(changed),
    lost: await slugsOfTags(
      tx,
      lost.rows.map((row) => row.tagId),
    ),
  };
}

/** Slugs of tags by their ids, in no order. */
export async function slugsOfTags(tx: Tx, ids: number[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const { rows } = await tx.query<{ slug: string }>('SELECT slug FROM tags WHERE id = ANY($1)', [
    ids,
  ]);
  return rows.map((row) => row.slug);
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
