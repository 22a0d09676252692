-- Stories of several sources may show the body of another than their owner, or have the wrong
-- owner, or tags that were taken away. They are written anew by the next polls of their sources,
-- as far as those still have them: an empty draft hash has an item count as changed, an empty
-- content hash says that what stands there is no earlier state of what follows.
CREATE TEMPORARY TABLE shared_stories ON COMMIT DROP AS
SELECT post_id FROM post_sources GROUP BY post_id HAVING count(DISTINCT feed_id) > 1;

UPDATE posts SET content_hash = '' WHERE id IN (SELECT post_id FROM shared_stories);
UPDATE post_sources SET draft_hash = '' WHERE post_id IN (SELECT post_id FROM shared_stories);
UPDATE feeds SET etag = NULL, last_modified = NULL, body_hash = NULL
WHERE id IN (SELECT s.feed_id FROM post_sources s JOIN shared_stories USING (post_id));
INSERT INTO post_retags (post_id, anew) SELECT post_id, true FROM shared_stories
ON CONFLICT (post_id) DO UPDATE SET anew = true;
