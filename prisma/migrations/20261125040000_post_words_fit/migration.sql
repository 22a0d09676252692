-- A tsvector holds at most 1 MB, and a text of 200,000 characters can give more: compounds count
-- whole and in parts, and letters outside of ASCII take up to four bytes. One such post would
-- keep its whole feed from being saved, so as much of its text counts as fits.
CREATE OR REPLACE FUNCTION post_words(post posts) RETURNS tsvector LANGUAGE plpgsql STABLE AS $$
DECLARE
  characters int := 200000;
BEGIN
  LOOP
    BEGIN
      RETURN setweight(to_tsvector('tagwire', left(post.title, 2000)), 'A') || $q$'¶':1$q$
        || setweight(to_tsvector('tagwire', coalesce((
             SELECT string_agg(t.name, ' ¶ ' ORDER BY pt.position, t.id)
             FROM post_tags pt JOIN tags t ON t.id = pt.tag_id
             WHERE pt.post_id = post.id), '')), 'B') || $q$'¶':1$q$
        || setweight(to_tsvector('tagwire', left(post.byline, 2000)), 'C') || $q$'¶':1$q$
        || to_tsvector('tagwire', left(post.body_text, characters));
    EXCEPTION WHEN program_limit_exceeded THEN
      IF characters = 0 THEN
        RAISE;
      END IF;
      characters := characters / 2;
    END;
  END LOOP;
END $$;
