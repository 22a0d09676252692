import { hubSecret, tokenUrl } from '../../lib/alerts/tokens.ts';
import { askHub, type HubAnswer, whyUnreachable } from '../../lib/fetch/hub.ts';
import { log } from '../../lib/log.ts';
import { LEASE_SECONDS_WANTED } from '../../lib/model/websub.ts';
import {
  chooseHub,
  claimSubscription,
  type DueSubscription,
  finishRequest,
  forgetSubscription,
  releaseSubscription,
  restSubscription,
} from '../../lib/store/websub.ts';
import { type Next, runLanes } from '../lanes.ts';

/** Hubs asked at once by one worker; those on one host are spaced apart on their own. */
const ASKED_AT_ONCE_MAX = 8;
/** A hub that does not take leave so often is left: its pushes are answered with 410. */
const LEAVES_MAX = 3;

export interface AskOptions {
  signal?: AbortSignal;
  /** Replaced in tests. */
  now?: () => Date;
  random?: () => number;
}

async function send(
  due: DueSubscription,
  hub: string,
  mode: 'subscribe' | 'unsubscribe',
  signal: AbortSignal | undefined,
): Promise<HubAnswer> {
  const request = {
    mode,
    topic: due.topic,
    callback: tokenUrl('websub', { id: due.id, version: 1 }),
    secret: hubSecret(due.id),
    leaseSeconds: LEASE_SECONDS_WANTED,
  };
  const answer = await askHub(hub, request, signal);
  // Called off is not failed.
  if (answer.kind !== 'accepted') signal?.throwIfAborted();
  return answer;
}

/** Until it verifies: says to the operator what to look for if it never does. */
const unverified = (hub: string) =>
  `${new URL(hub).host}: the hub has accepted this, and is still to verify it at SITE_URL`;

/** The hubs to try, in their order: the one that we have first, or last if nothing came of it. */
function candidates({ hub, hubs, status, wasUnanswered }: DueSubscription): string[] {
  const others = hubs.filter((each) => each !== hub);
  return wasUnanswered || status === 'denied' ? [...others, hub] : [hub, ...others];
}

/** Asks for a subscription, or for more time: takes the first hub that accepts. */
async function subscribe(due: DueSubscription, signal: AbortSignal | undefined): Promise<void> {
  const failures: string[] = [];
  let wasAsked = false;
  for (const hub of candidates(due)) {
    const why = await whyUnreachable(hub);
    if (why !== undefined) {
      if (!failures.includes(why)) failures.push(why);
      continue;
    }
    // Before it is asked: some hubs verify before they answer.
    await chooseHub({ id: due.id, hub });
    wasAsked = true;
    const answer = await send(due, hub, 'subscribe', signal);
    const { id: subscriptionId, feedId } = due;
    log.info('websub.asked', { subscriptionId, feedId, hub, mode: 'subscribe', ...answer });
    if (answer.kind === 'accepted') return finishRequest(due, unverified(hub), true);
    failures.push(answer.message);
  }
  await finishRequest(due, failures.join('; '), wasAsked);
}

/** Takes leave of a hub, as well as that goes. */
async function unsubscribe(due: DueSubscription, signal: AbortSignal | undefined): Promise<void> {
  if (due.attempts > LEAVES_MAX) return forgetSubscription(due.id);
  const { id: subscriptionId, hub } = due;
  const answer = await send(due, hub, 'unsubscribe', signal);
  log.info('websub.asked', { subscriptionId, hub, mode: 'unsubscribe', ...answer });
  await finishRequest(due, answer.kind === 'accepted' ? unverified(hub) : answer.message, true);
}

async function ask(due: DueSubscription, signal: AbortSignal | undefined): Promise<void> {
  if (due.status === 'ending') return unsubscribe(due, signal);
  if (!due.isLively) return restSubscription(due, due.requestedAt);
  return subscribe(due, signal);
}

/**
 * Asks every hub that is due: for new subscriptions, for those to be renewed, and to end others.
 * May run twice and anywhere.
 * @returns how many subscriptions were looked at.
 */
export async function askHubs(options: AskOptions = {}): Promise<number> {
  const { signal, now = () => new Date(), random = Math.random } = options;
  let asked = 0;
  const next = async (): Promise<Next<DueSubscription>> => {
    const due = await claimSubscription(now(), random());
    return due === undefined ? { kind: 'none' } : { kind: 'work', item: due };
  };
  const askOne = async (due: DueSubscription) => {
    asked += 1;
    try {
      await ask(due, signal);
    } catch (error) {
      if (!signal?.aborted) throw error;
      await releaseSubscription(due);
    }
  };
  await runLanes({ max: ASKED_AT_ONCE_MAX, next, work: askOne, signal });
  return asked;
}
