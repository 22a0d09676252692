-- What publishers ask for by a line in their feeds.

-- AlterTable
ALTER TABLE "feeds" ADD COLUMN     "owner_delay_hours" INTEGER,
ADD COLUMN     "owner_display" "FeedDisplay",
ADD COLUMN     "owner_removed_at" TIMESTAMPTZ(3),
ADD COLUMN     "owner_seen_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "held_drafts" (
    "feed_id" INTEGER NOT NULL,
    "guid_hash" CHAR(64) NOT NULL,
    "draft" JSONB NOT NULL,
    "held_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "release_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "held_drafts_pkey" PRIMARY KEY ("feed_id","guid_hash")
);

-- CreateIndex
CREATE INDEX "held_drafts_release_at_idx" ON "held_drafts"("release_at");

-- AddForeignKey
ALTER TABLE "held_drafts" ADD CONSTRAINT "held_drafts_feed_id_fkey" FOREIGN KEY ("feed_id") REFERENCES "feeds"("id") ON DELETE CASCADE ON UPDATE CASCADE;
