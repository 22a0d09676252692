import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { hubSecret, readToken } from '../alerts/tokens.ts';
import { log } from '../log.ts';
import { isSigned } from '../model/websub.ts';
import { findSubscription } from '../store/websub.ts';
import { denySubscription, verifyIntent } from '../store/websub-intents.ts';
import { savePush } from '../store/websub-pushes.ts';

/**
 * Requests from one network that are good for nothing: unknown addresses, wrong signatures. Those
 * of a hub do not count, however many, so that one hub may speak for thousands of feeds.
 */
const BAD_REQUESTS_MAX = 300;
const BAD_REQUESTS_SECONDS = 5 * 60;

const limiter = new RateLimiterMemory({ points: BAD_REQUESTS_MAX, duration: BAD_REQUESTS_SECONDS });

export interface TooMany {
  kind: 'too-many';
  retryAfterSeconds: number;
}

/** Counts what is bad of a network's requests, and refuses any when there are too many. */
async function limited<T extends { kind: string }>(
  network: string,
  isBad: (outcome: T) => boolean,
  work: () => Promise<T>,
): Promise<T | TooMany> {
  try {
    // Counted before it is looked at: many at once must not count as one.
    await limiter.consume(network);
  } catch (limit) {
    if (!(limit instanceof RateLimiterRes)) throw limit;
    return { kind: 'too-many', retryAfterSeconds: Math.ceil(limit.msBeforeNext / 1000) };
  }
  const outcome = await work();
  if (!isBad(outcome)) await limiter.reward(network);
  return outcome;
}

/** What a hub says in its GET (WebSub, sections 5.2 and 5.3). */
export interface Intent {
  mode: string | null;
  topic: string | null;
  challenge: string | null;
  leaseSeconds: string | null;
  reason: string | null;
}

/** `confirmed` with what is to be echoed; `unknown` is none of ours, or nothing that we asked for. */
export type IntentAnswer =
  | { kind: 'confirmed'; challenge: string }
  | { kind: 'unknown' }
  | { kind: 'gone' };

async function weighIntent(token: string, intent: Intent): Promise<IntentAnswer> {
  const id = readToken('websub', token)?.id;
  const { mode, topic, challenge, leaseSeconds, reason } = intent;
  if (id === undefined) return { kind: 'unknown' };
  if (mode === 'denied') {
    const outcome = await denySubscription({ id, topic, reason }, new Date(), Math.random());
    if (outcome === 'gone') return { kind: 'gone' };
    return outcome === 'confirmed' ? { kind: 'confirmed', challenge: '' } : { kind: 'unknown' };
  }
  if ((mode !== 'subscribe' && mode !== 'unsubscribe') || !challenge) return { kind: 'unknown' };
  const asked = { id, mode, topic, leaseSeconds } as const;
  const outcome = await verifyIntent(asked, new Date(), Math.random());
  if (outcome === 'gone') return { kind: 'gone' };
  return outcome === 'confirmed' ? { kind: 'confirmed', challenge } : { kind: 'unknown' };
}

/**
 * Answers a hub that asks whether we meant it, or says that it will not. This records the lease:
 * the one thing that a GET changes here, for the Recommendation has it so.
 * @param network where it comes from, for the limit.
 */
export function answerIntent(
  token: string,
  intent: Intent,
  network: string,
): Promise<IntentAnswer | TooMany> {
  const isBad = ({ kind }: IntentAnswer) => kind === 'unknown';
  return limited(network, isBad, () => weighIntent(token, intent));
}

/** What a hub sends in its POST. */
export interface Push {
  signature: string | null;
  contentType: string | null;
  /** Reads the body; undefined when it is too large. Called only for a subscription of ours. */
  read: () => Promise<Uint8Array | undefined>;
}

/**
 * `kept` for a worker; `ignored` for its subscription is being ended; `forged` when the signature is
 * wrong or missing.
 */
export type PushAnswer = {
  kind: 'kept' | 'ignored' | 'forged' | 'too-large' | 'unknown' | 'gone';
};

async function weighPush(token: string, push: Push): Promise<PushAnswer> {
  const id = readToken('websub', token)?.id;
  if (id === undefined) return { kind: 'unknown' };
  const subscription = await findSubscription(id);
  if (subscription === undefined || subscription.feedId === null) return { kind: 'gone' };
  const body = await push.read();
  if (body === undefined) return { kind: 'too-large' };
  if (!isSigned(push.signature, body, hubSecret(id))) {
    const why = push.signature === null ? 'it has no signature' : 'its signature is wrong';
    log.warn('websub.push_forged', { subscriptionId: id, feedId: subscription.feedId, why });
    return { kind: 'forged' };
  }
  if (subscription.status === 'ending') return { kind: 'ignored' };
  const { contentType } = push;
  const isKept = await savePush({ subscriptionId: id, contentType, body }, new Date());
  return { kind: isKept ? 'kept' : 'gone' };
}

/**
 * Takes what a hub brings, for a worker to read. Nothing is parsed here.
 * @param network where it comes from, for the limit.
 */
export function acceptPush(
  token: string,
  push: Push,
  network: string,
): Promise<PushAnswer | TooMany> {
  const isBad = ({ kind }: PushAnswer) => kind === 'unknown' || kind === 'forged';
  return limited(network, isBad, () => weighPush(token, push));
}
