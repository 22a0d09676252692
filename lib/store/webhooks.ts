import { type Tx, transaction } from '../db.ts';
import { OLD_SECRET_HOURS } from '../model/webhook.ts';
import { enqueue } from './jobs.ts';

/** Where posts of an alert are to be sent. */
export interface WebhookWish {
  url: string;
  /** With its port. */
  host: string;
}

/**
 * Keeps the webhook that an unconfirmed alert was asked for with; undefined takes it away. It does
 * nothing until the alert is confirmed.
 */
export async function keepWishedWebhook(
  tx: Tx,
  alertId: number,
  wish: WebhookWish | undefined,
): Promise<void> {
  await tx.query(`DELETE FROM webhooks WHERE alert_id = $1`, [alertId]);
  if (wish === undefined) return;
  await tx.query('INSERT INTO webhooks (alert_id, url, host) VALUES ($1, $2, $3)', [
    alertId,
    wish.url,
    wish.host,
  ]);
}

/** Begins to test an alert's webhook, if it has one: its first event is a test. */
export async function beginWebhook(tx: Tx, alertId: number): Promise<void> {
  const { rows } = await tx.query<{ id: number }>(
    `UPDATE webhooks SET status = 'testing', failing_since = NULL, rests_until = NULL
     WHERE alert_id = $1 RETURNING id`,
    [alertId],
  );
  const [webhook] = rows;
  if (webhook === undefined) return;
  await tx.query(
    `INSERT INTO webhook_events (webhook_id, message_id)
     SELECT $1, format('msg_%s-test-%s', $1::int, nextval('webhook_events_id_seq'))`,
    [webhook.id],
  );
  await enqueue(tx, 'send-events');
}

/** What an owner may do to a webhook. */
export type WebhookChange =
  | { kind: 'set'; wish: WebhookWish }
  | { kind: 'test' }
  | { kind: 'rotate' }
  | { kind: 'remove' };

/**
 * Changes the webhook of a subscriber's confirmed alert. Another address is another webhook: with
 * an id and a secret of its own, and its log begins anew.
 * @returns false when there is no such alert.
 */
export function changeWebhook(
  alertId: number,
  subscriberId: number,
  change: WebhookChange,
): Promise<boolean> {
  return transaction(async (tx) => {
    const { rows } = await tx.query(
      `SELECT FROM alerts WHERE id = $1 AND subscriber_id = $2 AND confirmed_at IS NOT NULL
       FOR NO KEY UPDATE`,
      [alertId, subscriberId],
    );
    if (rows.length === 0) return false;
    if (change.kind === 'rotate') {
      await tx.query(
        `UPDATE webhooks SET secret_version = secret_version + 1,
           old_secret_until = now() + make_interval(hours => $2) WHERE alert_id = $1`,
        [alertId, OLD_SECRET_HOURS],
      );
      return true;
    }
    if (change.kind !== 'test') {
      await keepWishedWebhook(tx, alertId, change.kind === 'set' ? change.wish : undefined);
    }
    await beginWebhook(tx, alertId);
    return true;
  });
}
