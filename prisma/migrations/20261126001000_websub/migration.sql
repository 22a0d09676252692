-- WebSub: what hubs tell us (subscriptions, and pushes that wait for a worker), and what we tell
-- the hub that our own lists name (two columns of cache_events, which is the queue).

-- CreateEnum
CREATE TYPE "WebsubStatus" AS ENUM ('wanted', 'active', 'denied', 'ending');

-- AlterTable
ALTER TABLE "cache_events" ADD COLUMN     "ping_tried_at" TIMESTAMPTZ(3),
ADD COLUMN     "pinged_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "feeds" ADD COLUMN     "hubs" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "topic" TEXT;

-- CreateTable
CREATE TABLE "websub_subscriptions" (
    "id" SERIAL NOT NULL,
    "feed_id" INTEGER,
    "hub" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "status" "WebsubStatus" NOT NULL DEFAULT 'wanted',
    "awaits" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "requested_at" TIMESTAMPTZ(3),
    "verified_at" TIMESTAMPTZ(3),
    "active_since" TIMESTAMPTZ(3),
    "lease_until" TIMESTAMPTZ(3),
    "pushed_at" TIMESTAMPTZ(3),
    "missed_at" TIMESTAMPTZ(3),
    "error_text" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "websub_subscriptions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "websub_pushes" (
    "id" SERIAL NOT NULL,
    "subscription_id" INTEGER NOT NULL,
    "content_type" TEXT,
    "body" BYTEA NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "claimed_until" TIMESTAMPTZ(3),

    CONSTRAINT "websub_pushes_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "websub_subscriptions_feed_id_idx" ON "websub_subscriptions"("feed_id");

-- CreateIndex
CREATE INDEX "websub_subscriptions_due" ON "websub_subscriptions"("due_at");

-- CreateIndex
CREATE UNIQUE INDEX "websub_subscriptions_live" ON "websub_subscriptions"("feed_id") WHERE (status <> 'ending');

-- CreateIndex
CREATE INDEX "websub_pushes_subscription_id_id_idx" ON "websub_pushes"("subscription_id", "id");

-- CreateIndex
CREATE INDEX "cache_events_to_ping" ON "cache_events"("id") WHERE (pinged_at IS NULL);

-- CreateIndex
CREATE INDEX "cache_events_pinged" ON "cache_events"("pinged_at") WHERE (pinged_at IS NOT NULL);

-- AddForeignKey
ALTER TABLE "websub_subscriptions" ADD CONSTRAINT "websub_subscriptions_feed_id_fkey" FOREIGN KEY ("feed_id") REFERENCES "feeds"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "websub_pushes" ADD CONSTRAINT "websub_pushes_subscription_id_fkey" FOREIGN KEY ("subscription_id") REFERENCES "websub_subscriptions"("id") ON DELETE CASCADE ON UPDATE CASCADE;
