-- What a search that finds nothing may have meant: words that posts, tags, sources and authors
-- have, counted by a job (lib/store/search-words.ts).

-- CreateTable
CREATE TABLE "search_words" (
    "word" TEXT NOT NULL,
    "posts" INTEGER NOT NULL,
    "counted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "search_words_pkey" PRIMARY KEY ("word")
);

-- For the distance of words. Trusted like unaccent, and of the same package of Postgres'.
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;
