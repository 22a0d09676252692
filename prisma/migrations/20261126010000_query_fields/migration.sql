-- What queries ask for beside words (tag:, source:, lang:) stands among the words of a post, as
-- lexemes that no text can give: the parser never makes ¶ part of a word. So a whole query is one
-- tsquery, alerts keep their anchors, and one index answers searches.
-- Tags that are shown, all feeds that carry it, and its language, with and without its region.
CREATE FUNCTION post_fields(post posts) RETURNS tsvector LANGUAGE sql STABLE AS $$
  SELECT array_to_tsvector(ARRAY(
    SELECT '¶tag:' || t.slug FROM post_tags pt JOIN tags t ON t.id = pt.tag_id AND NOT t.hidden
    WHERE pt.post_id = post.id
    UNION
    SELECT '¶source:' || f.slug FROM feeds f WHERE f.id = post.feed_id
    UNION
    SELECT '¶source:' || f.slug FROM post_sources s JOIN feeds f ON f.id = s.feed_id
    WHERE s.post_id = post.id
    UNION
    SELECT '¶lang:' || l FROM unnest(ARRAY[post.language, split_part(post.language, '-', 1)]) AS l
    WHERE l <> ''
  ))
$$;

-- Otherwise as before.
CREATE OR REPLACE FUNCTION post_words(post posts) RETURNS tsvector LANGUAGE plpgsql STABLE AS $$
DECLARE
  characters int := 200000;
BEGIN
  LOOP
    BEGIN
      RETURN setweight(to_tsvector('tagwire', left(post.title, 2000)), 'A') || $q$'¶':1$q$
        || setweight(to_tsvector('tagwire', coalesce((
             SELECT string_agg(t.name, ' ¶ ' ORDER BY pt.position, t.id)
             FROM post_tags pt JOIN tags t ON t.id = pt.tag_id AND NOT t.hidden
             WHERE pt.post_id = post.id), '')), 'B') || $q$'¶':1$q$
        || setweight(to_tsvector('tagwire', left(post.byline, 2000)), 'C') || $q$'¶':1$q$
        || to_tsvector('tagwire', left(post.body_text, characters))
        || post_fields(post);
    EXCEPTION WHEN program_limit_exceeded THEN
      IF characters = 0 THEN
        RAISE;
      END IF;
      characters := characters / 2;
    END;
  END LOOP;
END $$;

-- The words of a query where they have a weight: A is the title's, C the byline's. The words
-- themselves stand beside it: a query of one node means to alerts that its anchor is all of it.
CREATE FUNCTION words_of_weight(words tsquery, weight text) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN numnode(words) = 0 THEN words ELSE words &&
    regexp_replace(words::text, $re$('(?:[^']|'')*'):?(\*?)$re$, '\1:\2' || weight, 'g')::tsquery END
$$;

-- Stored posts, without cutting their texts again. One whose words fill a tsvector is made anew.
-- The index is built once, after them.
DROP INDEX "posts_words";
DO $$
BEGIN
  UPDATE posts SET words = words || post_fields(posts) WHERE words IS NOT NULL;
EXCEPTION WHEN program_limit_exceeded THEN
  UPDATE posts SET words = post_words(posts) WHERE words IS NOT NULL;
END $$;
CREATE INDEX "posts_words" ON "posts" USING GIN ("words");

-- By which names an author: of a search means.
CREATE INDEX "authors_words" ON "authors" USING GIN (to_tsvector('tagwire'::regconfig, "name"));
