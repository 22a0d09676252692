import { beforeEach, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import type { ClaimedFeed } from '../../lib/model/feed.ts';
import { claimFeed } from '../../lib/store/feed-claims.ts';
import { addFeeds } from '../../lib/store/feeds.ts';
import { finishPoll } from '../../lib/store/finish-poll.ts';
import { pollDueFeeds } from '../../workers/jobs/poll-feeds.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { rss, useFeedServer } from '../support/feed-server.ts';
import { pollNow } from '../support/poll-now.ts';

useDatabase();
const server = useFeedServer();
let feedId = 0;

beforeEach(async () => {
  await emptyTables(['feeds', 'tags', 'cache_events'], { isNumberedAnew: true });
  const [added] = await addFeeds([{ url: server.at('/a') }]);
  feedId = added?.id ?? 0;
});

async function stored() {
  const { rows } = await dbPool().query(
    `SELECT url, moved_to, hints, rhythm_minutes, check_reason,
            round(extract(epoch FROM next_check_at - now()) / 60)::int AS minutes
     FROM feeds WHERE id = $1`,
    [feedId],
  );
  return rows[0];
}

/** Lets `days` pass for what the feed's row remembers. */
const age = (column: string, days: number) =>
  dbPool().query(`UPDATE feeds SET ${column} = ${column} - make_interval(days => $1)`, [days]);

const hourly = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    title: `Item ${i}`,
    date: new Date(Date.now() - i * 3_600_000).toISOString(),
  }));

describe('a feed’s pace', () => {
  test('follows its items, and is kept for polls that bring nothing', async () => {
    server.serve('/a', ({ headers }) =>
      headers['if-none-match']
        ? { status: 304 }
        : { headers: { etag: '"1"' }, body: rss('A', hourly(8)) },
    );
    await pollNow(feedId);
    expect(await stored()).toMatchObject({ rhythm_minutes: 60, check_reason: 'rhythm' });
    expect((await stored()).minutes).toBeLessThan(20);
    expect(await pollNow(feedId)).toMatchObject({ outcome: 'unchanged' });
    expect((await stored()).minutes).toBeLessThan(20);
  });

  test('heeds what the document asks for, also after a 304', async () => {
    const body = rss('A', hourly(8)).replace(
      '<link>https://example.org/</link>',
      '<ttl>30</ttl><sy:updatePeriod xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"> daily </sy:updatePeriod>' +
        '<sy:updateFrequency xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">4</sy:updateFrequency>' +
        '<skipHours><hour>3</hour><hour>24</hour></skipHours><skipDays><day>Sunday</day></skipDays>',
    );
    server.serve('/a', ({ headers }) =>
      headers['if-none-match'] ? { status: 304 } : { headers: { etag: '"1"' }, body },
    );
    await pollNow(feedId);
    const hints = { ttlMinutes: 30, updateMinutes: 360, skipHours: [0, 3], skipDays: [0] };
    expect((await stored()).hints).toEqual(hints);
    await pollNow(feedId);
    const after = await stored();
    expect(after.hints).toEqual(hints);
    expect(after.minutes).toBeGreaterThanOrEqual(359);
  });
});

describe('our own network', () => {
  const state = async () => {
    const { rows } = await dbPool().query(
      `SELECT url, error_count AS count, error_kind AS kind FROM feeds ORDER BY id`,
    );
    return rows;
  };

  test('being down is blamed on no feed', async () => {
    await dbPool().query('DELETE FROM feeds');
    await addFeeds([1, 2, 3, 4, 5, 6].map((n) => ({ url: `http://host${n}.invalid/feed` })));
    await pollDueFeeds();
    const feeds = await state();
    expect(feeds.map(({ count, kind }) => [count, kind])).toEqual(Array(6).fill([0, 'network']));
    const { rows } = await dbPool().query(
      `SELECT max(next_check_at) - now() < interval '11 minutes' AS soon FROM feeds`,
    );
    expect(rows).toEqual([{ soon: true }]);
  });

  test('being up, a host that cannot be reached has failed', async () => {
    server.serve('/a', { body: rss('A', []) });
    await addFeeds([1, 2, 3, 4].map((n) => ({ url: `http://host${n}.invalid/feed` })));
    await pollDueFeeds();
    expect((await state()).map(({ count, kind }) => [count, kind])).toEqual([
      [0, null],
      ...Array(4).fill([1, 'dns']),
    ]);
  });
});

describe('several feeds of one site', () => {
  const claimAll = async (count: number): Promise<ClaimedFeed[]> => {
    await dbPool().query('DELETE FROM feeds');
    const urls = Array.from({ length: count }, (_, i) => ({ url: server.at(`/${i}`) }));
    const added = await addFeeds(urls);
    const claimed = await Promise.all(added.map(({ id }) => claimFeed(id)));
    return claimed.filter((feed) => feed !== undefined);
  };
  const next = { at: new Date(Date.now() + 60_000), reason: 'base' as const };

  test('that are all asked to rest at once do not wait for each other in a circle', async () => {
    for (let round = 0; round < 10; round++) {
      const feeds = await claimAll(8);
      const retryAfterUntil = new Date(Date.now() + 3_600_000);
      const record = { next, isGood: false, retryAfterUntil, error: { kind: 'http', text: '429' } };
      expect(await Promise.all(feeds.map((feed) => finishPoll(feed, record)))).toEqual(
        Array(8).fill(true),
      );
    }
  });

  test('rest although one that was under way has been answered well', async () => {
    const [first, second] = await claimAll(2);
    if (!first || !second) throw new Error('not claimed');
    const retryAfterUntil = new Date(Date.now() + 3_600_000);
    await finishPoll(first, { next, isGood: false, retryAfterUntil });
    await finishPoll(second, { next, isGood: true });
    const { rows } = await dbPool().query(
      'SELECT retry_after_until AS until, next_check_at AS next FROM feeds ORDER BY id',
    );
    expect(rows.map((row) => [row.until, row.next])).toEqual([
      [retryAfterUntil, retryAfterUntil],
      [retryAfterUntil, retryAfterUntil],
    ]);
  });
});

describe('a permanent redirect', () => {
  beforeEach(() => {
    server.serve('/a', { status: 301, headers: { location: '/b' } });
    server.serve('/c', { body: rss('A portal', []) });
    server.serve('/b', ({ headers }) =>
      headers['if-none-match']
        ? { status: 304 }
        : { headers: { etag: '"1"' }, body: rss('A', [{ title: 'One' }]) },
    );
  });

  test('is followed at once, and becomes the feed’s address after a week', async () => {
    expect(await pollNow(feedId)).toMatchObject({ outcome: 'read' });
    expect(await stored()).toMatchObject({ url: server.at('/a'), moved_to: server.at('/b') });
    await age('moved_since', 6);
    await pollNow(feedId);
    expect(await stored()).toMatchObject({ url: server.at('/a') });
    await age('moved_since', 1);
    expect(await pollNow(feedId)).toMatchObject({ outcome: 'unchanged' });
    expect(await stored()).toMatchObject({ url: server.at('/b'), moved_to: null });
  });

  test('that leads elsewhere meanwhile, or has gone, begins anew', async () => {
    await pollNow(feedId);
    await age('moved_since', 7);
    server.serve('/a', { status: 301, headers: { location: '/c' } });
    await pollNow(feedId);
    expect(await stored()).toMatchObject({ url: server.at('/a'), moved_to: server.at('/c') });
    await age('moved_since', 7);
    server.serve('/a', { body: rss('A', [{ title: 'One' }]) });
    await pollNow(feedId);
    expect(await stored()).toMatchObject({ url: server.at('/a'), moved_to: null });
  });

  test('with a temporary one in between is never stored', async () => {
    server.serve('/a', { status: 302, headers: { location: '/b' } });
    await pollNow(feedId);
    expect(await stored()).toMatchObject({ url: server.at('/a'), moved_to: null });
  });
});
