import { dbPool } from '../db.ts';
import type { TagTerms } from '../model/tag-algebra.ts';
import type { Cursor } from './cursor.ts';
import { isShown } from './is-shown.ts';

/**
 * Posts looked at for one page, about 3 µs each. Where tags hardly meet, a page ends here with
 * what it has, and the next one goes on.
 */
export const PROBES_MAX = 10_000;

/** Where to look: before a place, and within a range of time (`to` is outside). */
export interface TaggedRange {
  before: Cursor;
  from: Date;
  to: Date;
}

/** Posts that meet the terms, newest first. */
export interface TaggedPosts {
  posts: Cursor[];
  /** As far as was looked, where older posts have not been looked at; undefined: there are none. */
  lookedTo: Cursor | undefined;
}

const NOTHING: TaggedPosts = { posts: [], lookedTo: undefined };

/**
 * Which tag to go through, and where: the months in which all wanted tags have posts, and the tag
 * that has fewest posts in them. Counts are kept, so tags that never meet in a month cost nothing.
 * $1 ids, $2 from, $3 to.
 */
const COMMON = `
  SELECT tag_id AS id, min(month)::timestamp AT TIME ZONE 'UTC' AS first,
         (max(month) + interval '1 month') AT TIME ZONE 'UTC' AS last
  FROM (SELECT tag_id, month, posts, count(*) OVER (PARTITION BY month) AS tags FROM tag_months
        WHERE tag_id = ANY($1) AND month >= date_trunc('month', $2::timestamptz AT TIME ZONE 'UTC')
          AND month < $3::timestamptz AT TIME ZONE 'UTC') AS m
  WHERE tags = cardinality($1::int[]) GROUP BY tag_id ORDER BY sum(posts), tag_id LIMIT 1`;

/**
 * The posts of the tag $1, each looked up under the others by the key (post, tag). A count as a
 * scalar cannot be turned into a join, which would read the other tags whole.
 * $2, $3 the place; $4, $5 the range; $6 tags it must bear besides, $7 must not; $8 limit.
 */
export const TAGGED = `
  SELECT sort_at AS "sortAt", post_id AS id FROM (
    SELECT sort_at, post_id FROM post_tags
    WHERE tag_id = $1 AND (sort_at, post_id) < ($2::timestamptz, $3::int)
      AND sort_at >= $4 AND sort_at < $5
    ORDER BY sort_at DESC, post_id DESC LIMIT ${PROBES_MAX}) AS d
  WHERE (SELECT count(*) FROM post_tags o
         WHERE o.post_id = d.post_id AND o.tag_id = ANY($6::int[])) = cardinality($6::int[])
    AND (SELECT count(*) FROM post_tags o
         WHERE o.post_id = d.post_id AND o.tag_id = ANY($7::int[])) = 0
    AND ${isShown('d.post_id')}
  ORDER BY sort_at DESC, post_id DESC LIMIT $8`;

/** The last post that TAGGED can have looked at, where it looked at as many as it may. */
const LOOKED_TO = `
  SELECT sort_at AS "sortAt", post_id AS id FROM post_tags
  WHERE tag_id = $1 AND (sort_at, post_id) < ($2::timestamptz, $3::int)
    AND sort_at >= $4 AND sort_at < $5
  ORDER BY sort_at DESC, post_id DESC OFFSET ${PROBES_MAX - 1} LIMIT 1`;

const earlier = (a: Date, b: Date) => (a < b ? a : b);
const later = (a: Date, b: Date) => (a < b ? b : a);

/** Finds at most `limit` posts by the ids of tags. Looks at PROBES_MAX posts at most. */
export async function findTagged(
  terms: TagTerms<number>,
  { before, from, to }: TaggedRange,
  limit: number,
): Promise<TaggedPosts> {
  const pool = dbPool();
  // A post of the place's own millisecond may come after it.
  const until = earlier(to, new Date(before.sortAt.getTime() + 1));
  const { rows: common } = await pool.query<{ id: number; first: Date; last: Date }>(COMMON, [
    terms.with,
    from,
    until,
  ]);
  const [driver] = common;
  if (driver === undefined) return NOTHING;
  const range = [
    driver.id,
    before.sortAt,
    before.id,
    later(from, driver.first),
    earlier(to, driver.last),
  ];
  const others = terms.with.filter((id) => id !== driver.id);
  const { rows: posts } = await pool.query<Cursor>(TAGGED, [
    ...range,
    others,
    terms.without,
    limit,
  ]);
  if (posts.length === limit) return { posts, lookedTo: posts.at(-1) };
  const { rows: last } = await pool.query<Cursor>(LOOKED_TO, range);
  return { posts, lookedTo: last[0] };
}
