import { anchorCandidates, chooseAnchors, type Statistics } from '../alerts/choose-anchors.ts';
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
 * be other than when it was compiled (a source has another name), so nothing becomes an anchor that
 * the compiled query does not name.
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
    const moves = alerts.flatMap(({ id, query, policy, share }, place) => {
      const tree = trees[place];
      const anchors = tree === undefined ? [] : chooseAnchors(tree, statistics);
      const isRarer = shareOf(anchors) * TIMES_RARER_MIN <= share;
      return anchors.length > 0 && isRarer ? [{ id, query, policy, anchors }] : [];
    });
    if (moves.length === 0) return 0;
    const { rowCount } = await tx.query(
      `UPDATE alerts a SET anchors = m.anchors
       FROM json_to_recordset($1::json) AS m (id int, query text, policy text, anchors text[])
       WHERE a.id = m.id AND a.query = m.query AND a.policy IS NOT DISTINCT FROM m.policy
         AND NOT EXISTS (SELECT FROM unnest(m.anchors) AS lexeme
                         WHERE strpos(a.tsquery::text, '''' || lexeme || '''') = 0)`,
      [JSON.stringify(moves)],
    );
    return rowCount ?? 0;
  });
}
