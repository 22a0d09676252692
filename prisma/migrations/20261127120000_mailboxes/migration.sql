-- How far a mailbox has been read for bounces and complaints (docs/decisions/0030-a-mailbox-is-read-by-uid.md).

-- CreateTable
CREATE TABLE "mailboxes" (
    "name" TEXT NOT NULL,
    "uid_validity" BIGINT,
    "read_uid" BIGINT NOT NULL DEFAULT 0,
    "old_uid" BIGINT NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "trying_uid" BIGINT,
    "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "read_at" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "error_text" TEXT,
    "error_since" TIMESTAMPTZ(3),
    "bounces" INTEGER NOT NULL DEFAULT 0,
    "complaints" INTEGER NOT NULL DEFAULT 0,
    "notes" INTEGER NOT NULL DEFAULT 0,
    "others" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "mailboxes_pkey" PRIMARY KEY ("name")
);
