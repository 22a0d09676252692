-- What of a publisher's line was not understood or met, for the publisher to see.

-- AlterTable
ALTER TABLE "feeds" ADD COLUMN     "owner_report" JSONB;
