import { anchorCandidates, chooseAnchors, type Statistics } from '../alerts/choose-anchors.ts';
import { compileQuery } from '../alerts/compile-query.ts';
import { dbPool, type Tx, transaction } from '../db.ts';
import type { QueryTree } from '../model/query/tree.ts';

/** Words of so many posts are looked for better ones. */
const SHARE_COMMON = 0.01;
/** What is hardly rarer is not worth the change. */
const TIMES_RARER_MIN = 2;

/** How texts are cut, and what ANALYZE has counted of their lexemes and of others. */
const STATISTICS = `
  WITH cut AS (
    SELECT text, tsvector_to_array(to_tsvector('tagwire', text)) AS lexemes
    FROM unnest($1::text[]) AS t (text)
  ), counted AS (
    SELECT word, freq FROM pg_stats,
           unnest(most_common_elems::text::text[], most_common_elem_freqs) AS common (word, freq)
    WHERE schemaname = current_schema() AND tablename = 'posts' AND attname = 'words'
      AND (word IN (SELECT unnest(lexemes) FROM cut) OR word = ANY($2))
  )
  SELECT coalesce((SELECT json_object_agg(text, lexemes) FROM cut), '{}') AS lexemes,
         coalesce((SELECT json_object_agg(word, freq) FROM counted), '{}') AS frequencies`;

/** What Postgres knows of the words of these queries. */
async function readStatistics(tx: Tx, trees: QueryTree[]): Promise<Statistics> {
  const candidates = trees.map(anchorCandidates);
  const { rows } = await tx.query<{
    lexemes: Record<string, string[]>;
    frequencies: Record<string, number>;
  }>(STATISTICS, [
    [...new Set(candidates.flatMap(({ texts }) => texts))],
    [...new Set(candidates.flatMap(({ lexemes }) => lexemes))],
  ]);
  const cut = new Map(Object.entries(rows[0]?.lexemes ?? {}));
  const counted = new Map(Object.entries(rows[0]?.frequencies ?? {}));
  return {
    lexemesOf: (text) => cut.get(text) ?? [],
    frequencyOf: (lexeme) => counted.get(lexeme) ?? 0,
  };
}

/**
 * The lexemes that a query is best anchored on, by what Postgres has counted of words until now.
 * Empty when a match may have none that can be named.
 */
export async function readAnchors(tx: Tx, tree: QueryTree): Promise<string[]> {
  return chooseAnchors(tree, await readStatistics(tx, [tree]));
}

/** An alert whose anchors have become common. */
export interface CommonAlert {
  id: number;
  query: string;
  policy: string | null;
  /** Of posts, as sum over its anchors. */
  share: number;
}

/**
 * Alerts in force after `id` that are anchored on words of more than SHARE_COMMON of all posts and
 * ask for something beside them, in their order.
 */
export async function listCommonAlerts(id: number, limit: number): Promise<CommonAlert[]> {
  const { rows } = await dbPool().query<CommonAlert>(
    `WITH counted AS MATERIALIZED (
       SELECT word, freq FROM pg_stats,
         unnest(most_common_elems::text::text[], most_common_elem_freqs) AS c (word, freq)
       WHERE schemaname = current_schema() AND tablename = 'posts' AND attname = 'words')
     SELECT id, query, policy,
            (SELECT sum(freq) FROM counted WHERE word = ANY(anchors))::float8 AS share
     FROM alerts
     WHERE id > $1 AND status = 'active' AND numnode(tsquery) > 1
       AND anchors && ARRAY(SELECT word FROM counted WHERE freq > ${SHARE_COMMON})
     ORDER BY id LIMIT $2`,
    [id, limit],
  );
  return rows;
}

/**
 * Anchors alerts on rarer words, where their queries have some. What is known of a query by now may
 * be other than when it was compiled (a source has another name): then its anchors stay.
 * @param trees the queries, place by place; undefined: one that cannot be read any more.
 * @returns how many have other anchors now.
 */
export function chooseAnchorsAnew(
  alerts: CommonAlert[],
  trees: (QueryTree | undefined)[],
): Promise<number> {
  return transaction(async (tx) => {
    const statistics = await readStatistics(
      tx,
      trees.filter((tree) => tree !== undefined),
    );
    const shareOf = (anchors: string[]) =>
      anchors.reduce((sum, lexeme) => sum + statistics.frequencyOf(lexeme), 0);
    let moved = 0;
    for (const [place, { id, share }] of alerts.entries()) {
      const tree = trees[place];
      if (tree === undefined) continue;
      const anchors = chooseAnchors(tree, statistics);
      const isRarer = shareOf(anchors) * TIMES_RARER_MIN <= share;
      if (anchors.length > 0 && isRarer && (await moveAnchors(tx, id, tree, anchors))) moved += 1;
    }
    return moved;
  });
}

/** Anchors an alert anew, if its query is compiled as it was. */
async function moveAnchors(tx: Tx, id: number, tree: QueryTree, anchors: string[]) {
  const compiled = compileQuery(tree, 3, { marksExact: true });
  const { rowCount } = await tx.query(
    `UPDATE alerts SET anchors = $2::text[]
     WHERE id = $1 AND tsquery::text = (${compiled.sql})::text`,
    [id, anchors, ...compiled.values],
  );
  return rowCount === 1;
}
