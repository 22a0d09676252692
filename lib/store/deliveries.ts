import { config } from '../config.ts';
import { db, dbPool, transaction } from '../db.ts';
import { type AlertStatus, type Cadence, CONFIRM_HOURS } from '../model/alert.ts';
import { nextDigest } from './digest-times.ts';
import { enqueue } from './jobs.ts';
import { suppressRecipient } from './suppressions.ts';

/**
 * A worker that died leaves its mail to others after this. Longer than sending one can take
 * (SEND_MS_MAX in lib/mail), or a slow server would be given the mail twice.
 */
const LEASE_SECONDS = 11 * 60;
/** A mail server may be away over a weekend's night; after this the mail is given up. */
const RETRY_HOURS_MAX = 48;
/**
 * As many as fit into RETRY_HOURS_MAX. A mail that waited for days (no worker, no SMTP_URL, others
 * before it) has its own two days still when a server first says “later”.
 */
const TRIES_MIN = 20;
const RETRY_SECONDS_MIN = 30;
const RETRY_SECONDS_MAX = 4 * 3600;
const DIGESTS_PER_BATCH = 200;

interface Claimed {
  id: number;
  dedupeKey: string;
  createdAt: Date;
}

/** A mail to a subscriber, with what its text needs beside the hits. */
export interface ClaimedAlertMail extends Claimed {
  kind: 'confirm' | 'instant' | 'digest' | 'webhook' | 'changes';
  email: string;
  /** `timeZone`: null where the site's is good enough. */
  subscriber: { id: number; version: number; timeZone: string | null };
  alert: {
    id: number;
    version: number;
    /** Of the link that confirms it. */
    confirmVersion: number;
    query: string;
    policy: string | null;
    cadence: Cadence;
    status: AlertStatus;
    confirmedAt: string | null;
    /** When it was last asked for: a confirmation ends CONFIRM_HOURS later. */
    requestedAt: string;
    /** When it became a daily one by itself. */
    calmedAt: string | null;
  };
}

/** A mail of alerts that have found nothing for long. */
export interface ClaimedQuietMail extends Claimed {
  kind: 'quiet';
  email: string;
  subscriber: { id: number; version: number };
}

/** A mail to be sent. One of notices goes to the operator, wherever that is at the time. */
export type ClaimedDelivery = ClaimedAlertMail | ClaimedQuietMail | (Claimed & { kind: 'notices' });

/**
 * Claims the mail that is due for the longest time, for LEASE_SECONDS: one, so that the others
 * are free for other workers while a slow server takes this one. What is nobody's wish any more
 * (its address is suppressed, its alert paused or stopped, its confirmation too late) is dropped
 * on the way. @returns undefined when none is due.
 */
export async function claimDelivery(): Promise<ClaimedDelivery | undefined> {
  for (;;) {
    const { rows } = await dbPool().query<ClaimedDelivery & { isWanted: boolean }>({
      name: 'claim-delivery',
      text: CLAIM,
      values: [LEASE_SECONDS, CONFIRM_HOURS],
    });
    const [row] = rows;
    if (row === undefined) return undefined;
    const { isWanted, ...delivery } = row;
    if (isWanted) return delivery;
    await dropDelivery(delivery.id);
  }
}

const CLAIM = `
  WITH due AS (
    SELECT id, alert_id, subscriber_id FROM deliveries
    WHERE status = 'pending' AND next_attempt_at <= now()
      AND (claimed_until IS NULL OR claimed_until < now())
    ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED
  )
  UPDATE deliveries d SET claimed_until = now() + make_interval(secs => $1)
  FROM due LEFT JOIN alerts a ON a.id = due.alert_id LEFT JOIN subscribers s ON s.id = due.subscriber_id
  WHERE d.id = due.id
  RETURNING d.id, d.kind, d.dedupe_key AS "dedupeKey", d.created_at AS "createdAt", s.email,
    json_build_object('id', s.id, 'version', s.token_version, 'timeZone', s.time_zone) AS subscriber,
    json_build_object('id', a.id, 'version', a.token_version, 'confirmVersion', a.confirm_version,
                      'query', a.query,
                      'policy', a.policy, 'cadence', a.cadence, 'status', a.status, 'confirmedAt', a.confirmed_at,
                      'requestedAt', a.requested_at, 'calmedAt', a.calmed_at) AS alert,
    d.kind = 'notices' OR (
      s.status <> 'suppressed'
      AND NOT EXISTS (SELECT FROM suppressions x WHERE x.email_key = s.email_key)
      AND CASE WHEN d.kind = 'webhook' THEN true WHEN d.kind = 'quiet' THEN s.quiet_mails
             WHEN d.kind = 'changes' AND NOT a.tells_changes THEN false WHEN d.kind = 'confirm' THEN a.requested_at > now() - make_interval(hours => $2)
               ELSE a.status = 'active' AND a.cadence <> 'feed' END) AS "isWanted"`;

/** Drops a mail that nobody waits for; the posts that it would have told count as untold. */
export async function dropDelivery(id: number): Promise<void> {
  await db().delivery.deleteMany({ where: { id } });
}

/** The mail server has taken it. A row that is gone (somebody was forgotten) stays gone. */
export async function finishDelivery(id: number): Promise<void> {
  await dbPool().query({
    name: 'finish-delivery',
    text: `WITH sent AS (
       UPDATE deliveries SET claimed_until = NULL, attempts = attempts + 1, status = 'sent',
         sent_at = now(), error_text = NULL
       WHERE id = $1 RETURNING id, sent_at)
     UPDATE notices n SET mailed_at = sent.sent_at FROM sent WHERE n.delivery_id = sent.id`,
    values: [id],
  });
}

/**
 * The mail server refused this mail for good.
 * @param hasNoMailbox it has no such mailbox: the address is suppressed.
 */
export function giveUpDelivery(
  id: number,
  errorText: string,
  { hasNoMailbox = false } = {},
): Promise<void> {
  return transaction(async (tx) => {
    await tx.query(
      `UPDATE deliveries SET claimed_until = NULL, attempts = attempts + 1, status = 'dead',
         error_text = $2 WHERE id = $1`,
      [id, errorText],
    );
    if (hasNoMailbox) await suppressRecipient(tx, { deliveryId: id }, `bounced: ${errorText}`);
  });
}

/**
 * It did not work this time: later again, each time after twice as long, for two days of trying.
 */
export async function postponeDelivery(id: number, errorText: string): Promise<void> {
  await dbPool().query(
    `UPDATE deliveries SET claimed_until = NULL, attempts = attempts + 1, error_text = $2,
       next_attempt_at = now() + make_interval(secs => least($3 * 2 ^ attempts, $4)),
       status = CASE WHEN created_at < now() - make_interval(hours => $5) AND attempts + 1 >= $6
                     THEN 'dead'::"DeliveryStatus" ELSE status END
     WHERE id = $1`,
    [id, errorText, RETRY_SECONDS_MIN, RETRY_SECONDS_MAX, RETRY_HOURS_MAX, TRIES_MIN],
  );
}

/**
 * Leaves alerts that a batch of matches holds to the next time, and keeps the next batch from them:
 * one that has just become an instant alert is asked once, so what was found for it while it was
 * none must be there. Read by another statement, which sees what was committed until it has them.
 */
const HOLD_DUE = `
  SELECT id FROM alerts WHERE status = 'active' AND next_digest_at <= $1
  ORDER BY next_digest_at LIMIT ${DIGESTS_PER_BATCH} FOR UPDATE SKIP LOCKED`;

/**
 * Writes the mails of digests whose time has come, for the matches that no mail has told yet, and
 * sets their next time. What was found before the alert last began (it was paused, ended or a
 * feed until then) is not told. @returns how many mails; an alert that met nothing gets none.
 */
export function buildDueDigests(now = new Date()): Promise<{ alerts: number; mails: number }> {
  return transaction(async (tx) => {
    const held = await tx.query<{ id: number }>(HOLD_DUE, [now]);
    const { rows } = await tx.query<{ alerts: number; mails: number }>(
      `WITH due AS (
         SELECT a.id, a.subscriber_id, a.next_digest_at, a.confirmed_at FROM alerts a
         WHERE a.id = ANY($3::int[])
       ), untold AS (
         SELECT m.alert_id, m.post_id FROM due
         JOIN alert_matches m ON m.alert_id = due.id AND m.delivery_id IS NULL
         JOIN posts p ON p.id = m.post_id
         WHERE p.created_at >= due.confirmed_at AND p.withdrawn_at IS NULL
       ), mail AS (
         INSERT INTO deliveries (subscriber_id, alert_id, kind, dedupe_key, created_at, next_attempt_at)
         SELECT subscriber_id, id, 'digest',
                format('digest-%s-%s', id, extract(epoch FROM next_digest_at)::bigint), $1, $1
         FROM due WHERE id IN (SELECT alert_id FROM untold)
         ON CONFLICT (dedupe_key) DO NOTHING
         RETURNING id, alert_id
       ), told AS (
         UPDATE alert_matches m SET delivery_id = mail.id FROM mail, untold
         WHERE untold.alert_id = mail.alert_id
           AND m.alert_id = untold.alert_id AND m.post_id = untold.post_id
       ), set_next AS (
         UPDATE alerts a SET next_digest_at = ${nextDigest('a.cadence', 'a.subscriber_id', '$1', '$2')} FROM due WHERE a.id = due.id
       )
       SELECT (SELECT count(*)::int FROM due) AS alerts, (SELECT count(*)::int FROM mail) AS mails`,
      [now, config().siteTimezone, held.rows.map(({ id }) => id)],
    );
    const built = rows[0] ?? { alerts: 0, mails: 0 };
    if (built.mails > 0) await enqueue(tx, 'deliver-mail');
    return built;
  });
}
