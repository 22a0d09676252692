import { beforeEach, describe, expect, test } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import type { ClaimedFeed } from '../../lib/model/feed.ts';
import { claimDueFeed, claimFeed, releaseFeed } from '../../lib/store/feed-claims.ts';
import { addFeeds, removeFeed } from '../../lib/store/feeds.ts';
import { finishPoll } from '../../lib/store/finish-poll.ts';
import { endTurn, msUntilDueTurn, tidyHosts, whyUnclaimed } from '../../lib/store/host-turns.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';

useDatabase();

const PAUSE_MS = 60_000;
const spacing = (delayMs: number, slots: number) =>
  provideSettings({
    FETCH_HOST_DELAY_MS: String(delayMs),
    FETCH_HOST_CONCURRENCY: String(slots),
  });

beforeEach(async () => {
  await emptyTables(['feeds', 'hosts'], { isNumberedAnew: true });
  spacing(PAUSE_MS, 1);
});

/** Adds feeds whose hosts are their first letters, the first due for longest. */
async function add(...names: string[]) {
  const added = await addFeeds(
    names.map((name) => ({ url: `https://${name[0]}.example/${name}` })),
  );
  await dbPool().query(
    `UPDATE feeds SET next_check_at = now() - interval '1 hour' + id * interval '1 second'
     WHERE id = ANY($1)`,
    [added.map(({ id }) => id)],
  );
  return added;
}
const nameOf = (feed: ClaimedFeed | undefined) => feed?.url.split('/').at(-1);
const claimNames = async (count: number) => {
  const names: (string | undefined)[] = [];
  for (let i = 0; i < count; i++) names.push(nameOf(await claimDueFeed()));
  return names;
};
const later = (hours = 1) => ({
  next: { at: new Date(Date.now() + hours * 3_600_000), reason: 'base' as const },
  isGood: true,
});

/** Lets time pass for everything that the tables remember, and for who holds these feeds. */
async function pass(seconds: number, ...held: ClaimedFeed[]): Promise<void> {
  for (const feed of held) {
    feed.turnUntil = new Date((feed.turnUntil?.getTime() ?? 0) - seconds * 1000);
  }
  const by = `make_interval(secs => ${seconds})`;
  await dbPool().query(
    `UPDATE feeds SET next_check_at = next_check_at - ${by}, claimed_until = claimed_until - ${by}`,
  );
  await dbPool().query(
    `UPDATE hosts SET free_at = free_at - ${by}, ready_at = ready_at - ${by},
       turns = ARRAY(SELECT t - ${by} FROM unnest(turns) AS t)`,
  );
}

async function claimed(): Promise<ClaimedFeed> {
  const feed = await claimDueFeed();
  if (feed === undefined) throw new Error('nothing to claim');
  return feed;
}

describe('a turn', () => {
  test('is one feed’s of a host, and other hosts do not wait for it', async () => {
    await add('a1', 'a2', 'b1', 'b2', 'c1');
    expect((await claimNames(4)).sort()).toEqual(['a1', 'b1', 'c1', undefined]);
  });

  test('ends with the host’s answer, and the next begins after the pause', async () => {
    await add('a1', 'a2');
    const first = await claimed();
    await endTurn(first);
    expect(await claimDueFeed()).toBeUndefined();
    const ms = (await msUntilDueTurn()) ?? 0;
    expect(ms).toBeGreaterThan(PAUSE_MS - 10_000);
    expect(ms).toBeLessThanOrEqual(PAUSE_MS);
    await pass(ms / 1000);
    expect(nameOf(await claimDueFeed())).toBe('a2');
  });

  test('ends with the claim at the latest, finished or given back', async () => {
    spacing(0, 1);
    await add('a1', 'a2');
    await finishPoll(await claimed(), later());
    const second = await claimed();
    expect(nameOf(second)).toBe('a2');
    await releaseFeed(second);
    expect(nameOf(await claimDueFeed())).toBe('a2');
  });

  test('of a worker that died ends by itself, long before the lease of its feed', async () => {
    await add('a1', 'a2', 'a3');
    expect(await claimNames(2)).toEqual(['a1', undefined]);
    await pass(PAUSE_MS / 1000 + 60);
    expect(await claimNames(2)).toEqual(['a2', undefined]);
    await pass(10 * 60);
    // Now the lease is over as well, and a1 has been due for longest.
    expect(await claimNames(2)).toEqual(['a1', undefined]);
  });

  test('that ended by itself can be ended without harm to its successor', async () => {
    await add('a1', 'a2', 'a3');
    const slow = await claimed();
    await pass(PAUSE_MS / 1000 + 60, slow);
    await claimed();
    await endTurn(slow);
    await pass(PAUSE_MS / 1000);
    expect(await claimDueFeed()).toBeUndefined();
  });

  test('is for as many at once as there are slots, each with a pause of its own', async () => {
    spacing(PAUSE_MS, 2);
    await add('a1', 'a2', 'a3', 'a4');
    const first = await claimed();
    const second = await claimed();
    expect(await claimDueFeed()).toBeUndefined();
    await endTurn(first);
    await pass(PAUSE_MS / 2000, second);
    await endTurn(second);
    await pass(PAUSE_MS / 2000);
    expect(await claimNames(2)).toEqual(['a3', undefined]);
    await pass(PAUSE_MS / 2000);
    expect(await claimNames(2)).toEqual(['a4', undefined]);
  });

  test('goes round: a host with many feeds does not keep the others waiting', async () => {
    spacing(0, 1);
    await add('a1', 'a2', 'a3', 'b1', 'c1', 'b2');
    const names: (string | undefined)[] = [];
    for (let i = 0; i < 6; i++) {
      const feed = await claimed();
      names.push(nameOf(feed));
      await finishPoll(feed, later());
    }
    expect(names.slice(0, 3).sort()).toEqual(['a1', 'b1', 'c1']);
    expect(names.slice(3, 5).sort()).toEqual(['a2', 'b2']);
    expect(names[5]).toBe('a3');
  });

  test('is heeded by claims of single feeds, which say what they wait for', async () => {
    const [one, two] = await add('a1', 'a2');
    if (!one || !two) throw new Error('not added');
    const first = await claimFeed(one.id);
    expect(nameOf(first)).toBe('a1');
    expect(await whyUnclaimed(one.id)).toEqual({ kind: 'held' });
    expect(await claimFeed(two.id)).toBeUndefined();
    expect(await whyUnclaimed(two.id)).toMatchObject({ kind: 'waiting' });
    expect(await claimDueFeed()).toBeUndefined();
    if (first) await endTurn(first);
    await pass(PAUSE_MS / 1000);
    const until = new Date(Date.now() + 3_600_000);
    await dbPool().query('UPDATE feeds SET retry_after_until = $1', [until]);
    expect(await claimFeed(two.id)).toBeUndefined();
    expect(await whyUnclaimed(two.id)).toEqual({ kind: 'resting', until });
    await removeFeed(two.id);
    expect(await whyUnclaimed(two.id)).toEqual({ kind: 'removed' });
  });
});

describe('the host of a feed', () => {
  test.each([
    ['https://a.example/feed', 'a.example'],
    ['http://a.example:8080/feed?x=1#y', 'a.example:8080'],
    ['https://user:secret@a.example/', 'a.example'],
    ['https://[2001:db8::1]:8443/feed', '[2001:db8::1]:8443'],
    ['https://xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ])('of %s is %s, and follows a move', async (url, host) => {
    const [added] = await addFeeds([{ url: 'https://before.example/' }]);
    await dbPool().query('UPDATE feeds SET url = $2 WHERE id = $1', [added?.id, url]);
    const { rows } = await dbPool().query('SELECT host FROM feeds');
    expect(rows).toEqual([{ host }]);
    expect(await claimDueFeed()).toMatchObject({ url, host });
  });

  test('is forgotten when no feed is on it any more', async () => {
    const [added] = await add('a1');
    await removeFeed(added?.id ?? 0);
    expect(await claimDueFeed()).toBeUndefined();
    await tidyHosts();
    expect((await dbPool().query('SELECT FROM hosts')).rows).toEqual([]);
  });

  test('is put right when somebody has taken it out of the queue', async () => {
    await add('a1', 'b1');
    await pass(11 * 60);
    await dbPool().query(`DELETE FROM hosts WHERE host = 'a.example'`);
    await dbPool().query(`UPDATE hosts SET ready_at = NULL`);
    expect(await claimDueFeed()).toBeUndefined();
    expect(await tidyHosts()).toBe(2);
    expect((await claimNames(2)).sort()).toEqual(['a1', 'b1']);
  });
});
