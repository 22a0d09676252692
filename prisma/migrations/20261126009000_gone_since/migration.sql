-- A feed ends when it has answered 410 for a day. Its first error may be older than its first 410,
-- and other errors may come between two of them, so the first one has a time of its own.
ALTER TABLE "feeds" ADD COLUMN "gone_since" TIMESTAMPTZ(3);

-- Of those that have answered 410 nobody knows since when: the day begins with the last answer.
UPDATE feeds SET gone_since = checked_at WHERE error_kind = 'gone' AND status = 'active';
