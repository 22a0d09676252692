-- All workers take turns at a host, and the operator is told, once, of what wants them.

-- CreateEnum
CREATE TYPE "NoticeKind" AS ENUM ('failing', 'gone', 'moved', 'network', 'removed', 'flood');

-- AlterEnum
ALTER TYPE "DeliveryKind" ADD VALUE 'notices';

-- DropIndex
DROP INDEX "feeds_due";

-- AlterTable
ALTER TABLE "deliveries" ALTER COLUMN "subscriber_id" DROP NOT NULL;

-- AlterTable
ALTER TABLE "feeds" ADD COLUMN     "host" TEXT NOT NULL DEFAULT '';

-- CreateTable
CREATE TABLE "hosts" (
    "host" TEXT NOT NULL,
    "turns" TIMESTAMPTZ(3)[] DEFAULT ARRAY[]::TIMESTAMPTZ(3)[],
    "free_at" TIMESTAMPTZ(3),
    "ready_at" TIMESTAMPTZ(3),

    CONSTRAINT "hosts_pkey" PRIMARY KEY ("host")
);

-- CreateTable
CREATE TABLE "notices" (
    "id" SERIAL NOT NULL,
    "key" TEXT NOT NULL,
    "kind" "NoticeKind" NOT NULL,
    "feed_id" INTEGER,
    "data" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),
    "delivery_id" INTEGER,
    "mailed_at" TIMESTAMPTZ(3),

    CONSTRAINT "notices_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "hosts_ready" ON "hosts"("ready_at");

-- CreateIndex
CREATE UNIQUE INDEX "notices_key_key" ON "notices"("key");

-- CreateIndex
CREATE INDEX "notices_feed_id_idx" ON "notices"("feed_id");

-- CreateIndex
CREATE INDEX "notices_delivery_id_idx" ON "notices"("delivery_id");

-- CreateIndex
CREATE INDEX "notices_newest" ON "notices"("created_at");

-- CreateIndex
CREATE INDEX "feeds_due" ON "feeds"("host", "next_check_at") WHERE (status = 'active');

-- AddForeignKey
ALTER TABLE "notices" ADD CONSTRAINT "notices_feed_id_fkey" FOREIGN KEY ("feed_id") REFERENCES "feeds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notices" ADD CONSTRAINT "notices_delivery_id_fkey" FOREIGN KEY ("delivery_id") REFERENCES "deliveries"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- What follows is beyond Prisma's language: functions and triggers.

-- Host and port of an address in its normal form (WHATWG URL, which leaves usual ports out).
CREATE FUNCTION host_of(url text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(lower(substring(url FROM '^[^:/?#]+://(?:[^/?#]*@)?([^/?#]*)')), '')
$$;

UPDATE feeds SET host = host_of(url);
INSERT INTO hosts (host, ready_at)
  SELECT host, min(next_check_at) FILTER (WHERE status = 'active') FROM feeds GROUP BY host;

-- By a trigger, for an address has one host whoever writes it.
CREATE FUNCTION set_feed_host() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.host := host_of(NEW.url);
  RETURN NEW;
END $$;
CREATE TRIGGER feeds_host BEFORE INSERT OR UPDATE OF url, host ON feeds
  FOR EACH ROW EXECUTE FUNCTION set_feed_host();

-- When one of so many slots is free: the latest of as many turns decides. Null: now.
CREATE FUNCTION turns_free_at(turns timestamptz[], slots int) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $$
  SELECT t FROM unnest(turns) AS t ORDER BY t DESC OFFSET slots - 1 LIMIT 1
$$;

-- The turns, with one of them at rest until then instead of taken.
CREATE FUNCTION turns_at_rest(turns timestamptz[], turn timestamptz, until timestamptz)
RETURNS timestamptz[] LANGUAGE sql IMMUTABLE AS $$
  SELECT turns[:p - 1] || until || turns[p + 1:] FROM array_position(turns, turn) AS p
$$;

-- Puts a host into its place in the queue of hosts: at the time when its feed that is due for
-- longest may be asked. A claimed feed counts from the end of its lease, for its worker may die.
-- Whoever makes a feed due sooner calls this before the commit and holds the host's row until
-- then; whoever calls it reads the feeds after having got that row, in a statement of its own and
-- so with a snapshot of its own. So nothing that is due is overlooked.
-- Plans are made when there are few feeds and kept when there are many: never a whole table.
CREATE FUNCTION settle_host(name text) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  PERFORM FROM hosts WHERE host = name FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO hosts (host) VALUES (name) ON CONFLICT (host) DO UPDATE SET host = excluded.host;
  END IF;
  WITH due AS (
    SELECT next_check_at AS at FROM feeds
    WHERE host = name AND status = 'active' AND (claimed_until IS NULL OR claimed_until < now())
    ORDER BY next_check_at LIMIT 1
  ), held AS (
    SELECT min(claimed_until) AS until FROM feeds
    WHERE host = name AND status = 'active' AND claimed_until >= now()
      AND next_check_at <= coalesce((SELECT at FROM due), 'infinity')
  ), next AS (
    SELECT least((SELECT at FROM due), until) AS at FROM held
  )
  UPDATE hosts SET ready_at = CASE WHEN next.at IS NULL THEN NULL ELSE greatest(free_at, next.at) END
    FROM next WHERE host = name;
END $$;

CREATE FUNCTION settle_feed_host() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM settle_host(NEW.host);
  RETURN NULL;
END $$;

-- The same for a new feed, of which there may be thousands: its host is not too late for it.
CREATE FUNCTION queue_added_feed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO hosts (host, ready_at) VALUES (NEW.host, NEW.next_check_at)
    ON CONFLICT (host) DO UPDATE SET ready_at = excluded.ready_at
      WHERE hosts.ready_at IS NULL OR hosts.ready_at > excluded.ready_at;
  RETURN NULL;
END $$;

-- At the commit, so that a host's row is held for a moment only, however long the transaction.
CREATE CONSTRAINT TRIGGER feeds_added AFTER INSERT ON feeds DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION queue_added_feed();
-- Only for what makes a feed due sooner, and for a claim that ends. A claim takes care of its host
-- itself, and a feed that is put off leaves its host too early in the queue, where the next look
-- puts it right.
CREATE CONSTRAINT TRIGGER feeds_sooner AFTER UPDATE ON feeds DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (
    NEW.next_check_at < OLD.next_check_at OR NEW.status <> OLD.status OR NEW.host <> OLD.host
    OR coalesce(NEW.claimed_until, '-infinity') < coalesce(OLD.claimed_until, '-infinity'))
  EXECUTE FUNCTION settle_feed_host();
