import { signEvent, webhookSecret } from '../../lib/alerts/webhook-signature.ts';
import { unreachable } from '../../lib/errors.ts';
import { postEvent } from '../../lib/fetch/webhook.ts';
import { log } from '../../lib/log.ts';
import { writeEventBody } from '../../lib/queries/webhook-body.ts';
import {
  type ClaimedEvent,
  claimEvent,
  dropEvent,
  endWebhook,
  finishEvent,
  layEventsAside,
  postponeEvent,
  releaseEvent,
} from '../../lib/store/webhook-events.ts';
import { type Next, runLanes } from '../lanes.ts';

/** Endpoints asked at once by one worker, each at another host. */
const SENT_AT_ONCE_MAX = 16;

async function send(event: ClaimedEvent, signal: AbortSignal | undefined): Promise<void> {
  const body = await writeEventBody(event);
  if (body === undefined) return dropEvent(event);
  const { id: webhookId, url, secretVersions } = event.webhook;
  const secrets = secretVersions.map((version) => webhookSecret(webhookId, version));
  const headers = signEvent(event.messageId, body, new Date(), secrets);
  const answer = await postEvent(url, headers, body, { signal });
  if (answer.kind === 'failed' && signal?.aborted) return releaseEvent(event);
  const { kind, status } = answer;
  log.info('event.sent', { webhookId, messageId: event.messageId, kind, status });
  switch (answer.kind) {
    case 'taken':
      return finishEvent(event, answer);
    case 'gone':
      return endWebhook(event, answer);
    case 'failed':
      return postponeEvent(event, answer, answer.retryAfterSeconds);
    default:
      return unreachable(answer);
  }
}

/**
 * Sends every event that is due, one at a time to each host. After a crash between sending and
 * writing that down an event is sent again, under the same id.
 * @returns how many were tried.
 */
export async function sendEvents({ signal }: { signal?: AbortSignal } = {}): Promise<number> {
  let tried = 0;
  await layEventsAside();
  const next = async (): Promise<Next<ClaimedEvent>> => {
    const event = await claimEvent();
    return event === undefined ? { kind: 'none' } : { kind: 'work', item: event };
  };
  const work = (event: ClaimedEvent) => {
    tried += 1;
    return send(event, signal);
  };
  await runLanes({ max: SENT_AT_ONCE_MAX, next, work, signal });
  return tried;
}
