import { dbPool } from '../db.ts';
import type { TagName } from '../model/tag.ts';

/** What stands beside a list is that of its newest posts: a whole list is never read. */
export const SAMPLE_POSTS = 500;
const TAGS_MAX = 8;
const SOURCES_MAX = 6;
const AUTHORS_MAX = 6;

/** A source or author with its number of posts. */
export interface NameCount {
  slug: string;
  name: string;
  posts: number;
}

/** Tags that the posts bear, but for those that all of them do, the most frequent first. */
export async function countTags(
  postIds: number[],
  besides: number[],
): Promise<(TagName & { posts: number })[]> {
  const { rows } = await dbPool().query<TagName & { posts: number }>(
    `SELECT t.slug, t.name, count(*)::int AS posts
     FROM post_tags o JOIN tags t ON t.id = o.tag_id AND NOT t.hidden
     WHERE o.post_id = ANY($1) AND o.tag_id <> ALL($2)
     GROUP BY t.id ORDER BY posts DESC, t.name LIMIT ${TAGS_MAX}`,
    [postIds, besides],
  );
  return rows;
}

/** Sources of the posts, the most frequent first, and how many there are in all. */
export async function countSources(postIds: number[]): Promise<{ top: NameCount[]; all: number }> {
  const { rows } = await dbPool().query<NameCount & { all: number }>(
    `SELECT f.slug, coalesce(f.title_override, f.title) AS name, count(*)::int AS posts,
            count(*) OVER ()::int AS all
     FROM posts p JOIN feeds f ON f.id = p.feed_id WHERE p.id = ANY($1)
     GROUP BY f.id ORDER BY posts DESC, name LIMIT ${SOURCES_MAX}`,
    [postIds],
  );
  return { top: rows.map(({ all: _, ...row }) => row), all: rows[0]?.all ?? 0 };
}

/** Who wrote the posts, the most frequent first. */
export async function countAuthors(postIds: number[]): Promise<NameCount[]> {
  const { rows } = await dbPool().query<NameCount>(
    `SELECT a.slug, a.name, count(*)::int AS posts
     FROM post_authors pa JOIN authors a ON a.id = pa.author_id WHERE pa.post_id = ANY($1)
     GROUP BY a.id ORDER BY posts DESC, a.name LIMIT ${AUTHORS_MAX}`,
    [postIds],
  );
  return rows;
}
