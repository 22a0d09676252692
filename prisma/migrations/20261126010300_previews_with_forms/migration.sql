-- A preview of an alert finds what the alert would: other forms of its words as well. Nobody has
-- asked for these words yet, so alert_words has none of them.

-- A word of a query, and whatever begins as its stems do: all posts with a form of it, and others.
CREATE FUNCTION wide_words(words tsquery) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE WHEN numnode(words) = 1 AND length(word) > 1 THEN words || (
    '''' || replace(replace(left(word, (
      SELECT min(same) FROM (
        SELECT max(n) AS same
        FROM stemmers() AS s, LATERAL (SELECT (ts_lexize(s.stemmer, word))[1] AS stem) AS stemmed,
          generate_series(1, length(word)) AS n
        WHERE left(word, n) = left(stem, n) GROUP BY s.language) AS shared
    )), '\', '\\'), '''', '''''') || ''':*')::tsquery ELSE words END
  FROM (SELECT max(w) AS word FROM query_words(words) AS w) AS plain
$$;

-- What a query looks for beside the words that a post has, as other_words() has it for alerts.
CREATE FUNCTION met_words(query tsquery, words tsvector, language text) RETURNS tsvector
LANGUAGE sql STABLE AS $$
  SELECT coalesce(string_agg(
    '''' || replace(replace(asked, '\', '\\'), '''', '''''') || ''':1', ' '), '')::tsvector
  FROM (SELECT stemmer_of($3) AS stemmer, tsvector_to_array(words) AS all_words OFFSET 0) AS s,
    query_words(query) AS asked
  WHERE CASE WHEN asked LIKE '¶=%' THEN substr(asked, 3) = ANY(s.all_words)
    ELSE asked NOT LIKE '¶%' AND s.stemmer IS NOT NULL AND asked <> ALL(s.all_words) AND EXISTS (
      SELECT FROM unnest(s.all_words) AS had
      WHERE left(had, 1) = left(asked, 1)
        AND (ts_lexize(s.stemmer, had))[1] = (ts_lexize(s.stemmer, asked))[1])
  END
$$;
