-- Tags that are merged, split, hidden and shown, with a public log; proposals for merges; where a
-- post's tag comes from.

-- CreateEnum
CREATE TYPE "TagActor" AS ENUM ('operator', 'rule');

-- CreateEnum
CREATE TYPE "TagOrigin" AS ENUM ('feed', 'operator', 'text');

-- CreateEnum
CREATE TYPE "TagChangeKind" AS ENUM ('alias', 'merge', 'split', 'hide', 'show', 'keep');

-- CreateEnum
CREATE TYPE "ProposalStatus" AS ENUM ('open', 'accepted', 'rejected');

-- AlterTable
ALTER TABLE "tags" ADD COLUMN     "judged_by" "TagActor";

-- AlterTable
ALTER TABLE "tag_aliases" ADD COLUMN     "name" TEXT NOT NULL DEFAULT '';

-- AlterTable
ALTER TABLE "post_tags" ADD COLUMN     "origin" "TagOrigin" NOT NULL DEFAULT 'feed';

-- CreateTable
CREATE TABLE "tag_sources" (
    "tag_id" INTEGER NOT NULL,
    "feed_id" INTEGER NOT NULL,

    CONSTRAINT "tag_sources_pkey" PRIMARY KEY ("tag_id","feed_id")
);

-- CreateTable
CREATE TABLE "post_retags" (
    "post_id" INTEGER NOT NULL,
    "anew" BOOLEAN NOT NULL DEFAULT false,
    "renamed" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "post_retags_pkey" PRIMARY KEY ("post_id")
);

-- CreateTable
CREATE TABLE "tag_proposals" (
    "id" SERIAL NOT NULL,
    "pair" TEXT NOT NULL,
    "from_slug" TEXT NOT NULL,
    "into_slug" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "score" REAL NOT NULL,
    "status" "ProposalStatus" NOT NULL DEFAULT 'open',
    "note" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "tag_proposals_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tag_changes" (
    "id" SERIAL NOT NULL,
    "kind" "TagChangeKind" NOT NULL,
    "from_slug" TEXT NOT NULL,
    "from_name" TEXT NOT NULL,
    "into_slug" TEXT,
    "into_name" TEXT,
    "posts" INTEGER NOT NULL DEFAULT 0,
    "by" "TagActor" NOT NULL,
    "reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tag_changes_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "tag_sources_feed_id_idx" ON "tag_sources"("feed_id");

-- CreateIndex
CREATE UNIQUE INDEX "tag_proposals_pair_key" ON "tag_proposals"("pair");

-- CreateIndex
CREATE INDEX "tag_proposals_open" ON "tag_proposals"("score" DESC, "id") WHERE (status = 'open');

-- AddForeignKey
ALTER TABLE "tag_sources" ADD CONSTRAINT "tag_sources_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tag_sources" ADD CONSTRAINT "tag_sources_feed_id_fkey" FOREIGN KEY ("feed_id") REFERENCES "feeds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Below: what Prisma's schema language cannot say.

-- Which sources use a tag, whoever writes post_tags. A pair stays when its last post goes: it says
-- that the source knows the word. Sorted, so that two workers with the same tags do not deadlock.
CREATE FUNCTION note_tag_sources() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tag_sources (tag_id, feed_id)
  SELECT DISTINCT a.tag_id, p.feed_id FROM added a JOIN posts p ON p.id = a.post_id
  WHERE a.origin = 'feed' ORDER BY a.tag_id, p.feed_id
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER post_tags_sources AFTER INSERT ON post_tags
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_tag_sources();
-- A tag that we had found, and that the feed gives now.
CREATE TRIGGER post_tags_sources_updated AFTER UPDATE ON post_tags
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_tag_sources();

INSERT INTO tag_sources (tag_id, feed_id)
SELECT DISTINCT pt.tag_id, p.feed_id FROM post_tags pt JOIN posts p ON p.id = pt.post_id;

-- Hidden tags are none of a post's words. Otherwise as before.
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
        || to_tsvector('tagwire', left(post.body_text, characters));
    EXCEPTION WHEN program_limit_exceeded THEN
      IF characters = 0 THEN
        RAISE;
      END IF;
      characters := characters / 2;
    END;
  END LOOP;
END $$;
