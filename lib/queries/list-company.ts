import { dbPool } from '../db.ts';
import { recentSince, writeRhythm } from '../model/rhythm.ts';
import type { MonthCount, TagName } from '../model/tag.ts';
import { findInList, type Scope } from './list-ranges.ts';

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

/**
 * Who wrote the posts, the most frequent first.
 * @param feedId of the source whose list they are: whoever has the same name in another is one with
 * its own author.
 */
export async function countAuthors(postIds: number[], feedId?: number): Promise<NameCount[]> {
  const { rows } = await dbPool().query<NameCount>(
    `SELECT (array_agg(a.slug ORDER BY a.feed_id = $2 DESC, a.id))[1] AS slug,
            (array_agg(a.name ORDER BY a.feed_id = $2 DESC, a.id))[1] AS name,
            count(*)::int AS posts
     FROM post_authors pa JOIN authors a ON a.id = pa.author_id WHERE pa.post_id = ANY($1)
     GROUP BY CASE WHEN $2::int IS NULL THEN a.id::text ELSE a.key END
     ORDER BY posts DESC, name LIMIT ${AUTHORS_MAX}`,
    [postIds, feedId ?? null],
  );
  return rows;
}

/** What the newest posts of a list say of it. */
export interface ListCompany {
  /** How many those are; all of them unless `hasOlder`. */
  posts: number;
  hasOlder: boolean;
  newestAt: string | null;
  oldestAt: string | null;
  /** `about 3 a week`; null for what had no post of late. */
  rhythm: string | null;
  /** Oldest first; empty where there are older posts than were looked at. */
  months: MonthCount[];
  tags: (TagName & { posts: number })[];
  authors: NameCount[];
}

/** Looks at the newest SAMPLE_POSTS posts of a list. */
export async function getListCompany(scope: Scope, now: Date): Promise<ListCompany> {
  const { posts, older } = await findInList(scope, { limit: SAMPLE_POSTS });
  const ids = posts.map(({ id }) => id);
  const feedId = scope.kind === 'source' ? scope.id : undefined;
  const [tags, authors] = await Promise.all([countTags(ids, []), countAuthors(ids, feedId)]);
  const times = posts.map(({ sortAt }) => sortAt);
  const [newest, oldest] = [times[0], times.at(-1)];
  const since = recentSince(now);
  const recent = times.filter((time) => time >= since && time <= now).length;
  return {
    posts: posts.length,
    hasOlder: older !== undefined,
    newestAt: newest?.toISOString() ?? null,
    oldestAt: oldest?.toISOString() ?? null,
    rhythm: (oldest && writeRhythm({ posts: recent, firstAt: oldest }, now)) ?? null,
    months: older === undefined ? monthsOf(times) : [],
    tags,
    authors,
  };
}

/** @param times newest first. */
function monthsOf(times: Date[]): MonthCount[] {
  const byMonth = Map.groupBy([...times].reverse(), (time) => time.toISOString().slice(0, 7));
  return [...byMonth].map(([month, ofMonth]) => ({ month, posts: ofMonth.length }));
}
