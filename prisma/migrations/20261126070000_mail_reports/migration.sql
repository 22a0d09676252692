-- What mail servers say of our mails, until a worker has read it.
CREATE TABLE "mail_reports" (
    "id" SERIAL NOT NULL,
    "body" BYTEA NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "claimed_until" TIMESTAMPTZ(3),

    CONSTRAINT "mail_reports_pkey" PRIMARY KEY ("id")
);

-- When a mail server took a mail and sent it back later.
ALTER TABLE "deliveries" ADD COLUMN "bounced_at" TIMESTAMPTZ(3);
