-- What readers wished themselves they may lift; bounces, complaints and the operator's they may not.
ALTER TABLE "suppressions" ADD COLUMN "by_reader" BOOLEAN NOT NULL DEFAULT false;
