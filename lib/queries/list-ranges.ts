import { dbPool } from '../db.ts';
import type { TagTerms } from '../model/tag-algebra.ts';
import type { Cursor } from './cursor.ts';
import { isShown } from './is-shown.ts';
import { findTagged } from './tagged-posts.ts';

/** Which list: of everything, of a tag, source or author by its id, or of tags together. */
export type Scope =
  | { kind: 'latest' }
  | { kind: 'tag' | 'source' | 'author'; id: number }
  | { kind: 'tags'; terms: TagTerms<number> };

/** A list that is one range of an index. */
export type OneList = Exclude<Scope, { kind: 'tags' }>;

/** A month in UTC, `month` from 1 to 12. */
export interface Month {
  year: number;
  month: number;
}

/** Places of posts, newest first, and the place after which there are more; undefined: none. */
export interface Found {
  posts: Cursor[];
  older: Cursor | undefined;
}

/** Before any post that there can be. */
const START: Cursor = { sortAt: new Date('9999-01-01T00:00:00Z'), id: 2 ** 31 - 1 };

/**
 * The index range of a list: its table, id column and own condition on $1. Archives that came at
 * once are not among the newest posts of all, but in their months.
 */
export function rangeOf(scope: OneList, month?: Month): { table: string; id: string; own: string } {
  switch (scope.kind) {
    case 'latest': {
      const quiet = month === undefined ? 'AND NOT quiet' : '';
      return { table: 'posts', id: 'id', own: `withdrawn_at IS NULL ${quiet} AND $1::int IS NULL` };
    }
    case 'tag':
      return { table: 'post_tags', id: 'post_id', own: 'tag_id = $1' };
    case 'source':
      return { table: 'post_sources', id: 'post_id', own: 'feed_id = $1' };
    case 'author':
      return { table: 'post_authors', id: 'post_id', own: 'author_id = $1' };
  }
}

/** What `own` of a range compares with. */
export const scopeId = (scope: OneList) => (scope.kind === 'latest' ? null : scope.id);

function monthRange(month: Month | undefined): { from: Date; to: Date } {
  if (month === undefined) return { from: new Date(0), to: START.sortAt };
  return {
    from: new Date(Date.UTC(month.year, month.month - 1, 1)),
    to: new Date(Date.UTC(month.year, month.month, 1)),
  };
}

/**
 * At most `limit` posts of a list after a place in it. One range of an index: a deep one costs
 * what the first one does.
 */
export async function findInList(
  scope: Scope,
  options: { before?: Cursor | undefined; month?: Month | undefined; limit: number },
): Promise<Found> {
  const { before = START, month, limit } = options;
  const { from, to } = monthRange(month);
  if (scope.kind === 'tags') {
    const { posts, lookedTo } = await findTagged(scope.terms, { before, from, to }, limit + 1);
    if (posts.length <= limit) return { posts, older: lookedTo };
    return { posts: posts.slice(0, limit), older: posts[limit - 1] };
  }
  const { table, id, own } = rangeOf(scope, month);
  const shown = scope.kind === 'latest' ? '' : `AND ${isShown(id)}`;
  // A feed may carry one post under two guids: its rows are neighbours in the range.
  const { rows } = await dbPool().query<Cursor>(
    `SELECT DISTINCT sort_at AS "sortAt", ${id} AS id FROM ${table}
     WHERE ${own} AND (sort_at, ${id}) < ($2::timestamptz, $3::int)
       AND sort_at >= $4 AND sort_at < $5 ${shown}
     ORDER BY "sortAt" DESC, id DESC LIMIT $6`,
    [scopeId(scope), before.sortAt, before.id, from, to, limit + 1],
  );
  const hasOlder = rows.length > limit;
  return { posts: rows.slice(0, limit), older: hasOlder ? rows[limit - 1] : undefined };
}

/** Months of all posts beyond these are old; their pages lead on to them. */
const MONTHS_MAX = 240;

/**
 * The months in which there are posts, of all, the newest first, as YYYY-MM. Leaps through an index
 * from month to month, so it costs as much as there are months.
 */
export async function listAllMonths(): Promise<string[]> {
  const newestBefore = (bound: string) => `
    SELECT date_trunc('month', sort_at AT TIME ZONE 'UTC') AS month FROM posts
    WHERE withdrawn_at IS NULL ${bound} ORDER BY sort_at DESC, id DESC LIMIT 1`;
  const { rows } = await dbPool().query<{ month: string }>(
    `WITH RECURSIVE months AS (
       (${newestBefore('')})
       UNION ALL
       SELECT (${newestBefore("AND sort_at < months.month AT TIME ZONE 'UTC'")})
       FROM months WHERE months.month IS NOT NULL
     )
     SELECT to_char(month, 'YYYY-MM') AS month FROM months WHERE month IS NOT NULL
     LIMIT ${MONTHS_MAX}`,
  );
  return rows.map(({ month }) => month);
}

/** The nearest months with posts before and after one, of all posts, as YYYY-MM. */
export async function findNearMonths(
  month: Month,
): Promise<{ earlier: string | null; later: string | null }> {
  const { from, to } = monthRange(month);
  const { rows } = await dbPool().query<{ earlier: Date | null; later: Date | null }>(
    `SELECT (SELECT sort_at FROM posts WHERE withdrawn_at IS NULL AND sort_at < $1
             ORDER BY sort_at DESC, id DESC LIMIT 1) AS earlier,
            (SELECT sort_at FROM posts WHERE withdrawn_at IS NULL AND sort_at >= $2
             ORDER BY sort_at, id LIMIT 1) AS later`,
    [from, to],
  );
  const nameOf = (time: Date | null | undefined) => time?.toISOString().slice(0, 7) ?? null;
  return { earlier: nameOf(rows[0]?.earlier), later: nameOf(rows[0]?.later) };
}
