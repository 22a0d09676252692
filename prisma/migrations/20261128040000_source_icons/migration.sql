-- The picture by which a source's site is known in a browser's tabs, looked for once a week.
CREATE TABLE "source_icons" (
    "feed_id" INTEGER NOT NULL,
    "url" TEXT,
    "next_ask_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "source_icons_pkey" PRIMARY KEY ("feed_id"),
    CONSTRAINT "source_icons_feed_id_fkey" FOREIGN KEY ("feed_id") REFERENCES "feeds"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
