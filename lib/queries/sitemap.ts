import { dbPool } from '../db.ts';
import { isShown } from './is-shown.ts';

/** The protocol allows 50,000 in one file; home, indexes and sources need some. */
const TAGS_MAX = 40_000;
const SOURCES_MAX = 5000;

/** A list of posts, with the time of its newest post (ISO 8601). */
export interface SitemapList {
  kind: 'tag' | 'source';
  slug: string;
  lastAt: string;
}

/** Every tag and source that has posts, the liveliest first. One index look-up each. */
export async function listForSitemap(): Promise<SitemapList[]> {
  const { rows } = await dbPool().query<{ kind: 'tag' | 'source'; slug: string; last_at: Date }>(
    `(SELECT 'tag' AS kind, t.slug, n.sort_at AS last_at FROM tags t, LATERAL (
        SELECT sort_at FROM post_tags pt WHERE pt.tag_id = t.id AND ${isShown('pt.post_id')}
        ORDER BY sort_at DESC, post_id DESC LIMIT 1) n
      WHERE NOT t.hidden ORDER BY 3 DESC, 2 LIMIT $1)
     UNION ALL
     (SELECT 'source', f.slug, n.sort_at FROM feeds f, LATERAL (
        SELECT sort_at FROM post_sources s WHERE s.feed_id = f.id AND ${isShown('s.post_id')}
        ORDER BY sort_at DESC, post_id DESC LIMIT 1) n
      ORDER BY 3 DESC, 2 LIMIT $2)`,
    [TAGS_MAX, SOURCES_MAX],
  );
  return rows.map((row) => ({
    kind: row.kind,
    slug: row.slug,
    lastAt: row.last_at.toISOString(),
  }));
}

/** A month in which posts were published, YYYY-MM, with the time of its newest post (ISO 8601). */
export interface SitemapMonth {
  month: string;
  lastAt: string;
}

/** Every month that has posts, newest first: one step in the index for each. */
export async function listMonthsForSitemap(): Promise<SitemapMonth[]> {
  const { rows } = await dbPool().query<{ last_at: Date }>(
    `WITH RECURSIVE months AS (
       (SELECT sort_at AS last_at FROM posts WHERE withdrawn_at IS NULL
        ORDER BY sort_at DESC, id DESC LIMIT 1)
       UNION ALL
       SELECT older.sort_at FROM months, LATERAL (
         SELECT sort_at FROM posts
         WHERE withdrawn_at IS NULL
           AND sort_at < date_trunc('month', months.last_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
         ORDER BY sort_at DESC, id DESC LIMIT 1) AS older)
     SELECT last_at FROM months`,
  );
  return rows.map(({ last_at }) => {
    const lastAt = last_at.toISOString();
    return { month: lastAt.slice(0, 7), lastAt };
  });
}

/** A month of a tag with fewer posts says nothing that the tag's page does not. */
const MONTH_POSTS_MIN = 5;

/**
 * The tags that have an archive worth finding for a month, those with most posts first.
 * @param month YYYY-MM.
 * @returns their slugs.
 */
export async function listTagsOfMonth(month: string): Promise<string[]> {
  const { rows } = await dbPool().query<{ slug: string }>(
    `SELECT t.slug FROM tag_months m JOIN tags t ON t.id = m.tag_id
     WHERE m.month = to_date($1, 'YYYY-MM') AND m.posts >= $2 AND NOT t.hidden
     ORDER BY m.posts DESC, t.slug LIMIT $3`,
    [month, MONTH_POSTS_MIN, TAGS_MAX],
  );
  return rows.map(({ slug }) => slug);
}
