-- What is known of a story: its terms, its picture, its earlier states, and by what nearly equal
-- ones are found; posts that came in a flood, that were merged, or that are quiet.

-- CreateEnum
CREATE TYPE "Withdrawer" AS ENUM ('operator', 'publisher', 'merge');

-- CreateEnum
CREATE TYPE "FloodState" AS ENUM ('held', 'released', 'dropped');

-- AlterTable
ALTER TABLE "feeds" ADD COLUMN     "divides_guids" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "licence_url" TEXT,
ADD COLUMN     "rights" TEXT;

-- AlterTable
ALTER TABLE "posts" ADD COLUMN     "canonical_version" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "comments_url" TEXT,
ADD COLUMN     "flood_id" INTEGER,
ADD COLUMN     "former_title" TEXT,
ADD COLUMN     "licence_url" TEXT,
ADD COLUMN     "merged_into" INTEGER,
ADD COLUMN     "picture_url" TEXT,
ADD COLUMN     "quiet" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "rights" TEXT,
ADD COLUMN     "version" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "withdrawn_by" "Withdrawer";

-- CreateTable
CREATE TABLE "post_versions" (
    "post_id" INTEGER NOT NULL,
    "version" INTEGER NOT NULL,
    "title" TEXT NOT NULL,
    "body_text" TEXT NOT NULL,
    "ended_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "post_versions_pkey" PRIMARY KEY ("post_id","version")
);

-- CreateTable
CREATE TABLE "post_bands" (
    "band" BIGINT NOT NULL,
    "post_id" INTEGER NOT NULL,

    CONSTRAINT "post_bands_pkey" PRIMARY KEY ("band","post_id")
);

-- CreateTable
CREATE TABLE "floods" (
    "id" SERIAL NOT NULL,
    "feed_id" INTEGER NOT NULL,
    "posts" INTEGER NOT NULL,
    "state" "FloodState" NOT NULL DEFAULT 'held',
    "found_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "floods_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "post_bands_post_id_idx" ON "post_bands"("post_id");

-- CreateIndex
CREATE INDEX "floods_feed_id_idx" ON "floods"("feed_id");

-- CreateIndex
CREATE INDEX "posts_home" ON "posts"("sort_at" DESC, "id" DESC) WHERE (withdrawn_at IS NULL AND NOT quiet);

-- CreateIndex
CREATE INDEX "posts_withdrawn" ON "posts"("withdrawn_at" DESC) WHERE (withdrawn_at IS NOT NULL AND merged_into IS NULL);

-- CreateIndex
CREATE INDEX "posts_flood" ON "posts"("flood_id") WHERE (flood_id IS NOT NULL);

-- AddForeignKey
ALTER TABLE "posts" ADD CONSTRAINT "posts_flood_id_fkey" FOREIGN KEY ("flood_id") REFERENCES "floods"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "post_versions" ADD CONSTRAINT "post_versions_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "post_bands" ADD CONSTRAINT "post_bands_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "floods" ADD CONSTRAINT "floods_feed_id_fkey" FOREIGN KEY ("feed_id") REFERENCES "feeds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Until now only operators withdrew.
UPDATE posts SET withdrawn_by = 'operator' WHERE withdrawn_at IS NOT NULL;
