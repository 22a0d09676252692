import { dbPool } from '../db.ts';
import type { MonthCount, TagName, TagSummary } from '../model/tag.ts';

/** Related tags and top sources are those of a tag's newest posts: a whole tag is never read. */
const SAMPLE_POSTS = 500;
const RELATED_MAX = 8;
const SOURCES_MAX = 6;
const ALIASES_MAX = 20;

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
      `SELECT (SELECT sort_at FROM post_tags WHERE tag_id = $1
               ORDER BY sort_at, post_id LIMIT 1) AS first,
              (SELECT sort_at FROM post_tags WHERE tag_id = $1
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
    `SELECT to_char(month, 'YYYY-MM') AS month, posts FROM tag_months
     WHERE tag_id = $1 ORDER BY 1`,
    [tagId],
  );
  return rows;
}

async function readSample(
  tagId: number,
): Promise<Pick<TagSummary, 'related' | 'topSources' | 'sources'>> {
  const newest = `WITH newest AS MATERIALIZED (
    SELECT post_id FROM post_tags WHERE tag_id = $1
    ORDER BY sort_at DESC, post_id DESC LIMIT ${SAMPLE_POSTS})`;
  const [related, sources] = await Promise.all([
    dbPool().query<TagSummary['related'][number]>(
      `${newest} SELECT t.slug, t.name, count(*)::int AS posts
       FROM newest JOIN post_tags o ON o.post_id = newest.post_id AND o.tag_id <> $1
       JOIN tags t ON t.id = o.tag_id AND NOT t.hidden
       GROUP BY t.id ORDER BY posts DESC, t.name LIMIT ${RELATED_MAX}`,
      [tagId],
    ),
    dbPool().query<TagSummary['topSources'][number] & { sources: number }>(
      `${newest} SELECT f.slug, coalesce(f.title_override, f.title) AS title,
              count(*)::int AS posts, count(*) OVER ()::int AS sources
       FROM newest JOIN posts p ON p.id = newest.post_id JOIN feeds f ON f.id = p.feed_id
       GROUP BY f.id ORDER BY posts DESC, title LIMIT ${SOURCES_MAX}`,
      [tagId],
    ),
  ]);
  return {
    related: related.rows,
    topSources: sources.rows.map(({ slug, title, posts }) => ({ slug, title, posts })),
    sources: sources.rows[0]?.sources ?? 0,
  };
}

export interface TagCount extends TagName {
  posts: number;
}

/** All tags with posts, by name. */
export async function listTags(): Promise<TagCount[]> {
  const { rows } = await dbPool().query<TagCount>(
    `SELECT t.slug, t.name, sum(m.posts)::int AS posts
     FROM tags t JOIN tag_months m ON m.tag_id = t.id WHERE NOT t.hidden
     GROUP BY t.id ORDER BY lower(t.name), t.slug`,
  );
  return rows;
}

/** The tags with the most posts. */
export async function listTopTags(limit: number): Promise<TagCount[]> {
  const { rows } = await dbPool().query<TagCount>(
    `SELECT t.slug, t.name, sum(m.posts)::int AS posts
     FROM tags t JOIN tag_months m ON m.tag_id = t.id WHERE NOT t.hidden
     GROUP BY t.id ORDER BY posts DESC, t.name LIMIT $1`,
    [limit],
  );
  return rows;
}
