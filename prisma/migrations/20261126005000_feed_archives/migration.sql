-- Archives of our feeds (RFC 5005) go by the order in which posts came, not by their dates
-- (lib/model/feed-archive.ts): each of their documents is one range of these.

-- CreateIndex
CREATE INDEX "post_sources_arrived" ON "post_sources"("feed_id", "post_id");

-- CreateIndex
CREATE INDEX "post_authors_arrived" ON "post_authors"("author_id", "post_id");

-- CreateIndex
CREATE INDEX "post_tags_arrived" ON "post_tags"("tag_id", "post_id");
