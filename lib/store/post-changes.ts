import { db, transaction } from '../db.ts';
import { enqueue } from './jobs.ts';
import { ONLY_ONE } from './locks.ts';

/** Alerts whose mails are written in one transaction, each with all its changes that are due. */
const BATCH_ALERTS = 500;
/** A post that changes all the time is told after so long. */
const LATEST_HOURS = 2;

/** A post that still changes is told when it rests, or after LATEST_HOURS. */
const RESTS = (row: string) => `(
  ${row}.due_at <= $1::timestamptz - interval '${LATEST_HOURS} hours' OR NOT EXISTS (
    SELECT FROM alert_changes other WHERE other.alert_id = ${row}.alert_id
      AND other.post_id = ${row}.post_id AND other.due_at > $1))`;

const WRITE_MAILS = `
  WITH due AS MATERIALIZED (
    SELECT c.alert_id, c.post_id, c.kind, c.version, c.due_at FROM alert_changes c
    WHERE c.due_at <= $1 AND c.alert_id IN (
      SELECT ready.alert_id FROM alert_changes ready WHERE ready.due_at <= $1 AND ${RESTS('ready')}
      GROUP BY ready.alert_id ORDER BY min(ready.due_at), ready.alert_id LIMIT ${BATCH_ALERTS})
      AND ${RESTS('c')}
  ), mail AS (
    INSERT INTO deliveries (subscriber_id, alert_id, kind, dedupe_key, created_at, next_attempt_at)
    SELECT DISTINCT ON (a.id) a.subscriber_id, a.id, 'changes'::"DeliveryKind",
           format('changes-%s-%s-%s', a.id, due.post_id,
                  floor(extract(epoch FROM due.due_at) * 1000)::bigint),
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
    // Of two at once, the second would tell what the first has told.
    await tx.query('SELECT pg_advisory_xact_lock($1)', [ONLY_ONE.changesMails]);
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
