-- What we fetched of each feed, for its publisher: the last polls and sums for each day. And the
-- feeds that a page names, until the operator has chosen.

-- AlterTable
ALTER TABLE "feeds" ADD COLUMN     "choices" JSONB,
ADD COLUMN     "fresh_seconds" INTEGER,
ADD COLUMN     "poll_number" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "feed_polls" (
    "feed_id" INTEGER NOT NULL,
    "slot" SMALLINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "outcome" TEXT NOT NULL,
    "status" SMALLINT,
    "error_kind" TEXT,
    "is_conditional" BOOLEAN NOT NULL,
    "requests" SMALLINT NOT NULL,
    "wire_bytes" INTEGER NOT NULL,
    "body_bytes" INTEGER NOT NULL,
    "ms" INTEGER NOT NULL,
    "posts" INTEGER NOT NULL,

    CONSTRAINT "feed_polls_pkey" PRIMARY KEY ("feed_id","slot")
);

-- CreateTable
CREATE TABLE "feed_days" (
    "feed_id" INTEGER NOT NULL,
    "day" DATE NOT NULL,
    "polls" INTEGER NOT NULL,
    "requests" INTEGER NOT NULL,
    "not_modified" INTEGER NOT NULL,
    "failures" INTEGER NOT NULL,
    "retry_afters" INTEGER NOT NULL,
    "wire_bytes" BIGINT NOT NULL,
    "body_bytes" BIGINT NOT NULL,
    "posts" INTEGER NOT NULL,

    CONSTRAINT "feed_days_pkey" PRIMARY KEY ("feed_id","day")
);

-- CreateIndex
CREATE INDEX "feed_days_day_idx" ON "feed_days"("day");

-- AddForeignKey
ALTER TABLE "feed_polls" ADD CONSTRAINT "feed_polls_feed_id_fkey" FOREIGN KEY ("feed_id") REFERENCES "feeds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "feed_days" ADD CONSTRAINT "feed_days_feed_id_fkey" FOREIGN KEY ("feed_id") REFERENCES "feeds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Rows of both are updated again and again, and no index has what changes: with room left on each
-- page the new version stays on it (HOT) and no index grows.
ALTER TABLE "feed_polls" SET (fillfactor = 85);
ALTER TABLE "feed_days" SET (fillfactor = 85);
