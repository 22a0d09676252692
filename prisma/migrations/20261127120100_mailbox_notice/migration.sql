-- The operator is told of a mailbox of bounces that cannot be read for a day.

-- AlterEnum
ALTER TYPE "NoticeKind" ADD VALUE 'mailbox';
