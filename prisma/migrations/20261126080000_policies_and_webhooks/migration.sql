-- A filter policy as it was typed; null: an alert has words alone.
ALTER TABLE "alerts" ADD COLUMN "policy" TEXT;

-- Its owner is told that a webhook was switched off.
ALTER TYPE "DeliveryKind" ADD VALUE 'webhook';

CREATE TYPE "WebhookStatus" AS ENUM ('waiting', 'testing', 'active', 'off', 'gone');
CREATE TABLE "webhooks" (
    "id" SERIAL NOT NULL,
    "alert_id" INTEGER NOT NULL,
    "url" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "status" "WebhookStatus" NOT NULL DEFAULT 'waiting',
    "secret_version" INTEGER NOT NULL DEFAULT 1,
    "old_secret_until" TIMESTAMPTZ(3),
    "rests_until" TIMESTAMPTZ(3),
    "failing_since" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhooks_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "webhooks_alert_id_key" ON "webhooks"("alert_id");
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_alert_id_fkey" FOREIGN KEY ("alert_id") REFERENCES "alerts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TYPE "WebhookEventStatus" AS ENUM ('pending', 'sent', 'dead');
CREATE TABLE "webhook_events" (
    "id" SERIAL NOT NULL,
    "webhook_id" INTEGER NOT NULL,
    "post_id" INTEGER,
    "message_id" TEXT NOT NULL,
    "status" "WebhookEventStatus" NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "claimed_until" TIMESTAMPTZ(3),
    "claim" UUID,
    "tried_at" TIMESTAMPTZ(3),
    "response_status" INTEGER,
    "response_text" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhook_events_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "webhook_events_message_id_key" ON "webhook_events"("message_id");
CREATE INDEX "webhook_events_webhook_id_id_idx" ON "webhook_events"("webhook_id", "id" DESC);
CREATE INDEX "webhook_events_post_id_idx" ON "webhook_events"("post_id");
CREATE INDEX "webhook_events_due" ON "webhook_events"("next_attempt_at") WHERE status = 'pending';
CREATE INDEX "webhook_events_claimed" ON "webhook_events"("claimed_until") WHERE claimed_until IS NOT NULL;
ALTER TABLE "webhook_events" ADD CONSTRAINT "webhook_events_webhook_id_fkey" FOREIGN KEY ("webhook_id") REFERENCES "webhooks"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "webhook_events" ADD CONSTRAINT "webhook_events_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "posts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Matching looks for alerts with a policy beside the others; mostly there are few.
CREATE INDEX "alerts_policy" ON "alerts"("anchor") WHERE status = 'active' AND policy IS NOT NULL;
