-- An alert for a word is met by its other forms, by the stems of a post's own language. Posts keep
-- the words that they have, so that saving costs nothing more: in the moment of matching, a post
-- gets those words of alerts that are other forms of its own. Here stand the words of all alerts,
-- by their stems in every language; and under '=' those that are asked for as they are written.

-- CreateTable
CREATE TABLE "alert_words" (
    "language" TEXT NOT NULL,
    "stem" TEXT NOT NULL,
    "word" TEXT NOT NULL,

    CONSTRAINT "alert_words_pkey" PRIMARY KEY ("language","stem","word")
);

-- The dictionaries that come with every Postgres that we can run with.
CREATE FUNCTION stemmers() RETURNS TABLE (language text, stemmer regdictionary)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  VALUES ('da', 'danish_stem'::regdictionary), ('nl', 'dutch_stem'), ('en', 'english_stem'),
    ('fi', 'finnish_stem'), ('fr', 'french_stem'), ('de', 'german_stem'),
    ('hu', 'hungarian_stem'), ('it', 'italian_stem'), ('no', 'norwegian_stem'),
    ('nb', 'norwegian_stem'), ('nn', 'norwegian_stem'), ('pt', 'portuguese_stem'),
    ('ro', 'romanian_stem'), ('ru', 'russian_stem'), ('es', 'spanish_stem'),
    ('sv', 'swedish_stem'), ('tr', 'turkish_stem')
$$;

-- That of a post's language (pt-br is pt); null where there is none.
CREATE FUNCTION stemmer_of(given text) RETURNS regdictionary
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT s.stemmer FROM stemmers() AS s WHERE s.language = split_part(given, '-', 1)
$$;

-- The plain words of a query: none of a field or a phrase, with a weight, or that only begins so.
CREATE FUNCTION query_words(query tsquery) RETURNS SETOF text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT DISTINCT replace(replace(found[2], '''''', ''''), '\\', '\')
  FROM regexp_matches(query::text, $re$(> )?'((?:[^']|'')*)'(:)?( <)?$re$, 'g') AS found
  WHERE coalesce(found[1], found[3], found[4]) IS NULL
$$;

-- ¶= before a word says that it is asked for as it is written.
CREATE FUNCTION exact_words(words tsquery) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN numnode(words) = 1 THEN words && ('''¶=' || substr(words::text, 2))::tsquery
    ELSE words END
$$;

CREATE FUNCTION note_alert_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO alert_words (language, stem, word)
  SELECT DISTINCT language, stem, word FROM (
    SELECT DISTINCT query_words(added.tsquery) AS word FROM added
  ) AS words, LATERAL (
    SELECT '=' AS language, substr(words.word, 3) AS stem WHERE words.word LIKE '¶=%'
    UNION ALL
    SELECT s.language, (ts_lexize(s.stemmer, words.word))[1] FROM stemmers() AS s
    WHERE words.word NOT LIKE '¶%'
  ) AS keys
  WHERE stem <> '' ORDER BY language, stem, word
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER alert_words_noted AFTER INSERT ON alerts
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_alert_words();

-- What alerts look for beside the words that a post has, as lexemes of its text.
CREATE FUNCTION other_words(words tsvector, language text) RETURNS tsvector
LANGUAGE sql STABLE AS $$
  SELECT coalesce(string_agg(
    '''' || replace(replace(other.word, '\', '\\'), '''', '''''') || ''':1', ' '), '')::tsvector
  FROM (
    SELECT a.word FROM unnest(tsvector_to_array(words)) AS had
    JOIN alert_words a ON a.language = '=' AND a.stem = had
    UNION
    SELECT a.word FROM (SELECT stemmer_of($2) AS stemmer OFFSET 0) AS s,
      unnest(tsvector_to_array(words)) AS had
      JOIN LATERAL (SELECT (ts_lexize(s.stemmer, had))[1] AS stem OFFSET 0) AS key ON true
      JOIN alert_words a ON a.language = split_part($2, '-', 1) AND a.stem = key.stem
    WHERE s.stemmer IS NOT NULL AND had NOT LIKE '¶%' AND a.word <> had
  ) AS other
$$;

-- A query as it is marked in a post: with the other forms that its words have there.
CREATE FUNCTION marked_words(query tsquery, words tsvector, language text) RETURNS tsquery
LANGUAGE sql STABLE AS $$
  SELECT coalesce(asked.plain || forms.other, asked.plain)
  FROM (SELECT replace(query::text, '''¶=', '''')::tsquery AS plain) AS asked,
    (SELECT string_agg(
       '''' || replace(replace(had, '\', '\\'), '''', '''''') || '''', ' | ')::tsquery
       AS other
     FROM (SELECT stemmer_of(language) AS stemmer OFFSET 0) AS s,
       unnest(tsvector_to_array(words)) AS had
     WHERE had NOT LIKE '¶%' AND (ts_lexize(s.stemmer, had))[1] IN (
       SELECT (ts_lexize(s.stemmer, word))[1] FROM query_words(query) AS word
       WHERE word NOT LIKE '¶%')) AS forms
$$;

-- Alerts that there are.
INSERT INTO alert_words (language, stem, word)
SELECT DISTINCT s.language, stem[1], word
FROM (SELECT DISTINCT query_words(tsquery) AS word FROM alerts) AS words, stemmers() AS s,
  ts_lexize(s.stemmer, word) AS stem
WHERE word NOT LIKE '¶%' AND stem[1] <> '';
