import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { DAYS_KEPT, POLLS_KEPT } from '../../lib/model/fetching.ts';
import { type FeedFetching, getFetching, getSiteFetching } from '../../lib/queries/fetching.ts';
import { addFeeds, removeFeed } from '../../lib/store/feeds.ts';
import { finishPoll } from '../../lib/store/finish-poll.ts';
import { pruneFeedDays } from '../../lib/store/ledger.ts';
import { pollFeed } from '../../workers/jobs/poll-feeds.ts';
import { renderMetrics } from '../../workers/metrics.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { rss, useFeedServer } from '../support/feed-server.ts';
import { claimNow, pollNow } from '../support/poll-now.ts';

useDatabase();
const server = useFeedServer();
let feedId = 0;

beforeEach(async () => {
  await emptyTables(['feeds', 'tags', 'cache_events'], { isNumberedAnew: true });
  const [added] = await addFeeds([{ url: server.at('/a') }]);
  feedId = added?.id ?? 0;
});

const claim = () => claimNow(feedId);
const poll = () => pollNow(feedId);

async function ledger(): Promise<FeedFetching> {
  const found = await getFetching({ url: server.at('/a') });
  if (found === undefined) throw new Error('there is no such feed');
  return found;
}

const FEED = rss('Pond News', [{ title: 'One' }, { title: 'Two' }]);

describe('the ledger of a feed', () => {
  test('has what each poll asked, what was answered, and the bytes of it', async () => {
    const packed = gzipSync(FEED);
    const headers = {
      etag: '"1"',
      'content-encoding': 'gzip',
      'cache-control': 'max-age=1800',
    };
    server.serve('/a', ({ headers: asked }, response) => {
      if (asked['if-none-match']) return { status: 304 };
      response.writeHead(200, headers).end(packed);
      return 'done';
    });
    await poll();
    await poll();
    const { polls, days, freshSeconds, etag } = await ledger();
    const common = { errorKind: null, requests: 1, at: expect.any(String), ms: expect.any(Number) };
    expect(polls).toEqual([
      {
        ...common,
        outcome: 'unchanged',
        status: 304,
        isConditional: true,
        wireBytes: 0,
        bodyBytes: 0,
        posts: 0,
      },
      {
        ...common,
        outcome: 'read',
        status: 200,
        isConditional: false,
        wireBytes: packed.length,
        bodyBytes: FEED.length,
        posts: 2,
      },
    ]);
    // The 304 says nothing of how long it keeps, so that stays as it was (RFC 9111, 4.3.4).
    expect({ freshSeconds, etag }).toEqual({ freshSeconds: 1800, etag: '"1"' });
    expect(days).toMatchObject([
      {
        day: new Date(polls[0]?.at ?? '').toISOString().slice(0, 10),
        polls: 2,
        requests: 2,
        notModified: 1,
        failures: 0,
        retryAfters: 0,
        wireBytes: packed.length,
        bodyBytes: FEED.length,
        posts: 2,
      },
    ]);
  });

  test('counts redirects as the requests that they are', async () => {
    server.serve('/a', { status: 302, headers: { location: '/b' } });
    server.serve('/b', { body: FEED });
    await poll();
    const { polls, days } = await ledger();
    expect(polls).toMatchObject([{ status: 200, requests: 2 }]);
    expect(days).toMatchObject([{ polls: 1, requests: 2 }]);
  });

  test('has failures with their kind, and the rests that were asked for', async () => {
    server.serve('/a', { body: 'no feed at all' });
    await poll();
    await dbPool().query(`UPDATE feeds SET url = 'http://127.0.0.1:9/a'`);
    await poll();
    await dbPool().query('UPDATE feeds SET url = $1', [server.at('/a')]);
    server.serve('/a', { status: 503, headers: { 'retry-after': '3600' }, body: 'later' });
    await poll();
    const fetching = await ledger();
    expect(fetching.polls).toMatchObject([
      { outcome: 'rate-limited', errorKind: 'rate-limited', status: 503, wireBytes: 5 },
      { outcome: 'failed', errorKind: 'refused', status: null, requests: 0, wireBytes: 0 },
      { outcome: 'failed', errorKind: 'not-a-feed', status: 200, wireBytes: 14 },
    ]);
    expect(fetching.days).toMatchObject([{ polls: 3, failures: 3, retryAfters: 1, requests: 2 }]);
    expect(fetching).toMatchObject({ errorCount: 3, retryAfterUntil: expect.any(String) });
  });

  test(`keeps the last ${POLLS_KEPT} polls, and all of a day in its sums`, async () => {
    for (let n = 0; n < POLLS_KEPT + 5; n++) {
      server.serve('/a', { body: rss('Pond News', [{ title: `Item ${n}` }]) });
      await poll();
    }
    const { polls, days } = await ledger();
    expect(polls).toHaveLength(POLLS_KEPT);
    expect(days).toMatchObject([{ polls: POLLS_KEPT + 5, posts: POLLS_KEPT + 5 }]);
    const times = polls.map(({ at }) => Date.parse(at));
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  test('does not blame the feed when our own network was down', async () => {
    const exchange = { requests: 0, status: null, isConditional: false, ms: 5 };
    await finishPoll(await claim(), {
      next: { at: new Date(), reason: 'network' },
      isGood: false,
      error: { kind: 'network', text: 'not reached', isOurs: true },
      entry: { ...exchange, wireBytes: 0, bodyBytes: 0, outcome: 'failed', posts: 0 },
    });
    const { polls, days } = await ledger();
    expect(polls).toMatchObject([{ outcome: 'failed', errorKind: 'network' }]);
    expect(days).toMatchObject([{ polls: 1, failures: 0 }]);
  });

  test('has nothing of a poll whose lease had run out, nor of one that broke on our side', async () => {
    const slow = await claim();
    await dbPool().query(`UPDATE feeds SET claimed_until = now() - interval '1 second'`);
    const next = await claim();
    server.serve('/a', { body: FEED });
    await pollFeed(slow);
    expect((await ledger()).polls).toEqual([]);
    await finishPoll(next, {
      next: { at: new Date(), reason: 'errors' },
      isGood: false,
      error: { kind: 'internal', text: 'ours' },
    });
    expect(await ledger()).toMatchObject({ polls: [], days: [], errorKind: 'internal' });
  });

  test('takes an answer that keeps beyond all numbers', async () => {
    server.serve('/a', { headers: { expires: 'Fri, 31 Dec 9999 23:59:59 GMT' }, body: FEED });
    expect(await poll()).toMatchObject({ outcome: 'read' });
    expect((await ledger()).freshSeconds).toBe(2 ** 31 - 1);
  });

  test('makes no page stale when a poll brings nothing', async () => {
    server.serve('/a', { headers: { etag: '"1"' }, body: FEED });
    await poll();
    await emptyTables(['cache_events']);
    await poll();
    server.serve('/a', { status: 304 });
    await poll();
    expect((await dbPool().query('SELECT FROM cache_events')).rowCount).toBe(0);
  });

  test('goes with its feed', async () => {
    server.serve('/a', { body: FEED });
    await poll();
    await removeFeed(feedId);
    for (const table of ['feed_polls', 'feed_days']) {
      expect((await dbPool().query(`SELECT FROM ${table}`)).rowCount, table).toBe(0);
    }
  });
});

test('what is fetched is counted for Prometheus', async () => {
  const counted = async (name: string) => {
    const { text } = await renderMetrics();
    const found = text.split('\n').find((line) => line.startsWith(`${name} `));
    return Number(found?.split(' ')[1] ?? 0);
  };
  const names = [
    'tagwire_fetch_requests_total{outcome="modified"}',
    'tagwire_fetch_requests_total{outcome="rate-limited"}',
    'tagwire_fetch_bytes_total{as="received"}',
    'tagwire_fetch_bytes_total{as="decompressed"}',
    'tagwire_fetch_retry_after_total',
  ];
  const before = await Promise.all(names.map(counted));
  const packed = gzipSync(FEED);
  server.serve('/a', (_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
    return 'done';
  });
  await poll();
  server.serve('/a', { status: 429, headers: { 'retry-after': '60' } });
  await poll();
  const after = await Promise.all(names.map(counted));
  const more = after.map((value, i) => value - (before[i] ?? 0));
  expect(more).toEqual([1, 1, packed.length, FEED.length, 1]);
});

describe('the sums of days', () => {
  test('are kept so long and no longer', async () => {
    await dbPool().query(
      `INSERT INTO feed_days SELECT $1, (now() AT TIME ZONE 'UTC')::date - n, 1, 1, 0, 0, 0, 1, 1, 0
       FROM generate_series(0, $2) AS n`,
      [feedId, DAYS_KEPT + 3],
    );
    expect(await pruneFeedDays()).toBe(3);
    expect(await pruneFeedDays()).toBe(0);
    expect((await ledger()).days).toHaveLength(30);
  });

  test('make those of the site', async () => {
    server.serve('/a', { headers: { etag: '"1"' }, body: FEED });
    server.serve('/b', { status: 429, headers: { 'retry-after': '60' } });
    await poll();
    server.serve('/a', { status: 304 });
    await poll();
    const [other] = await addFeeds([{ url: server.at('/b') }]);
    await pollNow(other?.id ?? 0);
    expect(await getSiteFetching()).toMatchObject({
      days: 1,
      polls: 3,
      requests: 3,
      notModified: 1,
      failures: 1,
      retryAfters: 1,
      wireBytes: FEED.length,
      feeds: 2,
      // One server, one site: both feeds rest.
      resting: 2,
    });
  });
});
