import fc from 'fast-check';
import { expect, test } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import type { ClaimedFeed } from '../../lib/model/feed.ts';
import { claimDueFeed, claimFeed, releaseFeed } from '../../lib/store/feed-claims.ts';
import { addFeeds, removeFeed, setFeed } from '../../lib/store/feeds.ts';
import { finishPoll } from '../../lib/store/finish-poll.ts';
import { endTurn } from '../../lib/store/host-turns.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';

useDatabase();

const inHours = (hours: number) => ({
  next: { at: new Date(Date.now() + hours * 3_600_000), reason: 'base' as const },
  isGood: true,
});

const HOSTS = ['a', 'b'];
const STEPS = [
  'claim',
  'claim',
  'claim',
  'claim one',
  'answer',
  'finish',
  'finish',
  'finish due',
  'release',
  'make due',
  'put off',
  'pause',
  'resume',
  'remove',
  'add',
] as const;

/** Feeds that could be claimed, found the long way. */
async function claimable(running: ReadonlyMap<number, ClaimedFeed>, slots: number) {
  const { rows } = await dbPool().query<{ id: number; host: string }>(
    `SELECT id, host FROM feeds WHERE status = 'active' AND next_check_at <= now()
       AND (claimed_until IS NULL OR claimed_until < now())`,
  );
  const busy = Map.groupBy(running.values(), (feed) => feed.host);
  return rows.filter(({ host }) => (busy.get(host)?.length ?? 0) < slots);
}

/** What a random history has come to. */
class History {
  readonly slots: number;
  /** Claimed, and its host has not answered. */
  readonly running = new Map<number, ClaimedFeed>();
  /** Claimed, answered, not finished. */
  readonly answered = new Map<number, ClaimedFeed>();
  #added = 0;

  constructor(slots: number) {
    this.slots = slots;
  }

  async step(step: (typeof STEPS)[number], pick: number): Promise<void> {
    const { rows } = await dbPool().query<{ id: number }>('SELECT id FROM feeds ORDER BY id');
    const id = rows[pick % Math.max(1, rows.length)]?.id ?? 0;
    const held = [...this.running.values(), ...this.answered.values()];
    const feed = held[pick % Math.max(1, held.length)];
    switch (step) {
      case 'claim':
        return this.#claim();
      case 'claim one': {
        const claimedOne = await claimFeed(id);
        if (claimedOne) this.#take(claimedOne);
        return;
      }
      case 'add':
        this.#added += 1;
        await addFeeds([{ url: `https://${HOSTS[pick % HOSTS.length]}.example/${this.#added}` }]);
        return;
      case 'make due':
        await setFeed(id, { pollNow: true });
        return;
      case 'put off':
        await dbPool().query(
          `UPDATE feeds SET next_check_at = now() + interval '1 hour' WHERE id = $1`,
          [id],
        );
        return;
      case 'pause':
        await setFeed(id, { status: 'paused' });
        return;
      case 'resume':
        await setFeed(id, { status: 'active' });
        return;
      case 'remove':
        // Its turn goes on, for its host is being asked.
        await removeFeed(id);
        return;
      default:
        if (feed) await this.#give(step, feed);
    }
  }

  async #claim(): Promise<void> {
    const before = await claimable(this.running, this.slots);
    const feed = await claimDueFeed();
    if (feed === undefined) expect(before).toEqual([]);
    else this.#take(feed, before);
  }

  #take(feed: ClaimedFeed, before?: { id: number }[]): void {
    if (before) expect(before.map(({ id }) => id)).toContain(feed.id);
    this.answered.delete(feed.id);
    this.running.set(feed.id, feed);
    const ofHost = [...this.running.values()].filter(({ host }) => host === feed.host);
    expect(ofHost.length).toBeLessThanOrEqual(this.slots);
  }

  async #give(step: 'answer' | 'finish' | 'finish due' | 'release', feed: ClaimedFeed) {
    this.running.delete(feed.id);
    this.answered.delete(feed.id);
    if (step === 'answer') {
      await endTurn(feed);
      this.answered.set(feed.id, feed);
    } else if (step === 'release') await releaseFeed(feed);
    else if (!(await finishPoll(feed, inHours(step === 'finish' ? 1 : -1)))) {
      // It has been removed: its turn ends by itself, or is ended by who asked.
      await endTurn(feed);
    }
  }
}

test('whatever happens to feeds, a host has no more turns than slots, and nothing that is due is overlooked', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(1, 2),
      fc.array(fc.tuple(fc.constantFrom(...STEPS), fc.nat(20)), { minLength: 5, maxLength: 40 }),
      async (slots, steps) => {
        await emptyTables(['feeds', 'hosts'], { isNumberedAnew: true });
        provideSettings({ FETCH_HOST_DELAY_MS: '0', FETCH_HOST_CONCURRENCY: String(slots) });
        const history = new History(slots);
        for (let i = 0; i < 4; i++) await history.step('add', i);
        for (const [step, pick] of steps) await history.step(step, pick);
        for (let i = 0; i < 8; i++) await history.step('claim', 0);
      },
    ),
    // Long before the test's own limit, so that what it had found by then is told.
    { numRuns: 15, interruptAfterTimeLimit: 50_000, markInterruptAsFailure: true },
  );
}, 60_000);
