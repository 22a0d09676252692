-- A confirmation is good once, and for one request: it has a number of its own.
ALTER TABLE "alerts" ADD COLUMN "confirm_version" INTEGER NOT NULL DEFAULT 1;
UPDATE "alerts" SET "confirm_version" = "token_version";
-- What was found before belongs to other words.
ALTER TABLE "alerts" ADD COLUMN "words_changed_at" TIMESTAMPTZ(3);

-- A post that is shown again may be withdrawn again.
CREATE OR REPLACE FUNCTION note_post_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  what constant "PostChange" :=
    CASE WHEN NEW.withdrawn_at IS NOT NULL THEN 'withdrawn' ELSE 'changed' END;
  state constant text := CASE WHEN NEW.withdrawn_at IS NULL THEN OLD.version::text
    ELSE floor(extract(epoch FROM NEW.withdrawn_at) * 1000)::bigint::text END;
BEGIN
  INSERT INTO alert_changes AS c (alert_id, post_id, kind, version, due_at)
  SELECT a.id, NEW.id, what, OLD.version,
         greatest(now() + interval '15 minutes', a.next_digest_at)
  FROM alert_matches m JOIN deliveries d ON d.id = m.delivery_id AND d.status = 'sent'
  JOIN alerts a ON a.id = m.alert_id
  WHERE m.post_id = NEW.id
    AND a.tells_changes AND a.status = 'active' AND a.cadence <> 'feed'
  ORDER BY a.id
  ON CONFLICT (alert_id, post_id, kind, version) DO UPDATE SET due_at = excluded.due_at
    WHERE c.due_at IS NOT NULL;
  INSERT INTO webhook_events (webhook_id, post_id, change, message_id)
  SELECT w.id, NEW.id, what, format('msg_%s-%s-%s%s', w.id, NEW.id, left(what::text, 1), state)
  FROM webhook_events e JOIN webhooks w ON w.id = e.webhook_id JOIN alerts a ON a.id = w.alert_id
  WHERE e.post_id = NEW.id AND e.change IS NULL
    AND a.tells_changes AND a.status = 'active' AND w.status IN ('active', 'off')
  ON CONFLICT (message_id) DO NOTHING;
  RETURN NULL;
END $$;

CREATE FUNCTION forget_withdrawal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM alert_changes WHERE post_id = NEW.id AND kind = 'withdrawn' AND due_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER posts_shown_again AFTER UPDATE ON posts FOR EACH ROW
  WHEN (OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS NULL)
  EXECUTE FUNCTION forget_withdrawal();
