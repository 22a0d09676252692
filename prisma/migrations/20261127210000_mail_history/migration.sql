-- What a mail was about stays said, whatever becomes of its alerts' words.
ALTER TABLE "deliveries" ADD COLUMN "alert_name" TEXT, ADD COLUMN "about" INTEGER[];
UPDATE "deliveries" d SET "about" = ARRAY(
  SELECT a.id FROM alerts a WHERE a.subscriber_id = d.subscriber_id AND a.quiet_told_at = d.created_at)
WHERE d.kind = 'quiet';
DROP INDEX "alerts_quiet_told";
ALTER TABLE "alerts" DROP COLUMN "quiet_told_at";
