-- Lexemes of which every match of an alert has at least one. A choice ("a OR b") has one for each
-- of its parts; empty: there are none, and the alert is looked at with every post.
ALTER TABLE "alerts" ADD COLUMN "anchors" TEXT[] NOT NULL DEFAULT '{}';
UPDATE "alerts" SET "anchors" = ARRAY["anchor"] WHERE "anchor" IS NOT NULL;
DROP INDEX "alerts_anchor";
DROP INDEX "alerts_policy";
ALTER TABLE "alerts" DROP COLUMN "anchor";

-- What matching reads of the alerts that are in force, and nothing else: a row for each anchor,
-- with the rest of the query inline. Kept by the triggers below; nothing else writes it.
CREATE TABLE "alert_anchors" (
    -- Empty: of an alert without one.
    "lexeme" TEXT NOT NULL,
    "alert_id" INTEGER NOT NULL,
    -- Only posts that we saw for the first time from then on are matched.
    "since" TIMESTAMPTZ(3) NOT NULL,
    -- What a post with the lexeme must meet besides; null: nothing, or more than stands here.
    "rest" TSQUERY,
    -- The alert itself is to be asked: it has a policy, or its query is too long to stand here.
    "asks" BOOLEAN NOT NULL,

    CONSTRAINT "alert_anchors_pkey" PRIMARY KEY ("alert_id", "lexeme")
);
ALTER TABLE "alert_anchors" ADD CONSTRAINT "alert_anchors_alert_id_fkey"
  FOREIGN KEY ("alert_id") REFERENCES "alerts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- They hold whole rows in the order of lexemes, so that a post reads what it needs side by side and
-- never goes to the table, where it lies scattered (docs/decisions/0029-matching-a-million.md).
CREATE INDEX "alert_anchors_lexeme" ON "alert_anchors"("lexeme", "alert_id", "since", "rest")
  WHERE NOT asks;
CREATE INDEX "alert_anchors_asks" ON "alert_anchors"("lexeme", "alert_id", "since", "rest")
  WHERE asks;

-- The table is spared only where vacuum has seen that all rows are for all to see.
ALTER TABLE "alert_anchors" SET (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);

-- Plans are kept by a connection, and would be those of a table that was empty when it was opened.
CREATE FUNCTION write_alert_anchors(alert alerts) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE
  -- A row of an index ends at 2704 bytes, and the lexeme of a query at 1200.
  is_long constant boolean := pg_column_size(alert.tsquery) > 1000;
BEGIN
  DELETE FROM alert_anchors WHERE alert_id = alert.id;
  IF alert.status <> 'active' THEN
    RETURN;
  END IF;
  -- Whoever suppresses the address at this moment comes before or after this, never between.
  PERFORM FROM subscribers WHERE id = alert.subscriber_id AND status = 'confirmed'
    FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  INSERT INTO alert_anchors (lexeme, alert_id, since, rest, asks)
  SELECT lexeme, alert.id, alert.confirmed_at,
    -- A query of one word is met by its anchor alone.
    CASE WHEN NOT is_long AND (numnode(alert.tsquery) <> 1 OR alert.anchors = '{}')
         THEN alert.tsquery END,
    is_long OR alert.policy IS NOT NULL
  FROM unnest(CASE WHEN alert.anchors = '{}' THEN ARRAY[''] ELSE alert.anchors END) AS lexeme;
END $$;

CREATE FUNCTION keep_alert_anchors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM write_alert_anchors(NEW);
  RETURN NULL;
END $$;

CREATE TRIGGER alert_anchors_begun AFTER INSERT ON alerts
  FOR EACH ROW WHEN (NEW.status = 'active') EXECUTE FUNCTION keep_alert_anchors();
CREATE TRIGGER alert_anchors_changed AFTER UPDATE ON alerts
  FOR EACH ROW WHEN (
    (OLD.status, OLD.confirmed_at, OLD.anchors, OLD.tsquery, OLD.policy)
      IS DISTINCT FROM (NEW.status, NEW.confirmed_at, NEW.anchors, NEW.tsquery, NEW.policy))
  EXECUTE FUNCTION keep_alert_anchors();

CREATE FUNCTION keep_subscriber_anchors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM write_alert_anchors(a) FROM alerts a WHERE a.subscriber_id = NEW.id;
  RETURN NULL;
END $$;

CREATE TRIGGER alert_anchors_of_subscriber AFTER UPDATE ON subscribers
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
  EXECUTE FUNCTION keep_subscriber_anchors();

SELECT write_alert_anchors(a) FROM alerts a WHERE a.status = 'active';
