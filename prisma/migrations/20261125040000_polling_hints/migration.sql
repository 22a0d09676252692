-- What the next poll of a feed goes by.

-- AlterTable
ALTER TABLE "feeds" ADD COLUMN     "check_reason" TEXT,
ADD COLUMN     "full_check_at" TIMESTAMPTZ(3),
ADD COLUMN     "hints" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "moved_since" TIMESTAMPTZ(3),
ADD COLUMN     "moved_to" TEXT,
ADD COLUMN     "newest_at" TIMESTAMPTZ(3),
ADD COLUMN     "rhythm_minutes" INTEGER;
