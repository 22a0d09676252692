import { readToken } from '../alerts/tokens.ts';
import { webhookSecret } from '../alerts/webhook-signature.ts';
import { dbPool } from '../db.ts';
import { nameAlert } from '../model/alert-name.ts';
import type { WebhookEventView, WebhookView } from '../model/webhook.ts';
import { getSubscriber } from './alerts.ts';

/** Events of one webhook that its page shows; they are kept for EVENT_DAYS_MAX. */
export const LOGGED_EVENTS_MAX = 50;

interface WebhookRow extends Omit<WebhookView, 'oldSecretUntil' | 'failingSince'> {
  oldSecretUntil: Date | null;
  failingSince: Date | null;
}

type EventRow = Omit<WebhookEventView, 'createdAt' | 'triedAt' | 'nextAttemptAt'> & {
  createdAt: Date;
  triedAt: Date | null;
  nextAttemptAt: Date;
};

const WEBHOOKS = `
  SELECT w.id, w.alert_id AS "alertId", w.url, w.status, w.secret_version AS "secretVersion",
    CASE WHEN w.old_secret_until > now() THEN w.old_secret_until END AS "oldSecretUntil",
    w.failing_since AS "failingSince"
  FROM webhooks w JOIN alerts a ON a.id = w.alert_id`;

const toWebhook = ({ oldSecretUntil, failingSince, ...row }: WebhookRow): WebhookView => ({
  ...row,
  oldSecretUntil: oldSecretUntil?.toISOString() ?? null,
  failingSince: failingSince?.toISOString() ?? null,
});

/** The webhook of an alert; undefined when it has none. */
export async function getWebhook(alertId: number): Promise<WebhookView | undefined> {
  const { rows } = await dbPool().query<WebhookRow>(`${WEBHOOKS} WHERE w.alert_id = $1`, [alertId]);
  return rows.map(toWebhook)[0];
}

/** The latest events of a webhook, newest first. */
export async function listEvents(
  webhookId: number,
  limit = LOGGED_EVENTS_MAX,
): Promise<WebhookEventView[]> {
  const { rows } = await dbPool().query<EventRow>(
    `SELECT e.id, e.message_id AS "messageId", e.status, e.attempts, e.post_id AS "postId", e.change,
       CASE WHEN p.withdrawn_at IS NULL THEN p.title ELSE p.url END AS title, e.created_at AS "createdAt", e.tried_at AS "triedAt",
       e.next_attempt_at AS "nextAttemptAt", e.response_status AS "responseStatus",
       e.response_text AS "responseText"
     FROM webhook_events e LEFT JOIN posts p ON p.id = e.post_id
     WHERE e.webhook_id = $1 ORDER BY e.id DESC LIMIT $2`,
    [webhookId, limit],
  );
  return rows.map(({ createdAt, triedAt, nextAttemptAt, ...row }) => ({
    ...row,
    createdAt: createdAt.toISOString(),
    triedAt: triedAt?.toISOString() ?? null,
    nextAttemptAt: nextAttemptAt.toISOString(),
  }));
}

/** A webhook with the alert that it is of, for the operator. */
export interface ListedWebhook extends WebhookView {
  name: string;
  email: string;
  pending: number;
  dead: number;
}

/** All webhooks, or one, by id. */
export async function listWebhooks(webhookId?: number): Promise<ListedWebhook[]> {
  const { rows } = await dbPool().query<
    WebhookRow & {
      query: string;
      policy: string | null;
      email: string;
      pending: number;
      dead: number;
    }
  >(
    `SELECT w.*, a.query, a.policy, s.email,
       (SELECT count(*)::int FROM webhook_events e
        WHERE e.webhook_id = w.id AND e.status = 'pending') AS pending,
       (SELECT count(*)::int FROM webhook_events e
        WHERE e.webhook_id = w.id AND e.status = 'dead') AS dead
     FROM (${WEBHOOKS}) AS w JOIN alerts a ON a.id = w."alertId"
     JOIN subscribers s ON s.id = a.subscriber_id
     WHERE $1::int IS NULL OR w.id = $1 ORDER BY w.id`,
    [webhookId ?? null],
  );
  return rows.map(({ query, policy, email, pending, dead, ...row }) => ({
    ...toWebhook(row),
    name: nameAlert({ query, policy }),
    email,
    pending,
    dead,
  }));
}

/** The page of one alert's webhook. */
export interface OwnedWebhook {
  name: string;
  webhook?: WebhookView & { secret: string };
  events: WebhookEventView[];
}

/** What an owner's page shows of an alert's webhook; undefined when it is not theirs. */
export async function openWebhook(
  token: string,
  alertId: number,
): Promise<OwnedWebhook | undefined> {
  const claim = readToken('manage', token);
  const found = claim && (await getSubscriber(claim));
  const alert = found?.alerts.find(({ id }) => id === alertId);
  if (alert === undefined) return undefined;
  const webhook = await getWebhook(alertId);
  if (webhook === undefined) return { name: alert.name, events: [] };
  const secret = webhookSecret(webhook.id, webhook.secretVersion);
  return {
    name: alert.name,
    webhook: { ...webhook, secret },
    events: await listEvents(webhook.id),
  };
}
