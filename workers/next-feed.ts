import { config } from '../lib/config.ts';
import { unreachable } from '../lib/errors.ts';
import type { ClaimedFeed } from '../lib/model/feed.ts';
import { claimDueFeed, claimFeed, LEASE_SECONDS } from '../lib/store/feed-claims.ts';
import type { FeedRow } from '../lib/store/feeds.ts';
import { msUntilDueTurn, type Unclaimed, whyUnclaimed } from '../lib/store/host-turns.ts';
import { type Next, WAIT_MS_MIN } from './lanes.ts';

// Where a run of polls gets its feeds from. None of it waits: it says how long to wait.

/** A turn of another worker, or a lease, may end at any time: looked at again after this. */
const HELD_MS = 250;
/** Longer than any lease: then the same feed has been taken by others again and again. */
const GIVE_UP_MS = (LEASE_SECONDS + 10) * 1000;

/** A rest ends when it was said to end; a turn that is taken mostly ends long before. */
export const pauseFor = (ms: number) =>
  ms <= config().fetchHostDelayMs ? ms : Math.min(ms, HELD_MS);

/** The feed that has been due for longest, of those whose host may be asked. */
export async function nextDueFeed(): Promise<Next<ClaimedFeed>> {
  const feed = await claimDueFeed();
  if (feed !== undefined) return { kind: 'work', item: feed };
  const ms = await msUntilDueTurn();
  return ms === undefined ? { kind: 'none' } : { kind: 'wait', ms: pauseFor(ms) };
}

interface HostOfChosen {
  feeds: FeedRow[];
  /** Not to be tried before, in ms. */
  atMs: number;
}

/** Why a chosen feed will not be polled: its server wants rest, or it has been removed. */
export type PassedOver = Extract<Unclaimed, { kind: 'resting' | 'removed' }>;

/**
 * Feeds that somebody chose, each given out once: in their order within a host, and host by host
 * as they may be asked. Waits for leases that other workers hold.
 * @param onPassedOver hears of those that are not polled.
 */
export class ChosenFeeds {
  readonly #ready: HostOfChosen[];
  readonly #later = new Set<HostOfChosen>();
  readonly #heldSince = new Map<number, number>();
  readonly #onPassedOver: (feed: FeedRow, why: PassedOver) => void;

  constructor(feeds: readonly FeedRow[], onPassedOver: (feed: FeedRow, why: PassedOver) => void) {
    const hosts = Map.groupBy(feeds, (feed) => new URL(feed.url).host);
    this.#ready = [...hosts.values()].map((each) => ({ feeds: each, atMs: 0 }));
    this.#onPassedOver = onPassedOver;
  }

  /** The next one, claimed. */
  async next(): Promise<Next<ClaimedFeed>> {
    for (;;) {
      this.#wake();
      const host = this.#ready.shift();
      if (host === undefined) return this.#rest();
      const [feed] = host.feeds;
      if (feed === undefined) continue;
      const claimed = await claimFeed(feed.id);
      if (claimed !== undefined) {
        host.feeds.shift();
        this.#ready.push(host);
        return { kind: 'work', item: claimed };
      }
      this.#putOff(host, feed, await whyUnclaimed(feed.id));
    }
  }

  #putOff(host: HostOfChosen, feed: FeedRow, why: Unclaimed): void {
    switch (why.kind) {
      case 'waiting':
        host.atMs = Date.now() + Math.max(pauseFor(why.ms), WAIT_MS_MIN);
        this.#later.add(host);
        return;
      case 'held': {
        const since = this.#heldSince.get(feed.id) ?? Date.now();
        this.#heldSince.set(feed.id, since);
        if (Date.now() - since > GIVE_UP_MS) {
          throw new Error(`the lease of feed ${feed.id} does not end`);
        }
        // The others of its host need not wait for it.
        host.feeds.push(...host.feeds.splice(0, 1));
        host.atMs = Date.now() + HELD_MS;
        this.#later.add(host);
        return;
      }
      case 'resting':
      case 'removed':
        host.feeds.shift();
        this.#ready.push(host);
        this.#onPassedOver(feed, why);
        return;
      default:
        unreachable(why);
    }
  }

  /** Moves hosts whose time has come back to where they are tried. */
  #wake(): void {
    const now = Date.now();
    for (const host of this.#later) {
      if (host.atMs > now) continue;
      this.#later.delete(host);
      this.#ready.push(host);
    }
  }

  #rest(): Next<ClaimedFeed> {
    if (this.#later.size === 0) return { kind: 'none' };
    let atMs = Number.POSITIVE_INFINITY;
    for (const host of this.#later) atMs = Math.min(atMs, host.atMs);
    return { kind: 'wait', ms: atMs - Date.now() };
  }
}
