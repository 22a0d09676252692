import { randomUUID } from 'node:crypto';
import { dbPool, type Tx, transaction } from '../db.ts';
import { EVENT_DAYS_MAX, FAILING_DAYS_MAX } from '../model/webhook.ts';
import { enqueue } from './jobs.ts';

// Events for webhooks: written with their cause, sent at least once, with one id for ever.

/** A worker that died leaves its event to others after this; longer than a request may take. */
const LEASE_SECONDS = 60;
/** After each failure, as the Standard Webhooks specification recommends: three days in all. */
const RETRY_SECONDS = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
/** Others of an endpoint that has failed wait for so long at most: it may be back. */
const REST_SECONDS_MAX = 300;
const RETRY_AFTER_SECONDS_MAX = 86_400;
/** What cannot be sent is looked at again after this, should nobody say that it can. */
const ASIDE_SECONDS = 3600;
const ASIDE_AT_ONCE_MAX = 1000;
/** All claims of events pass here one by one, or two workers would ask one host at once. */
const CLAIM_LOCK = 'webhook events';

/** An event to be sent now. */
export interface ClaimedEvent {
  id: number;
  claim: string;
  messageId: string;
  createdAt: Date;
  postId: number | null;
  change: 'changed' | 'withdrawn' | null;
  webhook: { id: number; url: string; secretVersions: number[] };
  alert: { id: number; query: string; policy: string | null };
}

/**
 * Writes the events of what these posts have met, once for a webhook and a post. Those of one that
 * was switched off wait until its owner has tested it again.
 * @returns how many.
 */
export async function writeEvents(tx: Tx, postIds: number[]): Promise<number> {
  const { rowCount } = await tx.query(
    `INSERT INTO webhook_events (webhook_id, post_id, message_id)
     SELECT w.id, m.post_id, format('msg_%s-%s', w.id, m.post_id)
     FROM alert_matches m JOIN webhooks w ON w.alert_id = m.alert_id
     WHERE m.post_id = ANY($1) AND w.status IN ('testing', 'active', 'off')
       AND m.matched_at >= w.created_at
     ON CONFLICT (message_id) DO NOTHING`,
    [postIds],
  );
  const events = rowCount ?? 0;
  if (events > 0) await enqueue(tx, 'send-events');
  return events;
}

/** Whether what waits may be sent: tests to one that is tested, posts to one that passed its test. */
const IN_FORCE = `CASE WHEN e.post_id IS NULL THEN w.status IN ('testing', 'active')
                      ELSE w.status = 'active' AND a.status = 'active' END`;

/** Times are kept in milliseconds, and one of this moment may have been rounded up. */
const CLAIM = `
  WITH busy AS MATERIALIZED (
    SELECT w.host FROM webhook_events e JOIN webhooks w ON w.id = e.webhook_id
    WHERE e.claimed_until > now()
  ), due AS (
    SELECT e.id FROM webhook_events e JOIN webhooks w ON w.id = e.webhook_id
    JOIN alerts a ON a.id = w.alert_id
    WHERE e.status = 'pending' AND e.next_attempt_at <= now() + interval '1 millisecond'
      AND (e.claimed_until IS NULL OR e.claimed_until <= now())
      AND (w.rests_until IS NULL OR w.rests_until <= now())
      AND ${IN_FORCE}
      AND w.host NOT IN (SELECT host FROM busy)
    ORDER BY e.next_attempt_at, e.id LIMIT 1 FOR UPDATE OF e SKIP LOCKED
  )
  UPDATE webhook_events e
  SET claimed_until = now() + make_interval(secs => $1), claim = $2, attempts = attempts + 1,
      tried_at = now()
  FROM due, webhooks w JOIN alerts a ON a.id = w.alert_id
  WHERE e.id = due.id AND w.id = e.webhook_id
  RETURNING e.id, e.claim, e.message_id AS "messageId", e.created_at AS "createdAt",
    e.post_id AS "postId", e.change,
    json_build_object('id', w.id, 'url', w.url, 'secretVersions',
      CASE WHEN w.old_secret_until > now() THEN ARRAY[w.secret_version, w.secret_version - 1]
           ELSE ARRAY[w.secret_version] END) AS webhook,
    json_build_object('id', a.id, 'query', a.query, 'policy', a.policy) AS alert`;

/**
 * Claims the event that is due for the longest time, for LEASE_SECONDS, among those whose host is
 * not being asked at this moment: a slow endpoint holds up nobody else's.
 */
export function claimEvent(): Promise<ClaimedEvent | undefined> {
  return transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [CLAIM_LOCK]);
    const { rows } = await tx.query<ClaimedEvent>(CLAIM, [LEASE_SECONDS, randomUUID()]);
    return rows[0];
  });
}

/**
 * Lays aside for an hour what waits for webhooks that are switched off and for alerts that are
 * paused: at the front of the queue, every claim would pass by all of it. wakeEvents has it sent when
 * they are in force again; both wait for each other, so that nothing is laid aside too late.
 * @returns how many.
 */
export async function layEventsAside(): Promise<number> {
  const { rowCount } = await dbPool().query(
    `UPDATE webhook_events SET next_attempt_at = now() + make_interval(secs => $1)
     WHERE id IN (
       SELECT e.id FROM webhook_events e JOIN webhooks w ON w.id = e.webhook_id
       JOIN alerts a ON a.id = w.alert_id
       WHERE e.status = 'pending' AND e.next_attempt_at <= now() AND NOT (${IN_FORCE})
       ORDER BY e.next_attempt_at LIMIT $2
       FOR UPDATE OF e SKIP LOCKED FOR SHARE OF w, a)`,
    [ASIDE_SECONDS, ASIDE_AT_ONCE_MAX],
  );
  return rowCount ?? 0;
}

/** Has sent now what waits for an alert's webhook: it is in force again. */
export async function wakeEvents(tx: Tx, alertId: number): Promise<void> {
  await tx.query(
    `UPDATE webhook_events e SET next_attempt_at = now() FROM webhooks w
     WHERE w.alert_id = $1 AND e.webhook_id = w.id AND e.status = 'pending'
       AND e.next_attempt_at > now()`,
    [alertId],
  );
  await enqueue(tx, 'send-events');
}

/** What an endpoint answered: `text` its first words, or why there was no answer. */
export interface EventAnswer {
  status: number | null;
  text: string;
}

const ENDED = `
  UPDATE webhook_events SET claimed_until = NULL, claim = NULL, status = $3::"WebhookEventStatus",
    response_status = $4, response_text = $5
  WHERE id = $1 AND claim = $2`;

async function endEvent(
  tx: Tx,
  { id, claim }: ClaimedEvent,
  status: 'sent' | 'dead',
  answer: EventAnswer,
): Promise<boolean> {
  const { rowCount } = await tx.query(ENDED, [id, claim, status, answer.status, answer.text]);
  return rowCount === 1;
}

/** The endpoint has taken it; one that was tested is in force from now on. */
export function finishEvent(event: ClaimedEvent, answer: EventAnswer): Promise<void> {
  return transaction(async (tx) => {
    if (!(await endEvent(tx, event, 'sent', answer))) return;
    await tx.query(
      `UPDATE webhooks SET failing_since = NULL, rests_until = NULL,
         status = CASE WHEN status = 'testing' THEN 'active' ELSE status END WHERE id = $1`,
      [event.webhook.id],
    );
    if (event.postId === null) await wakeEvents(tx, event.alert.id);
  });
}

/** The endpoint wants no more: nothing that waits for it is sent. */
export function endWebhook(event: ClaimedEvent, answer: EventAnswer): Promise<void> {
  return transaction(async (tx) => {
    if (!(await endEvent(tx, event, 'dead', answer))) return;
    await tx.query(`UPDATE webhooks SET status = 'gone' WHERE id = $1`, [event.webhook.id]);
  });
}

/** Its post was withdrawn meanwhile. */
export async function dropEvent({ id, claim }: ClaimedEvent): Promise<void> {
  await dbPool().query('DELETE FROM webhook_events WHERE id = $1 AND claim = $2', [id, claim]);
}

/** It was called off before anything was sent. */
export async function releaseEvent({ id, claim }: ClaimedEvent): Promise<void> {
  await dbPool().query(
    `UPDATE webhook_events SET claimed_until = NULL, claim = NULL, attempts = attempts - 1
     WHERE id = $1 AND claim = $2`,
    [id, claim],
  );
}

/**
 * It did not work: later again, ten times in three days. An endpoint that fails for days, or never
 * takes its test, is switched off, and the alert's owner told.
 */
export function postponeEvent(
  event: ClaimedEvent,
  answer: EventAnswer,
  retryAfterSeconds = 0,
): Promise<void> {
  const wait = Math.min(retryAfterSeconds, RETRY_AFTER_SECONDS_MAX);
  return transaction(async (tx) => {
    const { rows } = await tx.query<{ status: 'pending' | 'dead'; seconds: number }>(
      `UPDATE webhook_events e SET claimed_until = NULL, claim = NULL, response_status = $3,
         response_text = $4,
         status = CASE WHEN attempts > $5 THEN 'dead' ELSE 'pending' END::"WebhookEventStatus",
         -- Some earlier or later, so that not all come at once.
         next_attempt_at = now() + make_interval(secs => greatest($6::float8,
           coalesce(($7::int[])[attempts], 0) * (0.9 + random() * 0.2)))
       WHERE id = $1 AND claim = $2
       RETURNING status, greatest($6::float8, coalesce(($7::int[])[attempts], 0)) AS seconds`,
      [
        event.id,
        event.claim,
        answer.status,
        answer.text,
        RETRY_SECONDS.length,
        wait,
        RETRY_SECONDS,
      ],
    );
    const [tried] = rows;
    if (tried === undefined) return;
    const rest = Math.max(wait, Math.min(tried.seconds, REST_SECONDS_MAX));
    const isUntested = tried.status === 'dead' && event.postId === null;
    await restWebhook(tx, event, rest, isUntested);
  });
}

async function restWebhook(tx: Tx, event: ClaimedEvent, rest: number, isUntested: boolean) {
  const { rows } = await tx.query<{ subscriberId: number; isOff: boolean }>(
    `UPDATE webhooks w SET failing_since = coalesce(failing_since, now()),
       rests_until = now() + make_interval(secs => $2),
       status = CASE WHEN failing_since < now() - make_interval(days => $3)
                       OR $4 AND w.status = 'testing' THEN 'off' ELSE w.status END
     FROM alerts a WHERE w.id = $1 AND a.id = w.alert_id AND w.status IN ('testing', 'active')
     RETURNING a.subscriber_id AS "subscriberId", w.status = 'off' AS "isOff"`,
    [event.webhook.id, rest, FAILING_DAYS_MAX, isUntested],
  );
  const [webhook] = rows;
  if (!webhook?.isOff) return;
  await tx.query(
    `INSERT INTO deliveries (subscriber_id, alert_id, kind, dedupe_key)
     VALUES ($1, $2, 'webhook', $3) ON CONFLICT (dedupe_key) DO NOTHING`,
    [webhook.subscriberId, event.alert.id, `webhook-off-${event.webhook.id}-${event.id}`],
  );
  await enqueue(tx, 'deliver-mail');
}

/** Sends an event once more, under the same id, as if for the first time. */
const AGAIN = `
  UPDATE webhook_events e SET status = 'pending', next_attempt_at = now(), attempts = 0
  FROM webhooks w JOIN alerts a ON a.id = w.alert_id
  WHERE w.id = e.webhook_id AND e.status <> 'pending'`;

/**
 * Sends events of a subscriber's alerts again.
 * @param which one event, or all of an alert that were written since a time.
 * @returns how many.
 */
export function sendAgain(
  subscriberId: number | undefined,
  which: { eventId: number } | { alertId: number; since: Date },
): Promise<number> {
  return transaction(async (tx) => {
    const [condition, values] =
      'eventId' in which
        ? ['e.id = $2', [which.eventId]]
        : ['a.id = $2 AND e.created_at >= $3', [which.alertId, which.since]];
    const { rowCount } = await tx.query(
      `${AGAIN} AND ($1::int IS NULL OR a.subscriber_id = $1) AND ${condition}`,
      [subscriberId ?? null, ...values],
    );
    if (rowCount) await enqueue(tx, 'send-events');
    return rowCount ?? 0;
  });
}

/** Forgets events that are older than the log goes back. */
export async function pruneEvents(): Promise<void> {
  await dbPool().query(
    'DELETE FROM webhook_events WHERE created_at < now() - make_interval(days => $1)',
    [EVENT_DAYS_MAX],
  );
}
