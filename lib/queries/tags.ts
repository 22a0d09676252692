import { dbPool } from '../db.ts';
import type { MonthCount, TagName, TagSummary } from '../model/tag.ts';
import type { IndexedTag } from '../model/tag-index.ts';
import { isShown } from './is-shown.ts';
import { countAuthors, countSources, countTags, SAMPLE_POSTS } from './list-company.ts';
import { findInList } from './list-ranges.ts';

const ALIASES_MAX = 20;

/**
 * How many posts of each tag are shown, by month. The kept counts have withdrawn posts in them, of
 * which there are few: they are counted when it is asked, so that to withdraw locks no counts.
 */
export const SHOWN_MONTHS = `(
  SELECT m.tag_id, m.month, m.posts - coalesce(w.posts, 0) AS posts
  FROM tag_months m LEFT JOIN (
    SELECT pt.tag_id, date_trunc('month', pt.sort_at AT TIME ZONE 'UTC')::date AS month,
           count(*)::int AS posts
    FROM posts p JOIN post_tags pt ON pt.post_id = p.id
    WHERE p.withdrawn_at IS NOT NULL AND p.merged_into IS NULL GROUP BY 1, 2
  ) AS w USING (tag_id, month)
  WHERE m.posts > coalesce(w.posts, 0))`;

/** What an address of a tag means: the tag, or another one that took it in. */
export type TagLookup =
  | { kind: 'tag'; id: number; slug: string; name: string }
  | { kind: 'alias'; slug: string };

/**
 * Finds a tag that has posts and is not hidden, by its slug or an alias. An alias wins: a tag with
 * the same slug is being merged.
 */
export async function findTag(slug: string): Promise<TagLookup | undefined> {
  const { rows } = await dbPool().query<{ id: number; slug: string; name: string }>(
    `SELECT id, slug, name FROM tags t
     WHERE NOT hidden AND EXISTS (SELECT FROM tag_months m WHERE m.tag_id = t.id)
       AND id = coalesce((SELECT tag_id FROM tag_aliases a WHERE a.slug = $1),
                         (SELECT o.id FROM tags o WHERE o.slug = $1))`,
    [slug],
  );
  const tag = rows[0];
  if (tag === undefined) return undefined;
  return tag.slug === slug ? { kind: 'tag', ...tag } : { kind: 'alias', slug: tag.slug };
}

/** What the head of a tag's archive says. Costs a few index ranges, whatever the tag's size. */
export async function getTagSummary(tag: TagName & { id: number }): Promise<TagSummary> {
  const [months, sample, aliases, ends] = await Promise.all([
    listTagMonths(tag.id),
    readSample(tag.id),
    listAliases(tag.id),
    dbPool().query<{ first: Date | null; last: Date | null }>(
      `SELECT (SELECT sort_at FROM post_tags WHERE tag_id = $1 AND ${isShown('post_id')}
               ORDER BY sort_at, post_id LIMIT 1) AS first,
              (SELECT sort_at FROM post_tags WHERE tag_id = $1 AND ${isShown('post_id')}
               ORDER BY sort_at DESC, post_id DESC LIMIT 1) AS last`,
      [tag.id],
    ),
  ]);
  const { first, last } = ends.rows[0] ?? { first: null, last: null };
  return {
    slug: tag.slug,
    name: tag.name,
    aliases,
    posts: months.reduce((sum, month) => sum + month.posts, 0),
    months,
    firstAt: first?.toISOString() ?? null,
    lastAt: last?.toISOString() ?? null,
    ...sample,
  };
}

async function listAliases(tagId: number): Promise<string[]> {
  const { rows } = await dbPool().query<{ name: string }>(
    `SELECT coalesce(nullif(name, ''), slug) AS name FROM tag_aliases
     WHERE tag_id = $1 ORDER BY lower(name), slug LIMIT ${ALIASES_MAX}`,
    [tagId],
  );
  return rows.map(({ name }) => name);
}

async function listTagMonths(tagId: number): Promise<MonthCount[]> {
  const { rows } = await dbPool().query<MonthCount>(
    `SELECT to_char(month, 'YYYY-MM') AS month, posts FROM ${SHOWN_MONTHS} AS m
     WHERE tag_id = $1 ORDER BY 1`,
    [tagId],
  );
  return rows;
}

async function readSample(
  id: number,
): Promise<Pick<TagSummary, 'sampled' | 'related' | 'topSources' | 'topAuthors' | 'sources'>> {
  const { posts } = await findInList({ kind: 'tag', id }, { limit: SAMPLE_POSTS });
  const ids = posts.map((post) => post.id);
  const [related, sources, topAuthors] = await Promise.all([
    countTags(ids, [id]),
    countSources(ids),
    countAuthors(ids),
  ]);
  return {
    sampled: ids.length,
    related,
    topSources: sources.top,
    topAuthors,
    sources: sources.all,
  };
}

export interface TagCount extends TagName {
  posts: number;
}

/** As many as the site can hold in memory as one index; the largest are in it in any case. */
const INDEXED_TAGS_MAX = 50_000;

/** All tags with posts, for their index. Reads their months, which are kept, and no post. */
export async function listTags(): Promise<IndexedTag[]> {
  const { rows } = await dbPool().query<Omit<IndexedTag, 'since'> & { since: Date }>(
    `SELECT t.slug, t.name, t.created_at AS since, sum(m.posts)::int AS posts,
            to_char(max(m.month), 'YYYY-MM') AS "lastMonth"
     FROM tags t JOIN ${SHOWN_MONTHS} AS m ON m.tag_id = t.id WHERE NOT t.hidden
     GROUP BY t.id ORDER BY posts DESC, t.id LIMIT $1`,
    [INDEXED_TAGS_MAX],
  );
  return rows.map((row) => ({ ...row, since: row.since.toISOString() }));
}

/** The tags with the most posts. */
export async function listTopTags(limit: number): Promise<TagCount[]> {
  const { rows } = await dbPool().query<TagCount>(
    `SELECT t.slug, t.name, sum(m.posts)::int AS posts
     FROM tags t JOIN ${SHOWN_MONTHS} AS m ON m.tag_id = t.id WHERE NOT t.hidden
     GROUP BY t.id ORDER BY posts DESC, t.name LIMIT $1`,
    [limit],
  );
  return rows;
}

/** Where tags that are no more have gone, by their slugs: those that were merged, and other names. */
export async function listMovedTags(): Promise<Record<string, string>> {
  const { rows } = await dbPool().query<{ slug: string; into: string }>(
    `SELECT a.slug, t.slug AS into FROM tag_aliases a JOIN tags t ON t.id = a.tag_id ORDER BY a.slug`,
  );
  return Object.fromEntries(rows.map(({ slug, into }) => [slug, into]));
}
