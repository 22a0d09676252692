-- Posts whose own pages are read for their full text, where the operator has allowed that.

-- CreateEnum
CREATE TYPE "FullTextState" AS ENUM ('waiting', 'taken', 'left');

-- AlterTable
ALTER TABLE "feeds" ADD COLUMN     "full_text" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "hosts" ADD COLUMN     "rest_until" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "full_texts" (
    "post_id" INTEGER NOT NULL,
    "feed_id" INTEGER NOT NULL,
    "state" "FullTextState" NOT NULL DEFAULT 'waiting',
    "excerpt_html" TEXT NOT NULL,
    "excerpt_text" TEXT NOT NULL,
    "excerpt_words" INTEGER NOT NULL,
    "excerpt_hash" TEXT NOT NULL,
    "item_hash" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "hops" INTEGER NOT NULL DEFAULT 0,
    "is_shown" BOOLEAN NOT NULL DEFAULT false,
    "due_at" TIMESTAMPTZ(3),
    "claimed_until" TIMESTAMPTZ(3),
    "claim_token" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "reason" TEXT,
    "reason_text" TEXT,
    "queued_at" TIMESTAMPTZ(3) NOT NULL,
    "read_at" TIMESTAMPTZ(3),
    "reads" INTEGER NOT NULL DEFAULT 0,
    "requests" INTEGER NOT NULL DEFAULT 0,
    "wire_bytes" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "full_texts_pkey" PRIMARY KEY ("post_id")
);

-- CreateIndex
CREATE INDEX "full_texts_feed_id_idx" ON "full_texts"("feed_id");

-- CreateIndex
CREATE INDEX "full_texts_due" ON "full_texts"("due_at") WHERE (due_at IS NOT NULL);

-- AddForeignKey
ALTER TABLE "full_texts" ADD CONSTRAINT "full_texts_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "full_texts" ADD CONSTRAINT "full_texts_feed_id_fkey" FOREIGN KEY ("feed_id") REFERENCES "feeds"("id") ON DELETE CASCADE ON UPDATE CASCADE;
