import { config } from '../config.ts';
import { oneSentence } from '../model/websub.ts';
import { type FetchRequest, fetchGuarded } from './client.ts';
import { isOwnNetwork, isPublicForm } from './guard.ts';
import { fetchSpaced } from './spacing.ts';

/**
 * How a hub took a request. `accepted` says no more than that: it verifies in its own time.
 * `refused`: it will not do this, however often it is asked; `failed`: not now.
 */
export type HubAnswer = { kind: 'accepted' } | { kind: 'refused' | 'failed'; message: string };

/** Client errors that are about the moment, not the request (RFC 9110, 15.5.9; RFC 6585, 4). */
const NOT_NOW = new Set([408, 425, 429]);

/** What a hub is asked for (WebSub, section 5.1). */
export interface HubRequest {
  mode: 'subscribe' | 'unsubscribe';
  topic: string;
  callback: string;
  /** For signatures; at most 200 bytes. */
  secret: string;
  leaseSeconds: number;
}

/**
 * Asks a hub for a subscription, or to end one, when its host may be asked. Any 2xx counts as
 * accepted: older hubs say 204 where the Recommendation wants 202. The secret is sent to hubs
 * without TLS as well: pushes are then as safe as the feed, which comes the same way.
 */
export function askHub(hub: string, request: HubRequest, signal?: AbortSignal): Promise<HubAnswer> {
  const form = new URLSearchParams({
    'hub.mode': request.mode,
    'hub.topic': request.topic,
    'hub.callback': request.callback,
  });
  if (request.mode === 'subscribe') {
    form.set('hub.secret', request.secret);
    form.set('hub.lease_seconds', String(request.leaseSeconds));
  }
  return post(fetchSpaced, { url: hub, form, signal });
}

/**
 * Tells our own hub that these feeds have changed (PubSubHubbub 0.4, section 7, which the
 * Recommendation leaves to publisher and hub).
 */
export function pingHub(hub: string, urls: string[], signal?: AbortSignal): Promise<HubAnswer> {
  const form = new URLSearchParams({ 'hub.mode': 'publish' });
  for (const url of urls) form.append('hub.url', url);
  return post(fetchGuarded, { url: hub, form, signal });
}

async function post(send: typeof fetchSpaced, wanted: FetchRequest): Promise<HubAnswer> {
  const answer = await send(wanted);
  if (answer.kind === 'failed') return { kind: 'failed', message: answer.message };
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: 'accepted' };
  const isText = /^text\/plain\b/iu.test(answer.headers['content-type'] ?? '');
  const words = isText ? oneSentence(new TextDecoder().decode(answer.body)) : '';
  const { host } = new URL(answer.finalUrl);
  const message = `${host}: the hub answered with ${status}${words && `, “${words}”`}`;
  const isRefusal = status >= 400 && status < 500 && !NOT_NOW.has(status);
  return { kind: isRefusal ? 'refused' : 'failed', message };
}

/**
 * Why a hub could not reach the address that it would call; undefined when it could. SITE_URL must
 * be one that the public can ask, unless the hub is in a network that FETCH_ALLOW opens.
 */
export async function whyUnreachable(hub: string): Promise<string | undefined> {
  const { siteUrl, fetchAllow } = config();
  if (isPublicForm(siteUrl) || (await isOwnNetwork(hub, fetchAllow))) return undefined;
  return `not asked: hubs cannot reach ${siteUrl} (SITE_URL)`;
}
