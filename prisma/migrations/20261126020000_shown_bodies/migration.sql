-- How pages set a body where that differs from what its publisher said, and by which rules.
ALTER TABLE "posts" ADD COLUMN "shown_html" TEXT,
                    ADD COLUMN "shown_version" SMALLINT NOT NULL DEFAULT 0;

-- Bodies that older rules have set, or none.
CREATE INDEX "posts_set" ON "posts" ("shown_version");

-- Whoever writes another body and says nothing of how it is set leaves it to be set again.
CREATE FUNCTION unset_body() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.shown_html := NULL;
  NEW.shown_version := 0;
  RETURN NEW;
END $$;

CREATE TRIGGER posts_unset_body BEFORE UPDATE OF body_html ON "posts" FOR EACH ROW
  WHEN (NEW.body_html IS DISTINCT FROM OLD.body_html
        AND NEW.shown_html IS NOT DISTINCT FROM OLD.shown_html
        AND NEW.shown_version = OLD.shown_version)
  EXECUTE FUNCTION unset_body();
