import {
  changeByOwner,
  isOwnerRequest,
  setTimesByOwner,
} from '../../../../../lib/commands/alerts.ts';
import { changeWebhookByOwner, isWebhookRequest } from '../../../../../lib/commands/webhooks.ts';
import { fieldOf, formOf, seeOther } from '../../answer.ts';

interface Context {
  params: Promise<{ token: string }>;
}

/** The forms of an owner's page: `change` says what, `alert` of which one. */
export async function POST(request: Request, { params }: Context): Promise<Response> {
  const { token } = await params;
  const form = await formOf(request);
  const change = fieldOf(form, 'change');
  const alert = /^[1-9]\d{0,8}$/u.exec(fieldOf(form, 'alert'))?.[0];
  const here = `/alerts/manage/${encodeURIComponent(token)}`;
  if (change === 'times') {
    const times = { hour: fieldOf(form, 'hour'), zone: fieldOf(form, 'zone') };
    const outcome = await setTimesByOwner(token, times);
    return seeOther(
      here,
      outcome === undefined ? {} : { done: outcome === 'set' ? change : outcome },
    );
  }
  const webhook = fieldOf(form, 'webhook');
  if (isWebhookRequest(webhook)) {
    const outcome = await changeWebhookByOwner(token, Number(alert ?? 0), webhook, {
      url: fieldOf(form, 'url'),
      event: Number(/^[1-9]\d{0,8}$/u.exec(fieldOf(form, 'event'))?.[0] ?? 0),
      since: fieldOf(form, 'since'),
    });
    return seeOther(`${here}/webhook/${alert ?? 0}`, { done: outcome });
  }
  if (!isOwnerRequest(change)) return seeOther(here);
  const page = await changeByOwner(token, change, Number(alert ?? 0));
  if (page === undefined) return seeOther(here);
  if (change === 'forget') return seeOther('/alerts', { done: 'forgotten' });
  return seeOther(`/alerts/manage/${page}`, { done: change });
}
