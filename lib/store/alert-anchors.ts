import { anchorCandidates, chooseAnchors } from '../alerts/choose-anchors.ts';
import type { Tx } from '../db.ts';
import type { QueryTree } from '../model/query/tree.ts';

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

/**
 * The lexemes that a query is best anchored on, by what Postgres has counted of words until now.
 * Empty when a match may have none that can be named.
 */
export async function readAnchors(tx: Tx, tree: QueryTree): Promise<string[]> {
  const { texts, lexemes } = anchorCandidates(tree);
  const { rows } = await tx.query<{
    lexemes: Record<string, string[]>;
    frequencies: Record<string, number>;
  }>(STATISTICS, [[...new Set(texts)], lexemes]);
  const cut = new Map(Object.entries(rows[0]?.lexemes ?? {}));
  const counted = new Map(Object.entries(rows[0]?.frequencies ?? {}));
  return chooseAnchors(tree, {
    lexemesOf: (text) => cut.get(text) ?? [],
    frequencyOf: (lexeme) => counted.get(lexeme) ?? 0,
  });
}
