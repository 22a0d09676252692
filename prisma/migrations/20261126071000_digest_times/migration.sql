-- When a subscriber wants digests; null: at the site's hour, in the site's zone.
ALTER TABLE "subscribers" ADD COLUMN "digest_hour" SMALLINT,
                          ADD COLUMN "time_zone" TEXT;
