-- A search for a source finds what it carries, also where the story is another's: these posts are
-- indexed again.
UPDATE posts SET indexed_at = NULL, changed_at = greatest(now(), changed_at + interval '1 ms')
WHERE withdrawn_at IS NULL AND id IN (
  SELECT post_id FROM post_sources GROUP BY post_id HAVING count(DISTINCT feed_id) > 1);
