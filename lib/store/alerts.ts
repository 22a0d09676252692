import { compileQuery, hasWords } from '../alerts/compile-query.ts';
import type { TokenClaim } from '../alerts/tokens.ts';
import { config } from '../config.ts';
import { db, dbPool, type Tx, transaction } from '../db.ts';
import { type AlertStatus, type Cadence, CONFIRM_HOURS } from '../model/alert.ts';
import type { QueryTree } from '../model/query/tree.ts';
import { readAnchors } from './alert-anchors.ts';
import { nextDigest } from './digest-times.ts';
import { enqueue } from './jobs.ts';
import { quietCheck } from './quiet-alerts.ts';
import { liftWish } from './suppressions.ts';
import { wakeEvents } from './webhook-events.ts';
import { beginWebhook, keepWishedWebhook, type WebhookWish } from './webhooks.ts';

/** More are a program's; each costs time with every post. */
const ALERTS_PER_SUBSCRIBER_MAX = 100;
/** So that nobody can fill a stranger's mailbox through our form. */
const CONFIRM_MAILS_PER_HOUR_MAX = 5;
/** Of those that nobody has confirmed, or that tell of an alert that is there. */
const STRANGER_MAILS_PER_DAY_MAX = 15;

/** Longer than a confirmation is good for, so that a late click is told why it does not work. */
const UNCONFIRMED_DAYS_MAX = 7;

export interface AlertWish {
  email: string;
  emailKey: string;
  /** As typed; empty when a policy says all. */
  query: string;
  /** The canonical form of query and policy, and what posts must have for both. */
  queryKey: string;
  tree: QueryTree;
  cadence: Cadence;
  /** As typed (lib/model/policy). */
  policy?: string;
  webhook?: WebhookWish;
}

/** What became of a wish. The form says nothing of it but `no-word`: it would tell who is known. */
export type WishOutcome = 'mailed' | 'suppressed' | 'too-many' | 'no-word';

/** Locks the subscriber's row, made if it is new. */
async function upsertSubscriber(tx: Tx, wish: AlertWish, now: Date): Promise<number> {
  const { rows } = await tx.query<{ id: number }>(
    `INSERT INTO subscribers (email, email_key, created_at) VALUES ($1, $2, $3)
     ON CONFLICT (email_key) DO UPDATE SET email_key = excluded.email_key RETURNING id`,
    [wish.email, wish.emailKey, now],
  );
  return rows[0]?.id ?? 0;
}

/**
 * Whether the subscriber has had enough mails of this kind, or has enough alerts. Wishes that
 * nobody confirmed do not count: a stranger may have typed them.
 */
async function hasTooMany(
  tx: Tx,
  subscriberId: number,
  queryKey: string,
  now: Date,
): Promise<boolean> {
  const { rows } = await tx.query<{ mails: number; today: number; alerts: number }>(
    `SELECT (SELECT count(*)::int FROM deliveries WHERE subscriber_id = $1 AND kind = 'confirm'
               AND created_at > $2::timestamptz - interval '1 hour') AS mails,
            (SELECT count(*)::int FROM deliveries d JOIN alerts a ON a.id = d.alert_id
             WHERE d.subscriber_id = $1 AND d.kind = 'confirm'
               AND d.created_at > $2::timestamptz - interval '1 day'
               AND (a.confirmed_at IS NULL OR a.confirmed_at < d.created_at)) AS today,
            (SELECT count(*)::int FROM alerts WHERE subscriber_id = $1 AND query_key <> $3
               AND status IN ('active', 'paused')) AS alerts`,
    [subscriberId, now, queryKey],
  );
  const { mails = 0, today = 0, alerts = 0 } = rows[0] ?? {};
  if (today >= STRANGER_MAILS_PER_DAY_MAX) return true;
  return mails >= CONFIRM_MAILS_PER_HOUR_MAX || alerts >= ALERTS_PER_SUBSCRIBER_MAX;
}

/** Stores a wish whose words Postgres can find. @returns undefined when it has no such word. */
async function upsertAlert(
  tx: Tx,
  subscriberId: number,
  wish: AlertWish,
  now: Date,
): Promise<number | undefined> {
  const compiled = compileQuery(wish.tree, 8, { marksExact: true });
  const anchors = await readAnchors(tx, wish.tree);
  const { rows } = await tx.query<{ id: number; status: AlertStatus; isNew: boolean }>(
    `INSERT INTO alerts (subscriber_id, query, query_key, cadence, requested_at, anchors, policy,
                         tsquery)
     SELECT $1, $2::text, $3, $4, $5, $6::text[], $7::text, q FROM (SELECT ${compiled.sql} AS q) AS compiled
     WHERE $2::text = '' AND $7::text IS NOT NULL OR ${hasWords('q')}
     ON CONFLICT (subscriber_id, query_key) DO UPDATE SET
       requested_at = excluded.requested_at,
       -- Whoever asks has shown nothing yet: an alert that ever was in force stays as it is.
       cadence = CASE WHEN alerts.confirmed_at IS NULL THEN excluded.cadence
                      ELSE alerts.cadence END,
       -- Links of an older request confirm nothing any more.
       confirm_version = alerts.confirm_version + (alerts.status = 'ended'
         OR alerts.requested_at <= $5::timestamptz - interval '${CONFIRM_HOURS} hours')::int,
       status = CASE WHEN alerts.status = 'ended' THEN 'pending' ELSE alerts.status END
     RETURNING id, status, confirmed_at IS NULL AS "isNew"`,
    [
      subscriberId,
      wish.query,
      wish.queryKey,
      wish.cadence,
      now,
      anchors,
      wish.policy ?? null,
      ...compiled.values,
    ],
  );
  const [alert] = rows;
  // A webhook that its owner has set is theirs, also while the alert is stopped.
  if (alert?.status === 'pending' && alert.isNew)
    await keepWishedWebhook(tx, alert.id, wish.webhook);
  return alert?.id;
}

/**
 * Stores a wish for an alert and the mail that asks its address to confirm it. Asking twice
 * within a minute gives one mail.
 */
export function requestAlert(wish: AlertWish, now = new Date()): Promise<WishOutcome> {
  return transaction(async (tx) => {
    const suppressed = await tx.query('SELECT FROM suppressions WHERE email_key = $1', [
      wish.emailKey,
    ]);
    if (suppressed.rows.length > 0) return 'suppressed';
    const subscriberId = await upsertSubscriber(tx, wish, now);
    if (await hasTooMany(tx, subscriberId, wish.queryKey, now)) return 'too-many';
    const alertId = await upsertAlert(tx, subscriberId, wish, now);
    if (alertId === undefined) {
      await tx.query(
        `DELETE FROM subscribers s WHERE id = $1
           AND NOT EXISTS (SELECT FROM alerts WHERE subscriber_id = s.id)`,
        [subscriberId],
      );
      return 'no-word';
    }
    const minute = now.toISOString().slice(0, 16).replace(/\D/gu, '');
    await tx.query(
      `INSERT INTO deliveries (subscriber_id, alert_id, kind, dedupe_key, created_at, next_attempt_at)
       VALUES ($1, $2, 'confirm', $3, $4, $4) ON CONFLICT (dedupe_key) DO NOTHING`,
      [subscriberId, alertId, `confirm-${alertId}-${minute}`, now],
    );
    await enqueue(tx, 'deliver-mail');
    return 'mailed';
  });
}

/**
 * Puts a wish into force: from now on, posts that we see for the first time are matched with it.
 * @returns false when the link is too old, or the alert is no longer one that waits for it: then
 * nothing changes.
 */
export function confirmAlert({ id, version }: TokenClaim, now = new Date()): Promise<boolean> {
  return transaction(async (tx) => {
    const { rows } = await tx.query<{ subscriberId: number }>(
      `UPDATE alerts SET status = 'active', confirmed_at = $3, confirm_version = confirm_version + 1,
         next_digest_at = ${nextDigest('cadence', 'subscriber_id', '$3', '$4')},
         quiet_at = ${quietCheck('$3::timestamptz', 'subscriber_id', '$4')}
       WHERE id = $1 AND confirm_version = $2 AND status = 'pending'
         AND requested_at > $3::timestamptz - interval '${CONFIRM_HOURS} hours'
       RETURNING subscriber_id AS "subscriberId"`,
      [id, version, now, config().siteTimezone],
    );
    const [confirmed] = rows;
    if (confirmed === undefined) return false;
    // Who never wanted to be asked wants this one, or it would be in force and say nothing.
    await liftWish(tx, confirmed.subscriberId);
    await beginWebhook(tx, id);
    await tx.query(
      `UPDATE subscribers SET status = 'confirmed', confirmed_at = coalesce(confirmed_at, $2)
       WHERE id = $1 AND status = 'pending'`,
      [confirmed.subscriberId, now],
    );
    return true;
  });
}

/** What an alert's owner may change. */
export type AlertChange = { status: Exclude<AlertStatus, 'pending'> } | { cadence: Cadence };

/**
 * Changes a confirmed alert. One that goes on after a pause does not look back, nor does one that
 * brought no mails until then. What waits for a digest when an alert becomes an instant one is
 * mailed at once.
 * @param owner the alert by its own version (a link in a mail), or by its subscriber's (the page).
 * @returns false when there is no such alert.
 */
export async function changeAlert(
  alertId: number,
  owner: { version: number } | { subscriberId: number },
  change: AlertChange,
  now = new Date(),
): Promise<boolean> {
  const status = 'status' in change ? change.status : null;
  const cadence = 'cadence' in change ? change.cadence : null;
  const [column, value] =
    'version' in owner ? ['token_version', owner.version] : ['subscriber_id', owner.subscriberId];
  return transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `UPDATE alerts SET status = coalesce($3, status), cadence = coalesce($4, cadence),
       calmed_at = CASE WHEN $4 IS NULL THEN calmed_at END,
       confirmed_at = CASE WHEN $3 = 'active' AND status <> 'active'
                             OR cadence = 'feed' AND $4 <> 'feed' THEN $5 ELSE confirmed_at END,
       -- Not only when something waits: it may be matched at this moment.
       next_digest_at = CASE WHEN $4 = 'instant' AND cadence <> 'instant' THEN $5
         ELSE ${nextDigest('coalesce($4::"AlertCadence", cadence)', 'subscriber_id', '$5', '$6')} END,
       quiet_at = ${quietCheck('$5::timestamptz', 'subscriber_id', '$6')}
     WHERE id = $1 AND ${column} = $2 AND confirmed_at IS NOT NULL`,
      [alertId, value, status, cadence, now, config().siteTimezone],
    );
    if (rowCount === 1 && status === 'active') await wakeEvents(tx, alertId);
    return rowCount === 1;
  });
}

/** Deletes one alert of a subscriber with its history. @returns false when there is none such. */
export async function deleteAlert(alertId: number, subscriberId: number): Promise<boolean> {
  const { count } = await db().alert.deleteMany({ where: { id: alertId, subscriberId } });
  return count === 1;
}

/** Deletes a subscriber with everything that we hold of them. */
export async function deleteSubscriber(subscriberId: number): Promise<void> {
  await db().subscriber.deleteMany({ where: { id: subscriberId } });
}

/**
 * Forgets wishes that nobody confirmed, and addresses that have nothing else here: whoever was
 * typed in by somebody else has no page to delete them on.
 */
export async function pruneWishes(now = new Date()): Promise<void> {
  await dbPool().query(
    `DELETE FROM alerts WHERE confirmed_at IS NULL
       AND requested_at < $1::timestamptz - interval '${UNCONFIRMED_DAYS_MAX} days'`,
    [now],
  );
  await dbPool().query(
    `DELETE FROM subscribers s WHERE status = 'pending'
       AND created_at < $1::timestamptz - interval '${UNCONFIRMED_DAYS_MAX} days'
       AND NOT EXISTS (SELECT FROM alerts WHERE subscriber_id = s.id)`,
    [now],
  );
}

/**
 * Ends every older link that opens the subscriber's page: those to it, and those that begin an
 * alert and open it then. Links that stop an alert stay good. @returns the version of new ones.
 */
export function rotateSubscriber(subscriberId: number): Promise<number | undefined> {
  return transaction(async (tx) => {
    const { rows } = await tx.query<{ version: number }>(
      `UPDATE subscribers SET token_version = token_version + 1 WHERE id = $1
       RETURNING token_version AS version`,
      [subscriberId],
    );
    await tx.query(
      `UPDATE alerts SET confirm_version = confirm_version + 1
       WHERE subscriber_id = $1 AND status = 'pending'`,
      [subscriberId],
    );
    return rows[0]?.version;
  });
}
