-- AlterTable
ALTER TABLE "post_sources" ADD COLUMN     "title" TEXT NOT NULL DEFAULT '';
