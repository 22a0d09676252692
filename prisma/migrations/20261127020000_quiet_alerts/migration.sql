-- Alerts that find nothing say once in a while that they still watch, unless their owner does not
-- want that.
ALTER TYPE "DeliveryKind" ADD VALUE 'quiet';
ALTER TABLE "subscribers" ADD COLUMN "quiet_mails" BOOLEAN NOT NULL DEFAULT true;
ALTER TABLE "alerts" ADD COLUMN "quiet_at" TIMESTAMPTZ(3), ADD COLUMN "quiet_told_at" TIMESTAMPTZ(3);
UPDATE "alerts" SET "quiet_at" = now() + interval '30 days' WHERE "confirmed_at" IS NOT NULL;
CREATE INDEX "alerts_quiet_due" ON "alerts"("quiet_at")
  WHERE status = 'active' AND quiet_at IS NOT NULL;
CREATE INDEX "alerts_quiet_told" ON "alerts"("subscriber_id", "quiet_told_at")
  WHERE quiet_told_at IS NOT NULL;

-- Words count from when their alert is in force: before that, anybody may have typed them. A word
-- is noted once a day at most, so that those which nobody has asked for since can be told.
ALTER TABLE "alert_words" ADD COLUMN "noted_on" DATE NOT NULL DEFAULT CURRENT_DATE;

CREATE FUNCTION note_words(words text[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO alert_words AS w (language, stem, word)
  SELECT DISTINCT language, stem, word FROM unnest(words) AS word, LATERAL (
    SELECT '=' AS language, substr(word, 3) AS stem WHERE word LIKE '¶=%'
    UNION ALL
    SELECT s.language, (ts_lexize(s.stemmer, word))[1] FROM stemmers() AS s
    WHERE word NOT LIKE '¶%'
  ) AS keys
  WHERE stem <> '' ORDER BY language, stem, word
  ON CONFLICT (language, stem, word) DO UPDATE SET noted_on = CURRENT_DATE
    WHERE w.noted_on < CURRENT_DATE
$$;

CREATE OR REPLACE FUNCTION note_alert_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_words(ARRAY(
    SELECT DISTINCT query_words(added.tsquery) FROM added WHERE added.status = 'active'));
  RETURN NULL;
END $$;

CREATE FUNCTION note_changed_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_words(ARRAY(SELECT query_words(NEW.tsquery)));
  RETURN NULL;
END $$;
CREATE TRIGGER alert_words_changed AFTER UPDATE ON alerts FOR EACH ROW
  WHEN (NEW.status = 'active'
    AND (OLD.status <> 'active' OR OLD.tsquery::text <> NEW.tsquery::text))
  EXECUTE FUNCTION note_changed_words();
