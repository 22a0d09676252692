-- What the robots.txt of publishers' sites says of use by robots, asked for once a week.
CREATE TABLE "site_wishes" (
    "origin" TEXT NOT NULL,
    "wish" JSONB NOT NULL DEFAULT '{}',
    "next_ask_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "site_wishes_pkey" PRIMARY KEY ("origin")
);

-- The site of a feed as an origin; its feed's own where it names none that is one.
CREATE FUNCTION "site_origin"("feed" "feeds") RETURNS TEXT LANGUAGE SQL IMMUTABLE AS $$
    SELECT coalesce(
        substring(lower(feed.site_url) FROM '^https?://[^/?#@\\]+'),
        substring(lower(feed.url) FROM '^https?://[^/?#@\\]+'))
$$;
