import { config } from '../config.ts';
import { db, dbPool, transaction } from '../db.ts';
import type { Cadence } from '../model/alert.ts';
import { NEXT_DIGEST_SQL } from './alerts.ts';
import { enqueue } from './jobs.ts';

/** A worker that died leaves a mail to others after this; sending one takes seconds. */
const LEASE_SECONDS = 120;
/** A mail server may be away over a weekend's night; after this the mail is given up. */
const RETRY_HOURS_MAX = 48;
const RETRY_SECONDS_MIN = 30;
const RETRY_SECONDS_MAX = 4 * 3600;
const DIGESTS_PER_BATCH = 200;

/** A mail to be sent, with what its text needs beside the hits. */
export interface ClaimedDelivery {
  id: number;
  kind: 'confirm' | 'instant' | 'digest';
  dedupeKey: string;
  createdAt: Date;
  email: string;
  subscriber: { id: number; version: number };
  alert: {
    id: number;
    version: number;
    query: string;
    cadence: Cadence;
    confirmedAt: string | null;
  };
}

/**
 * Claims the next mails that are due, for LEASE_SECONDS. Mails to addresses that are suppressed,
 * and of alerts that were paused or stopped meanwhile, are nobody's wish any more and go.
 */
export async function claimDeliveries(limit: number): Promise<ClaimedDelivery[]> {
  await dbPool().query(
    `DELETE FROM deliveries d USING alerts a, subscribers s
     WHERE d.status = 'pending' AND d.next_attempt_at <= now() AND a.id = d.alert_id
       AND s.id = d.subscriber_id
       AND (s.status = 'suppressed' OR d.kind <> 'confirm' AND a.status <> 'active')`,
  );
  const { rows } = await dbPool().query<ClaimedDelivery>(
    `WITH due AS (
       SELECT id FROM deliveries
       WHERE status = 'pending' AND next_attempt_at <= now()
         AND (claimed_until IS NULL OR claimed_until < now())
       ORDER BY next_attempt_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
     )
     UPDATE deliveries d SET claimed_until = now() + make_interval(secs => $2)
     FROM due, alerts a, subscribers s
     WHERE d.id = due.id AND a.id = d.alert_id AND s.id = d.subscriber_id
     RETURNING d.id, d.kind, d.dedupe_key AS "dedupeKey", d.created_at AS "createdAt", s.email,
       json_build_object('id', s.id, 'version', s.token_version) AS subscriber,
       json_build_object('id', a.id, 'version', a.token_version, 'query', a.query,
                         'cadence', a.cadence, 'confirmedAt', a.confirmed_at) AS alert`,
    [limit, LEASE_SECONDS],
  );
  return rows;
}

/** What every attempt leaves behind. */
const TRIED = { claimedUntil: null, attempts: { increment: 1 } } as const;

/** The mail server has taken it. A row that is gone (somebody was forgotten) stays gone. */
export async function finishDelivery(id: number): Promise<void> {
  await db().delivery.updateMany({
    where: { id },
    data: { ...TRIED, status: 'sent', sentAt: new Date(), errorText: null },
  });
}

/** The mail server refused this mail for good. */
export async function giveUpDelivery(id: number, errorText: string): Promise<void> {
  await db().delivery.updateMany({ where: { id }, data: { ...TRIED, status: 'dead', errorText } });
}

/** It did not work this time: later again, each time after twice as long, for two days. */
export async function postponeDelivery(id: number, errorText: string): Promise<void> {
  await dbPool().query(
    `UPDATE deliveries SET claimed_until = NULL, attempts = attempts + 1, error_text = $2,
       next_attempt_at = now() + make_interval(secs => least($3 * 2 ^ attempts, $4)),
       status = CASE WHEN created_at < now() - make_interval(hours => $5)
                     THEN 'dead'::"DeliveryStatus" ELSE status END
     WHERE id = $1`,
    [id, errorText, RETRY_SECONDS_MIN, RETRY_SECONDS_MAX, RETRY_HOURS_MAX],
  );
}

/** Gives back what was claimed and not tried. */
export async function releaseDeliveries(ids: number[]): Promise<void> {
  await db().delivery.updateMany({ where: { id: { in: ids } }, data: { claimedUntil: null } });
}

/**
 * Writes the mails of digests whose time has come, for the matches that no mail has told yet, and
 * sets their next time. @returns how many mails; an alert that met nothing gets none.
 */
export function buildDueDigests(now = new Date()): Promise<{ alerts: number; mails: number }> {
  return transaction(async (tx) => {
    const { rows } = await tx.query<{ alerts: number; mails: number }>(
      `WITH due AS (
         SELECT a.id, a.subscriber_id, a.next_digest_at FROM alerts a
         WHERE a.status = 'active' AND a.next_digest_at <= $1
         ORDER BY a.next_digest_at LIMIT ${DIGESTS_PER_BATCH} FOR UPDATE SKIP LOCKED
       ), mail AS (
         INSERT INTO deliveries (subscriber_id, alert_id, kind, dedupe_key, created_at, next_attempt_at)
         SELECT subscriber_id, id, 'digest',
                format('digest-%s-%s', id, extract(epoch FROM next_digest_at)::bigint), $1, $1
         FROM due WHERE EXISTS (SELECT FROM alert_matches m
                                WHERE m.alert_id = due.id AND m.delivery_id IS NULL)
         RETURNING id, alert_id
       ), told AS (
         UPDATE alert_matches m SET delivery_id = mail.id FROM mail
         WHERE m.alert_id = mail.alert_id AND m.delivery_id IS NULL
       ), set_next AS (
         UPDATE alerts a SET next_digest_at = ${NEXT_DIGEST_SQL} FROM due WHERE a.id = due.id
       )
       SELECT (SELECT count(*)::int FROM due) AS alerts, (SELECT count(*)::int FROM mail) AS mails`,
      [now, config().siteTimezone],
    );
    const built = rows[0] ?? { alerts: 0, mails: 0 };
    if (built.mails > 0) await enqueue(tx, 'deliver-mail');
    return built;
  });
}
