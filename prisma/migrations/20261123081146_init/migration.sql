-- CreateEnum
CREATE TYPE "FeedStatus" AS ENUM ('active', 'paused', 'gone');

-- CreateEnum
CREATE TYPE "FeedDisplay" AS ENUM ('full', 'excerpt', 'link');

-- CreateEnum
CREATE TYPE "SubscriberStatus" AS ENUM ('pending', 'confirmed', 'suppressed');

-- CreateEnum
CREATE TYPE "AlertCadence" AS ENUM ('instant', 'daily', 'weekly', 'feed');

-- CreateEnum
CREATE TYPE "AlertStatus" AS ENUM ('pending', 'active', 'paused', 'ended');

-- CreateEnum
CREATE TYPE "DeliveryKind" AS ENUM ('confirm', 'instant', 'digest');

-- CreateEnum
CREATE TYPE "DeliveryStatus" AS ENUM ('pending', 'sent', 'dead');

-- CreateTable
CREATE TABLE "feeds" (
    "id" SERIAL NOT NULL,
    "url" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "title_override" TEXT,
    "title" TEXT NOT NULL,
    "site_url" TEXT,
    "description" TEXT,
    "language" TEXT,
    "display" "FeedDisplay" NOT NULL DEFAULT 'full',
    "status" "FeedStatus" NOT NULL DEFAULT 'active',
    "feed_tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "etag" TEXT,
    "last_modified" TEXT,
    "body_hash" TEXT,
    "next_check_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retry_after_until" TIMESTAMPTZ(3),
    "claimed_until" TIMESTAMPTZ(3),
    "claim_token" TEXT,
    "checked_at" TIMESTAMPTZ(3),
    "changed_at" TIMESTAMPTZ(3),
    "first_good_at" TIMESTAMPTZ(3),
    "last_good_at" TIMESTAMPTZ(3),
    "error_count" INTEGER NOT NULL DEFAULT 0,
    "error_kind" TEXT,
    "error_text" TEXT,
    "error_since" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "feeds_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "posts" (
    "id" SERIAL NOT NULL,
    "feed_id" INTEGER NOT NULL,
    "canonical_url" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "byline" TEXT NOT NULL DEFAULT '',
    "body_html" TEXT NOT NULL,
    "body_text" TEXT NOT NULL,
    "summary_text" TEXT NOT NULL,
    "word_count" INTEGER NOT NULL,
    "language" TEXT,
    "enclosures" JSONB NOT NULL DEFAULT '[]',
    "content_hash" TEXT NOT NULL,
    "published_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3),
    "sort_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "withdrawn_at" TIMESTAMPTZ(3),
    "backfill" BOOLEAN NOT NULL DEFAULT false,
    "indexed_at" TIMESTAMPTZ(3),
    "matched_at" TIMESTAMPTZ(3),

    CONSTRAINT "posts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "post_sources" (
    "feed_id" INTEGER NOT NULL,
    "guid_hash" CHAR(64) NOT NULL,
    "post_id" INTEGER NOT NULL,
    "guid" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "categories" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "draft_hash" TEXT NOT NULL,
    "sort_at" TIMESTAMPTZ(3) NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "post_sources_pkey" PRIMARY KEY ("feed_id","guid_hash")
);

-- CreateTable
CREATE TABLE "authors" (
    "id" SERIAL NOT NULL,
    "feed_id" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "email" TEXT,
    "uri" TEXT,

    CONSTRAINT "authors_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "post_authors" (
    "post_id" INTEGER NOT NULL,
    "author_id" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "sort_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "post_authors_pkey" PRIMARY KEY ("post_id","author_id")
);

-- CreateTable
CREATE TABLE "tags" (
    "id" SERIAL NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "hidden" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tags_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tag_aliases" (
    "slug" TEXT NOT NULL,
    "tag_id" INTEGER NOT NULL,

    CONSTRAINT "tag_aliases_pkey" PRIMARY KEY ("slug")
);

-- CreateTable
CREATE TABLE "post_tags" (
    "post_id" INTEGER NOT NULL,
    "tag_id" INTEGER NOT NULL,
    "sort_at" TIMESTAMPTZ(3) NOT NULL,
    "position" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "post_tags_pkey" PRIMARY KEY ("post_id","tag_id")
);

-- CreateTable
CREATE TABLE "tag_months" (
    "tag_id" INTEGER NOT NULL,
    "month" DATE NOT NULL,
    "posts" INTEGER NOT NULL,

    CONSTRAINT "tag_months_pkey" PRIMARY KEY ("tag_id","month")
);

-- CreateTable
CREATE TABLE "subscribers" (
    "id" SERIAL NOT NULL,
    "email" TEXT NOT NULL,
    "email_key" TEXT NOT NULL,
    "status" "SubscriberStatus" NOT NULL DEFAULT 'pending',
    "token_version" INTEGER NOT NULL DEFAULT 1,
    "confirmed_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "subscribers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alerts" (
    "id" SERIAL NOT NULL,
    "subscriber_id" INTEGER NOT NULL,
    "query" TEXT NOT NULL,
    "query_key" TEXT NOT NULL,
    "tsquery" tsquery NOT NULL,
    "anchor" TEXT,
    "cadence" "AlertCadence" NOT NULL DEFAULT 'instant',
    "status" "AlertStatus" NOT NULL DEFAULT 'pending',
    "token_version" INTEGER NOT NULL DEFAULT 1,
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "confirmed_at" TIMESTAMPTZ(3),
    "next_digest_at" TIMESTAMPTZ(3),

    CONSTRAINT "alerts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alert_matches" (
    "alert_id" INTEGER NOT NULL,
    "post_id" INTEGER NOT NULL,
    "matched_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "delivery_id" INTEGER,

    CONSTRAINT "alert_matches_pkey" PRIMARY KEY ("alert_id","post_id")
);

-- CreateTable
CREATE TABLE "deliveries" (
    "id" SERIAL NOT NULL,
    "subscriber_id" INTEGER NOT NULL,
    "alert_id" INTEGER,
    "kind" "DeliveryKind" NOT NULL,
    "dedupe_key" TEXT NOT NULL,
    "status" "DeliveryStatus" NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "claimed_until" TIMESTAMPTZ(3),
    "error_text" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sent_at" TIMESTAMPTZ(3),

    CONSTRAINT "deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "suppressions" (
    "email_key" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "suppressions_pkey" PRIMARY KEY ("email_key")
);

-- CreateTable
CREATE TABLE "cache_events" (
    "id" BIGSERIAL NOT NULL,
    "tags" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "cache_events_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "feeds_url_key" ON "feeds"("url");

-- CreateIndex
CREATE UNIQUE INDEX "feeds_slug_key" ON "feeds"("slug");

-- CreateIndex
CREATE INDEX "feeds_due" ON "feeds"("next_check_at") WHERE (status = 'active');

-- CreateIndex
CREATE INDEX "posts_canonical_url_idx" ON "posts" USING HASH ("canonical_url");

-- CreateIndex
CREATE INDEX "posts_feed_id_idx" ON "posts"("feed_id");

-- CreateIndex
CREATE INDEX "posts_newest" ON "posts"("sort_at" DESC, "id" DESC) WHERE (withdrawn_at IS NULL);

-- CreateIndex
CREATE INDEX "posts_created" ON "posts"("created_at");

-- CreateIndex
CREATE INDEX "posts_to_index" ON "posts"("id") WHERE (indexed_at IS NULL);

-- CreateIndex
CREATE INDEX "posts_to_match" ON "posts"("id") WHERE (matched_at IS NULL);

-- CreateIndex
CREATE INDEX "post_sources_post_id_idx" ON "post_sources"("post_id");

-- CreateIndex
CREATE INDEX "post_sources_archive" ON "post_sources"("feed_id", "sort_at" DESC, "post_id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "authors_slug_key" ON "authors"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "authors_feed_id_key_key" ON "authors"("feed_id", "key");

-- CreateIndex
CREATE INDEX "post_authors_archive" ON "post_authors"("author_id", "sort_at" DESC, "post_id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "tags_slug_key" ON "tags"("slug");

-- CreateIndex
CREATE INDEX "tag_aliases_tag_id_idx" ON "tag_aliases"("tag_id");

-- CreateIndex
CREATE INDEX "post_tags_archive" ON "post_tags"("tag_id", "sort_at" DESC, "post_id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "subscribers_email_key_key" ON "subscribers"("email_key");

-- CreateIndex
CREATE INDEX "alerts_anchor" ON "alerts"("anchor") WHERE (status = 'active');

-- CreateIndex
CREATE INDEX "alerts_digest_due" ON "alerts"("next_digest_at") WHERE (status = 'active' AND next_digest_at IS NOT NULL);

-- CreateIndex
CREATE UNIQUE INDEX "alerts_subscriber_id_query_key_key" ON "alerts"("subscriber_id", "query_key");

-- CreateIndex
CREATE INDEX "alert_matches_post_id_idx" ON "alert_matches"("post_id");

-- CreateIndex
CREATE INDEX "alert_matches_delivery_id_idx" ON "alert_matches"("delivery_id");

-- CreateIndex
CREATE INDEX "alert_matches_untold" ON "alert_matches"("alert_id") WHERE (delivery_id IS NULL);

-- CreateIndex
CREATE UNIQUE INDEX "deliveries_dedupe_key_key" ON "deliveries"("dedupe_key");

-- CreateIndex
CREATE INDEX "deliveries_due" ON "deliveries"("next_attempt_at") WHERE (status = 'pending');

-- CreateIndex
CREATE INDEX "deliveries_subscriber_id_idx" ON "deliveries"("subscriber_id");

-- CreateIndex
CREATE INDEX "deliveries_alert_id_idx" ON "deliveries"("alert_id");

-- CreateIndex
CREATE INDEX "cache_events_created_at_idx" ON "cache_events"("created_at");

-- AddForeignKey
ALTER TABLE "posts" ADD CONSTRAINT "posts_feed_id_fkey" FOREIGN KEY ("feed_id") REFERENCES "feeds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "post_sources" ADD CONSTRAINT "post_sources_feed_id_fkey" FOREIGN KEY ("feed_id") REFERENCES "feeds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "post_sources" ADD CONSTRAINT "post_sources_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "authors" ADD CONSTRAINT "authors_feed_id_fkey" FOREIGN KEY ("feed_id") REFERENCES "feeds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "post_authors" ADD CONSTRAINT "post_authors_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "post_authors" ADD CONSTRAINT "post_authors_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "authors"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tag_aliases" ADD CONSTRAINT "tag_aliases_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "post_tags" ADD CONSTRAINT "post_tags_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "post_tags" ADD CONSTRAINT "post_tags_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tag_months" ADD CONSTRAINT "tag_months_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_subscriber_id_fkey" FOREIGN KEY ("subscriber_id") REFERENCES "subscribers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alert_matches" ADD CONSTRAINT "alert_matches_alert_id_fkey" FOREIGN KEY ("alert_id") REFERENCES "alerts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alert_matches" ADD CONSTRAINT "alert_matches_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alert_matches" ADD CONSTRAINT "alert_matches_delivery_id_fkey" FOREIGN KEY ("delivery_id") REFERENCES "deliveries"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_subscriber_id_fkey" FOREIGN KEY ("subscriber_id") REFERENCES "subscribers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_alert_id_fkey" FOREIGN KEY ("alert_id") REFERENCES "alerts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Below: what Prisma's schema language cannot say.

-- Words for alerts: no stemming and no stop words (an alert for "the who" is a wish), accents
-- and case folded. `unaccent` is a trusted extension, so the database's owner may create it.
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE TEXT SEARCH CONFIGURATION tagwire (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION tagwire
  ALTER MAPPING FOR asciiword, word, numword, asciihword, hword, numhword,
    hword_asciipart, hword_part, hword_numpart
  WITH unaccent, simple;

-- tag_months follows post_tags by itself, whoever changes it (also by a cascade). One statement
-- a change, rows locked in one order, so that two workers saving the same tags cannot deadlock.
CREATE FUNCTION count_tag_months_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tag_months (tag_id, month, posts)
  SELECT tag_id, date_trunc('month', sort_at AT TIME ZONE 'UTC')::date AS month, count(*)
  FROM added GROUP BY tag_id, month ORDER BY tag_id, month
  ON CONFLICT (tag_id, month) DO UPDATE SET posts = tag_months.posts + excluded.posts;
  RETURN NULL;
END $$;

CREATE FUNCTION count_tag_months_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  WITH gone AS (
    SELECT tag_id, date_trunc('month', sort_at AT TIME ZONE 'UTC')::date AS month, count(*) AS n
    FROM removed GROUP BY tag_id, month
  ), locked AS (
    SELECT m.tag_id, m.month FROM tag_months m JOIN gone USING (tag_id, month)
    ORDER BY m.tag_id, m.month FOR UPDATE OF m
  )
  UPDATE tag_months m SET posts = m.posts - gone.n
  FROM gone JOIN locked USING (tag_id, month)
  WHERE m.tag_id = gone.tag_id AND m.month = gone.month;
  DELETE FROM tag_months m USING removed r
  WHERE m.tag_id = r.tag_id AND m.posts <= 0
    AND m.month = date_trunc('month', r.sort_at AT TIME ZONE 'UTC')::date;
  RETURN NULL;
END $$;

CREATE TRIGGER post_tags_added AFTER INSERT ON post_tags
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_tag_months_added();
CREATE TRIGGER post_tags_removed AFTER DELETE ON post_tags
  REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_tag_months_removed();

-- Wakes the site's caches at commit. Only a hint: sites also read the table every second.
CREATE FUNCTION notify_cache_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('cache_events', '');
  RETURN NULL;
END $$;
CREATE TRIGGER cache_events_notify AFTER INSERT ON cache_events
  FOR EACH STATEMENT EXECUTE FUNCTION notify_cache_events();
