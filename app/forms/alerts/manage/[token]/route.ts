import {
  changeByOwner,
  changeWordsByOwner,
  isOwnerRequest,
  setQuietByOwner,
  setTellsChangesByOwner,
  setTimesByOwner,
} from '../../../../../lib/commands/alerts.ts';
import { changeWebhookByOwner, isWebhookRequest } from '../../../../../lib/commands/webhooks.ts';
import { unreachable } from '../../../../../lib/errors.ts';
import { ECHO_CHARACTERS_MAX, fieldOf, formOf, isEchoed, seeOther } from '../../answer.ts';

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
  if (change === 'quiet-on' || change === 'quiet-off') {
    const isKnown = await setQuietByOwner(token, change === 'quiet-on');
    return seeOther(here, isKnown ? { done: change } : {});
  }
  if (change === 'changes-on' || change === 'changes-off') {
    const id = Number(alert ?? 0);
    const isKnown = await setTellsChangesByOwner(token, id, change === 'changes-on');
    return seeOther(here, isKnown ? { done: change } : {});
  }
  if (change === 'words') {
    const words = { query: fieldOf(form, 'query'), policy: fieldOf(form, 'policy').trim() };
    const outcome = await changeWordsByOwner(token, Number(alert ?? 0), words);
    return answerWords(`${here}/words/${alert ?? 0}`, here, words, outcome);
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

/** What the page could not read, it shows again with what is wrong with it. */
function answerWords(
  wordsPage: string,
  here: string,
  { query, policy }: { query: string; policy: string },
  outcome: Awaited<ReturnType<typeof changeWordsByOwner>>,
): Response {
  switch (outcome) {
    case undefined:
    case 'gone':
      return seeOther(here);
    case 'changed':
      return seeOther(here, { done: 'words' });
    case 'known':
    case 'no-word':
    case 'invalid': {
      const isLost = !isEchoed(policy);
      const problem = isLost ? 'lost-policy' : outcome === 'known' ? outcome : undefined;
      return seeOther(wordsPage, {
        query: query.slice(0, ECHO_CHARACTERS_MAX),
        ...(policy === '' || isLost ? {} : { policy }),
        ...(problem === undefined ? {} : { problem }),
      });
    }
    default:
      return unreachable(outcome);
  }
}
