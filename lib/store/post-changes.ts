import { db, transaction } from '../db.ts';
import { enqueue } from './jobs.ts';

/** Changes whose mails are written in one transaction. */
const BATCH_CHANGES = 1000;

const WRITE_MAILS = `
  WITH due AS MATERIALIZED (
    SELECT c.alert_id, c.post_id, c.kind, c.version FROM alert_changes c
    WHERE c.due_at <= $1
      -- A post that still changes is told when it rests.
      AND NOT EXISTS (SELECT FROM alert_changes other WHERE other.alert_id = c.alert_id
                      AND other.post_id = c.post_id AND other.due_at > $1)
    ORDER BY c.due_at, c.alert_id LIMIT ${BATCH_CHANGES} FOR UPDATE OF c SKIP LOCKED
  ), mail AS (
    INSERT INTO deliveries (subscriber_id, alert_id, kind, dedupe_key, created_at, next_attempt_at)
    SELECT DISTINCT ON (a.id) a.subscriber_id, a.id, 'changes'::"DeliveryKind",
           format('changes-%s-%s-%s%s', a.id, due.post_id, left(due.kind::text, 1), due.version),
           $1::timestamptz, $1::timestamptz
    FROM due JOIN alerts a ON a.id = due.alert_id
    WHERE a.status = 'active' AND a.cadence <> 'feed' AND a.tells_changes
    ORDER BY a.id, due.post_id, due.kind, due.version
    RETURNING id, alert_id
  ), told AS (
    UPDATE alert_changes c SET due_at = NULL, delivery_id = mail.id
    FROM due LEFT JOIN mail ON mail.alert_id = due.alert_id
    WHERE (c.alert_id, c.post_id, c.kind, c.version)
        = (due.alert_id, due.post_id, due.kind, due.version)
  )
  SELECT (SELECT count(*)::int FROM due) AS changes, (SELECT count(*)::int FROM mail) AS mails`;

/**
 * Writes the mails of changes that are due, one an alert. Those of alerts that are not in force any
 * more, or do not tell changes, count as told.
 */
export function tellDueChanges(now = new Date()): Promise<{ changes: number; mails: number }> {
  return transaction(async (tx) => {
    const { rows } = await tx.query<{ changes: number; mails: number }>(WRITE_MAILS, [now]);
    const told = rows[0] ?? { changes: 0, mails: 0 };
    if (told.mails > 0) await enqueue(tx, 'deliver-mail');
    return told;
  });
}

/**
 * Whether an alert tells when posts that it has found change or are withdrawn.
 * @returns false when its owner has no such alert.
 */
export async function setTellsChanges(
  alertId: number,
  subscriberId: number,
  tellsChanges: boolean,
): Promise<boolean> {
  const { count } = await db().alert.updateMany({
    where: { id: alertId, subscriberId, confirmedAt: { not: null } },
    data: { tellsChanges },
  });
  return count === 1;
}
