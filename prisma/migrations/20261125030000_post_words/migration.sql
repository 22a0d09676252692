-- The words of a post, as alerts and searches of Postgres look for them. Written by the store
-- with everything else of a post; tags are rows of their own, so it cannot be a generated column.

-- AlterTable
ALTER TABLE "posts" ADD COLUMN     "words" tsvector;

-- CreateIndex
CREATE INDEX "posts_words" ON "posts" USING GIN ("words");

-- A lexeme that no text gives stands between the fields: no phrase reaches from one into the
-- next. Longer texts are cut: a tsvector holds at most 1 MB, and positions up to 16,383.
CREATE FUNCTION post_words(post posts) RETURNS tsvector LANGUAGE sql STABLE AS $$
  SELECT setweight(to_tsvector('tagwire', left(post.title, 2000)), 'A') || $q$'¶':1$q$
    || setweight(to_tsvector('tagwire', coalesce((
         SELECT string_agg(t.name, ' ¶ ' ORDER BY pt.position, t.id)
         FROM post_tags pt JOIN tags t ON t.id = pt.tag_id
         WHERE pt.post_id = post.id), '')), 'B') || $q$'¶':1$q$
    || setweight(to_tsvector('tagwire', left(post.byline, 2000)), 'C') || $q$'¶':1$q$
    || to_tsvector('tagwire', left(post.body_text, 200000))
$$;

UPDATE posts SET words = post_words(posts);
