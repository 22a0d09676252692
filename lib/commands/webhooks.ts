import { readToken } from '../alerts/tokens.ts';
import { readWebhookAddress } from '../model/webhook.ts';
import { getSubscriber } from '../queries/alerts.ts';
import { sendAgain } from '../store/webhook-events.ts';
import { changeWebhook } from '../store/webhooks.ts';

const REQUESTS = ['set', 'test', 'rotate', 'remove', 'again', 'again-since'] as const;
export type WebhookRequest = (typeof REQUESTS)[number];
export const isWebhookRequest = (text: string): text is WebhookRequest =>
  REQUESTS.some((one) => one === text);

/** What the form of a webhook's page says; all as typed. */
export interface WebhookForm {
  url: string;
  /** An event's id, for `again`. */
  event: number;
  /** A day as YYYY-MM-DD, for `again-since`. */
  since: string;
}

/** How it ended; `unchanged`: there is no such alert or event, or the link is not in force. */
export type WebhookOutcome = WebhookRequest | 'bad-address' | 'bad-day' | 'unchanged';

/** Does what an owner asks for the webhook of one of their alerts. */
export async function changeWebhookByOwner(
  token: string,
  alertId: number,
  request: WebhookRequest,
  form: WebhookForm,
): Promise<WebhookOutcome> {
  const claim = readToken('manage', token);
  if (claim === undefined || (await getSubscriber(claim)) === undefined) return 'unchanged';
  const done = (changed: boolean) => (changed ? request : 'unchanged');
  switch (request) {
    case 'set': {
      const wish = readWebhookAddress(form.url);
      if (wish.kind === 'invalid') return 'bad-address';
      return done(await changeWebhook(alertId, claim.id, { kind: 'set', wish }));
    }
    case 'again':
      return done((await sendAgain(claim.id, { eventId: form.event })) > 0);
    case 'again-since': {
      const since = new Date(`${form.since}T00:00:00Z`);
      if (Number.isNaN(since.getTime())) return 'bad-day';
      return done((await sendAgain(claim.id, { alertId, since })) > 0);
    }
    default:
      return done(await changeWebhook(alertId, claim.id, { kind: request }));
  }
}
