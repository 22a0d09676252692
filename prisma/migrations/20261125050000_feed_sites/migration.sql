-- Whose server a feed is on: a rest that it asks for (Retry-After) holds for all its feeds. Filled
-- with the next poll of each feed.

-- AlterTable
ALTER TABLE "feeds" ADD COLUMN     "site" TEXT NOT NULL DEFAULT '';

-- CreateIndex
CREATE INDEX "feeds_site" ON "feeds"("site");
