import { setTimeout as sleep } from 'node:timers/promises';
import { listOf } from '../../lib/cache-tags.ts';
import { config } from '../../lib/config.ts';
import { pingHub } from '../../lib/fetch/hub.ts';
import { log } from '../../lib/log.ts';
import { FEED_FORMATS, listFeedPath } from '../../lib/model/list-address.ts';
import { asOnly } from '../../lib/store/only-one.ts';
import {
  finishPings,
  listUnpinged,
  type PingEnd,
  type PingState,
  readPingState,
  type UnpingedEvent,
} from '../../lib/store/pings.ts';
import { countPing } from '../metrics.ts';

/** Between two rounds, so that a burst of changes of one list is one ping. */
const ROUND_MS_MIN = 10_000;
/** A hub that is away is tried after twice as long each time, up to this. */
const RETRY_MS_MAX = 10 * 60_000;
/** One that goes on refusing a list is left alone with this change of it. */
const REFUSED_MS_MAX = 60 * 60_000;
/**
 * A hub fetches a list as soon as it is told. Sites hear of a change by NOTIFY, and within a second
 * without it (lib/serve/cache-events.ts): twice that after we have read of it, they all show it.
 */
const SITES_BEHIND_MS_MAX = 2000;
const URLS_A_PING_MAX = 100;
const LISTS_A_PING_MAX = Math.floor(URLS_A_PING_MAX / FEED_FORMATS.length);

export interface PingOptions {
  signal?: AbortSignal;
  /** Replaced in tests. */
  now?: () => Date;
  wait?: (ms: number) => Promise<unknown>;
}

/**
 * Whether the hub may be told now. An hour that it was away is seen from the times alone: each
 * pause is as long as all the time before it.
 */
export function isPingDue({ waitingSince, triedAt, pingedAt }: PingState, now: Date): boolean {
  if (waitingSince === null) return false;
  const isOver = (since: Date | null, ms: number) =>
    since === null || now.getTime() - since.getTime() >= ms;
  const tried = triedAt === null ? 0 : triedAt.getTime() - waitingSince.getTime();
  const pause = Math.min(Math.max(tried, ROUND_MS_MIN), RETRY_MS_MAX);
  return isOver(pingedAt, ROUND_MS_MIN) && isOver(triedAt, pause);
}

/** The cache tags of an event that are about lists of posts. */
const listTags = ({ tags }: UnpingedEvent) => tags.filter((tag) => listOf(tag) !== undefined);

/** The addresses of a list's feeds, as the feeds themselves name them. */
function feedUrls(tag: string): string[] {
  const list = listOf(tag);
  if (list === undefined) return [];
  const address = { scope: list.scope, slug: encodeURIComponent(list.slug), month: 'all' };
  return FEED_FORMATS.map((format) => `${config().siteUrl}${listFeedPath(address, format)}`);
}

/** Sleeps, or less when it is called off. */
const pause = (ms: number, signal: AbortSignal | undefined) =>
  sleep(ms, undefined, signal ? { signal } : {}).catch(() => {});

interface Told {
  told: Set<string>;
  refused: Set<string>;
}

/** Tells the hub of lists, a hundred addresses at a time; stops where it is away. */
async function tell(hub: string, tags: string[], signal: AbortSignal | undefined): Promise<Told> {
  const outcome: Told = { told: new Set(), refused: new Set() };
  for (let at = 0; at < tags.length && !signal?.aborted; at += LISTS_A_PING_MAX) {
    const part = tags.slice(at, at + LISTS_A_PING_MAX);
    const answer = await pingHub(hub, part.flatMap(feedUrls), signal);
    countPing(answer.kind);
    if (answer.kind === 'accepted') {
      for (const tag of part) outcome.told.add(tag);
      log.info('websub.pinged', { hub, lists: part.length });
      continue;
    }
    if (signal?.aborted) break;
    log.warn('websub.ping_failed', { hub, lists: part.length, message: answer.message });
    if (answer.kind === 'failed') break;
    for (const tag of part) outcome.refused.add(tag);
  }
  return outcome;
}

async function pingRound(hub: string, options: PingOptions): Promise<number> {
  const { signal, now = () => new Date(), wait = (ms) => pause(ms, signal) } = options;
  if (!isPingDue(await readPingState(), now())) return 0;
  const events = await listUnpinged();
  const tags = [...new Set(events.flatMap(listTags))];
  if (tags.length > 0) await wait(SITES_BEHIND_MS_MAX);
  const { told, refused } = await tell(hub, tags, signal);
  const ends = events.flatMap((event): PingEnd[] => {
    const { id, createdAt } = event;
    const lists = listTags(event);
    if (lists.length === 0) return [{ id, outcome: 'no-list' }];
    const isOld = now().getTime() - createdAt.getTime() > REFUSED_MS_MAX;
    const isOver = (tag: string) => told.has(tag) || (isOld && refused.has(tag));
    if (lists.every(isOver)) return [{ id, outcome: 'told' }];
    // Called off is not failed.
    return signal?.aborted ? [] : [{ id, outcome: 'failed' }];
  });
  await finishPings(ends, now());
  return told.size;
}

/**
 * Tells our hub (WEBSUB_HUB) which lists have changed, all three feeds of each. One worker at a
 * time; what it could not be told is told again. Called every few seconds, and mostly has nothing
 * to do. @returns how many lists it was told of.
 */
export async function pingOwnHub(options: PingOptions = {}): Promise<number> {
  const { websubHub: hub } = config();
  const { now = () => new Date() } = options;
  // A look before the lock: there is seldom anything.
  if (hub === undefined || !isPingDue(await readPingState(), now())) return 0;
  return (await asOnly('pinger', () => pingRound(hub, options))) ?? 0;
}
