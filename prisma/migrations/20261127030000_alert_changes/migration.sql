-- An alert may tell when posts that it has found change or are withdrawn, where its owner wants that.
ALTER TYPE "DeliveryKind" ADD VALUE 'changes';
CREATE TYPE "PostChange" AS ENUM ('changed', 'withdrawn');
ALTER TABLE "alerts" ADD COLUMN "tells_changes" BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX "alerts_tell_changes" ON "alerts"("id") WHERE tells_changes;

CREATE TABLE "alert_changes" (
    "alert_id" INTEGER NOT NULL,
    "post_id" INTEGER NOT NULL,
    "kind" "PostChange" NOT NULL,
    "version" INTEGER NOT NULL,
    "due_at" TIMESTAMPTZ(3),
    "delivery_id" INTEGER,

    CONSTRAINT "alert_changes_pkey" PRIMARY KEY ("alert_id", "post_id", "kind", "version")
);
ALTER TABLE "alert_changes" ADD CONSTRAINT "alert_changes_alert_id_fkey"
  FOREIGN KEY ("alert_id") REFERENCES "alerts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "alert_changes" ADD CONSTRAINT "alert_changes_post_id_fkey"
  FOREIGN KEY ("post_id") REFERENCES "posts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "alert_changes" ADD CONSTRAINT "alert_changes_delivery_id_fkey"
  FOREIGN KEY ("delivery_id") REFERENCES "deliveries"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE INDEX "alert_changes_due" ON "alert_changes"("due_at") WHERE due_at IS NOT NULL;
CREATE INDEX "alert_changes_post_id_idx" ON "alert_changes"("post_id");
CREATE INDEX "alert_changes_delivery_id_idx" ON "alert_changes"("delivery_id");

ALTER TABLE "webhook_events" ADD COLUMN "change" "PostChange";

-- In the transaction of the change, whichever way it came. Programs hear of each; people of what was
-- changed several times within a quarter of an hour once, or with their digest.
CREATE FUNCTION note_post_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  what constant "PostChange" :=
    CASE WHEN NEW.withdrawn_at IS NOT NULL THEN 'withdrawn' ELSE 'changed' END;
BEGIN
  INSERT INTO alert_changes AS c (alert_id, post_id, kind, version, due_at)
  SELECT a.id, NEW.id, what, OLD.version,
         greatest(now() + interval '15 minutes', a.next_digest_at)
  FROM alert_matches m JOIN alerts a ON a.id = m.alert_id
  WHERE m.post_id = NEW.id AND m.delivery_id IS NOT NULL
    AND a.tells_changes AND a.status = 'active' AND a.cadence <> 'feed'
  ORDER BY a.id
  ON CONFLICT (alert_id, post_id, kind, version) DO UPDATE SET due_at = excluded.due_at
    WHERE c.due_at IS NOT NULL;
  INSERT INTO webhook_events (webhook_id, post_id, change, message_id)
  SELECT w.id, NEW.id, what,
         format('msg_%s-%s-%s%s', w.id, NEW.id, left(what::text, 1), OLD.version)
  FROM webhook_events e JOIN webhooks w ON w.id = e.webhook_id JOIN alerts a ON a.id = w.alert_id
  WHERE e.post_id = NEW.id AND e.change IS NULL
    AND a.tells_changes AND a.status = 'active' AND w.status IN ('active', 'off')
  ON CONFLICT (message_id) DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER posts_change_noted AFTER UPDATE ON posts FOR EACH ROW
  WHEN (NEW.merged_into IS NULL
    AND (NEW.version > OLD.version AND NEW.withdrawn_at IS NULL
      OR OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL))
  EXECUTE FUNCTION note_post_change();
