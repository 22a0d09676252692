-- What publishers say of use by robots, in the headers of their feeds. It is heard at the next answer
-- that is whole: within a week everywhere, for that often feeds are asked without validators.
ALTER TABLE "feeds" ADD COLUMN "use_wish" JSONB NOT NULL DEFAULT '{}';
