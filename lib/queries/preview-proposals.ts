import { compileQuery, hasWords } from '../alerts/compile-query.ts';
import type { Tx } from '../db.ts';
import type { Proposal } from '../model/alert.ts';
import { parseQuery } from '../model/query/parse-query.ts';
import type { Leaf } from '../model/query/token.ts';
import { type QueryTree, writeQuery } from '../model/query/tree.ts';
import { widerQueries } from '../model/query/wider.ts';
import { meantBy } from './did-you-mean.ts';
import { resolveFields } from './query-fields.ts';

const PROPOSALS_MAX = 3;
/** What fewer share is not worth leaving out; what more share is what the query is about. */
const SHARE_MIN = 0.2;
const SHARE_MAX = 0.9;
/** Each is a search of its own. */
const WIDER_TRIED_MAX = 6;
/** Counting on would cost more than the number says. */
const WIDER_POSTS_MAX = 1000;
const WEEK_DAYS = 7;

/** Posts of each whole week of the last days, the earliest first. */
export async function countWeeks(
  tx: Tx,
  postIds: number[],
  now: Date,
  days: number,
): Promise<number[]> {
  const weeks = Math.floor(days / WEEK_DAYS);
  const { rows } = await tx.query<{ week: number; posts: number }>(
    `SELECT floor(extract(epoch FROM $2::timestamptz - sort_at) / 86400 / ${WEEK_DAYS})::int AS week,
            count(*)::int AS posts
     FROM posts WHERE id = ANY($1) GROUP BY 1`,
    [postIds, now],
  );
  const byWeek = new Map(rows.map(({ week, posts }) => [week, posts]));
  return Array.from({ length: weeks }, (_, n) => byWeek.get(weeks - 1 - n) ?? 0);
}

interface Shared {
  of: 'tag' | 'source';
  slug: string;
  name: string;
  posts: number;
}

/** What the query asks for by a field already. */
function fieldsOf(tree: QueryTree): Extract<Leaf, { kind: 'field' }>[] {
  if (tree.kind === 'field') return [tree];
  if (tree.kind === 'not') return fieldsOf(tree.part);
  return tree.kind === 'and' || tree.kind === 'or' ? tree.parts.flatMap(fieldsOf) : [];
}

/** Tags and sources that many of the posts share, and that could be left out. */
export async function proposeExclusions(
  tx: Tx,
  tree: QueryTree,
  postIds: number[],
): Promise<Proposal[]> {
  const { rows } = await tx.query<Shared>(
    `SELECT * FROM (
       SELECT 'tag' AS of, t.slug, t.name, count(*)::int AS posts
       FROM post_tags pt JOIN tags t ON t.id = pt.tag_id AND NOT t.hidden
       WHERE pt.post_id = ANY($1) GROUP BY t.id
       UNION ALL
       SELECT 'source', f.slug, coalesce(f.title_override, f.title), count(*)::int
       FROM posts p JOIN feeds f ON f.id = p.feed_id WHERE p.id = ANY($1) GROUP BY f.id
     ) AS shared WHERE posts BETWEEN $2 AND $3 ORDER BY posts DESC, of, slug LIMIT 20`,
    [postIds, Math.ceil(postIds.length * SHARE_MIN), Math.floor(postIds.length * SHARE_MAX)],
  );
  const named = new Set(fieldsOf(tree).map(({ name, text }) => `${name} ${text}`));
  return rows
    .filter(({ of, slug }) => !named.has(`${of} ${slug}`))
    .slice(0, PROPOSALS_MAX)
    .map(({ of, slug, name, posts }) => {
      const field: QueryTree = { kind: 'field', name: of, text: slug, isPrefix: false };
      const parts = tree.kind === 'and' ? tree.parts : [tree];
      const without: QueryTree = { kind: 'and', parts: [...parts, { kind: 'not', part: field }] };
      return { kind: 'exclude', of, name, posts, query: writeQuery(without) };
    });
}

async function countPosts(tx: Tx, tree: QueryTree, now: Date, days: number): Promise<number> {
  const compiled = compileQuery(await resolveFields(tree), 3);
  const { rows } = await tx.query<{ posts: number }>(
    `WITH q AS MATERIALIZED (SELECT ${compiled.sql} AS q)
     SELECT count(*)::int AS posts FROM (
       SELECT FROM posts p, q WHERE ${hasWords('q.q')} AND p.words @@ q.q
         AND p.withdrawn_at IS NULL
         AND p.sort_at > $1::timestamptz - make_interval(days => $2) LIMIT ${WIDER_POSTS_MAX}) AS met`,
    [now, days, ...compiled.values],
  );
  return rows[0]?.posts ?? 0;
}

/** The same query with words or names spelt as posts have them, if that finds something. */
export async function proposeNear(
  tx: Tx,
  tree: QueryTree,
  now: Date,
  days: number,
): Promise<Proposal[]> {
  let posts = 0;
  const query = await meantBy(writeQuery(tree), async (text) => {
    const parsed = parseQuery(text);
    posts = parsed.kind === 'query' ? await countPosts(tx, parsed.tree, now, days) : 0;
    return posts > 0;
  });
  return query === undefined ? [] : [{ kind: 'near', posts, query }];
}

/** Queries that ask for a little less and find something. */
export async function proposeWider(
  tx: Tx,
  tree: QueryTree,
  now: Date,
  days: number,
): Promise<Proposal[]> {
  const proposals: Proposal[] = [];
  for (const wider of widerQueries(tree).slice(0, WIDER_TRIED_MAX)) {
    const posts = await countPosts(tx, wider, now, days);
    if (posts > 0) proposals.push({ kind: 'wider', posts, query: writeQuery(wider) });
    if (proposals.length === PROPOSALS_MAX) break;
  }
  return proposals;
}
