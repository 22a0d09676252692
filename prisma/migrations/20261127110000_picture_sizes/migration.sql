-- How large pictures of posts are, learned when the site first fetches them for a reader: pages then
-- leave room for them. A table of its own: which posts show a picture is known when a page is made,
-- and one picture may be in many.
CREATE TABLE "picture_sizes" (
    "key" BYTEA NOT NULL,
    "width" INTEGER,
    "height" INTEGER,

    CONSTRAINT "picture_sizes_pkey" PRIMARY KEY ("key"),
    -- Either both are known or neither.
    CONSTRAINT "picture_sizes_whole" CHECK (("width" IS NULL) = ("height" IS NULL))
);
