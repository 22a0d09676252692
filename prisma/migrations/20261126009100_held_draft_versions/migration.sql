-- Drafts are stored as JSON: after an upgrade that changes what a draft is, older ones cannot be
-- saved, and their feeds are read again. Those that are stored now are of the first version.

-- AlterTable
ALTER TABLE "held_drafts" ADD COLUMN     "draft_version" INTEGER NOT NULL DEFAULT 1;

-- Without one: whoever writes a draft says what it is.
ALTER TABLE "held_drafts" ALTER COLUMN "draft_version" DROP DEFAULT;

-- The operator is told of posts that are due and cannot be saved.

-- AlterEnum
ALTER TYPE "NoticeKind" ADD VALUE 'unreleased';
