import { dbPool } from '../db.ts';

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
        SELECT sort_at FROM post_tags pt WHERE pt.tag_id = t.id
        ORDER BY sort_at DESC, post_id DESC LIMIT 1) n
      WHERE NOT t.hidden ORDER BY 3 DESC, 2 LIMIT $1)
     UNION ALL
     (SELECT 'source', f.slug, n.sort_at FROM feeds f, LATERAL (
        SELECT sort_at FROM post_sources s WHERE s.feed_id = f.id
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
