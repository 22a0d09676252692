-- Counts of what becomes of posts and alerts (docs/decisions/0028-counts-of-alerts.md). All is
-- written by the transactions that do what is counted, as rows that are only added: nobody waits
-- for a row, and a job adds those of a minute up.
CREATE TYPE "AlertMeasure" AS ENUM ('published', 'compared', 'matched', 'missing', 'invalid',
  'mail_delivered', 'mail_failed', 'webhook_delivered', 'webhook_failed');
CREATE TABLE "alert_counts" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "measure" "AlertMeasure" NOT NULL,
    "number" BIGINT NOT NULL,
    "folded" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "alert_counts_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "alert_counts_at" ON "alert_counts"("at");
CREATE INDEX "alert_counts_unfolded" ON "alert_counts"("at") WHERE NOT folded;

CREATE TABLE "alert_posts" (
    "post_id" INTEGER NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,
    "published_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lacks" INTEGER NOT NULL,

    CONSTRAINT "alert_posts_pkey" PRIMARY KEY ("post_id")
);
CREATE INDEX "alert_posts_published" ON "alert_posts"("published_at");
ALTER TABLE "alert_posts" ADD CONSTRAINT "alert_posts_post_id_fkey"
  FOREIGN KEY ("post_id") REFERENCES "posts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "alert_outcomes" (
    "id" BIGSERIAL NOT NULL,
    "alert_id" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "measure" "AlertMeasure" NOT NULL,

    CONSTRAINT "alert_outcomes_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "alert_outcomes_of_alert" ON "alert_outcomes"("alert_id", "at");
CREATE INDEX "alert_outcomes_at" ON "alert_outcomes"("at");
ALTER TABLE "alert_outcomes" ADD CONSTRAINT "alert_outcomes_alert_id_fkey"
  FOREIGN KEY ("alert_id") REFERENCES "alerts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- How many alerts are in force, by since when and by what their policies need: as many for a
-- post are those with since <= the time at which it was first seen. One that ends is a row of -1. A
-- job adds up what is older than posts that wait (folded), under the latest of these times.
CREATE TABLE "alert_starts" (
    "id" BIGSERIAL NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "needs" INTEGER[],
    "number" INTEGER NOT NULL,
    "folded" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "alert_starts_pkey" PRIMARY KEY ("id")
);

-- What a policy needs of a post, as one number for each way in which it can be met (`$or`): a bit
-- for each attribute, in the order of ATTRIBUTES in lib/model/policy/policy.ts, and 1024 times that
-- for one whose values are all of a type that it never has (true, false, null). Without a policy
-- {0}; of one that cannot be read {}: it can never be met.
CREATE FUNCTION policy_ways(policy jsonb) RETURNS integer[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  attributes constant text[] := ARRAY['tag', 'source', 'author', 'title', 'url', 'language',
    'enclosure', 'published', 'year', 'words'];
  base integer;
BEGIN
  SELECT coalesce(bit_or(bit * CASE WHEN other_type THEN 1025 ELSE 1 END), 0) INTO base
  FROM (
    SELECT 1 << (array_position(attributes, key) - 1) AS bit, NOT EXISTS (
        SELECT FROM jsonb_array_elements(value) AS condition
        WHERE jsonb_typeof(condition) NOT IN ('boolean', 'null')) AS other_type
    FROM jsonb_each(policy)
    WHERE key <> '$or' AND NOT value @> '[{"exists": false}]') AS keys;
  IF NOT policy ? '$or' THEN
    RETURN ARRAY[base];
  END IF;
  RETURN ARRAY(SELECT DISTINCT base | way
               FROM jsonb_array_elements(policy->'$or') AS choice, unnest(policy_ways(choice)) AS way
               ORDER BY 1);
END $$;

CREATE FUNCTION policy_needs(policy text) RETURNS integer[] LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN CASE WHEN policy IS NULL THEN '{0}' ELSE policy_ways(policy::jsonb) END;
EXCEPTION WHEN data_exception THEN
  RETURN '{}'::integer[];
END $$;

-- Which attribute keeps a post from all alerts with these needs: one that it lacks, or one of
-- another type; null: none does.
CREATE FUNCTION shortfall(needs integer[], lacks integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN 0 = ANY(needs) THEN NULL
    WHEN EXISTS (SELECT FROM unnest(needs) AS way WHERE way & lacks = 0 AND way < 1024) THEN NULL
    WHEN needs = '{}' OR EXISTS (SELECT FROM unnest(needs) AS way WHERE way & lacks = 0) THEN 'invalid'
    ELSE 'missing' END
$$;

-- Beside the anchors, so that it is known of an alert that ends or becomes another.
ALTER TABLE "alert_anchors" ADD COLUMN "needs" INTEGER[] DEFAULT ARRAY[0]::INTEGER[];
UPDATE alert_anchors x SET needs = policy_needs(a.policy) FROM alerts a
WHERE a.id = x.alert_id AND a.policy IS NOT NULL;

-- As it was, but for the needs.
CREATE OR REPLACE FUNCTION write_alert_anchors(alert alerts) RETURNS void LANGUAGE plpgsql
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
  INSERT INTO alert_anchors (lexeme, alert_id, since, rest, asks, needs)
  SELECT lexeme, alert.id, alert.confirmed_at,
    -- A query of one word is met by its anchor alone.
    CASE WHEN NOT is_long AND (numnode(alert.tsquery) <> 1 OR alert.anchors = '{}')
         THEN alert.tsquery END,
    is_long OR alert.policy IS NOT NULL,
    policy_needs(alert.policy)
  FROM unnest(CASE WHEN alert.anchors = '{}' THEN ARRAY[''] ELSE alert.anchors END) AS lexeme;
END $$;

-- An alert's anchors come and go all at once, by one statement.
CREATE FUNCTION count_alert_starts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO alert_starts (since, needs, number)
  SELECT since, needs, CASE TG_OP WHEN 'INSERT' THEN count(DISTINCT alert_id)
                                  ELSE -count(DISTINCT alert_id) END
  FROM changed GROUP BY since, needs;
  RETURN NULL;
END $$;
CREATE TRIGGER alert_starts_begun AFTER INSERT ON alert_anchors
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_alert_starts();
CREATE TRIGGER alert_starts_ended AFTER DELETE ON alert_anchors
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_alert_starts();

CREATE FUNCTION forget_alert_starts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM alert_starts;
  RETURN NULL;
END $$;
CREATE TRIGGER alert_starts_emptied AFTER TRUNCATE ON alert_anchors
  FOR EACH STATEMENT EXECUTE FUNCTION forget_alert_starts();

INSERT INTO alert_starts (since, needs, number)
SELECT since, needs, count(DISTINCT alert_id) FROM alert_anchors GROUP BY since, needs;

-- Mails and events end in several places, each at most once as the same.
CREATE FUNCTION count_alert_outcome(alert integer, outcome "AlertMeasure") RETURNS void
LANGUAGE sql AS $$
  INSERT INTO alert_outcomes (alert_id, measure) VALUES (alert, outcome);
  INSERT INTO alert_counts (measure, number) VALUES (outcome, 1);
$$;

CREATE FUNCTION count_alert_mail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM count_alert_outcome(NEW.alert_id,
    CASE WHEN NEW.status = 'sent' AND OLD.status <> 'sent' THEN 'mail_delivered'
         ELSE 'mail_failed' END::"AlertMeasure");
  RETURN NULL;
END $$;
-- One that comes back has failed as well, at that time.
CREATE TRIGGER alert_counts_mail AFTER UPDATE ON deliveries FOR EACH ROW
  WHEN (NEW.alert_id IS NOT NULL AND NEW.kind IN ('instant', 'digest')
    AND (NEW.status <> OLD.status AND NEW.status <> 'pending'
      OR NEW.bounced_at IS NOT NULL AND OLD.bounced_at IS NULL))
  EXECUTE FUNCTION count_alert_mail();

CREATE FUNCTION count_alert_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM count_alert_outcome(w.alert_id,
    CASE NEW.status WHEN 'sent' THEN 'webhook_delivered' ELSE 'webhook_failed' END::"AlertMeasure")
  FROM webhooks w WHERE w.id = NEW.webhook_id;
  RETURN NULL;
END $$;
-- A test has no post.
CREATE TRIGGER alert_counts_event AFTER UPDATE ON webhook_events FOR EACH ROW
  WHEN (NEW.post_id IS NOT NULL AND NEW.status <> OLD.status AND NEW.status <> 'pending')
  EXECUTE FUNCTION count_alert_event();
