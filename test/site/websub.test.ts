import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeToken, tokenUrl } from '../../lib/alerts/tokens.ts';
import { provideSettings } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import { askHubs } from '../../workers/jobs/ask-hubs.ts';
import { matchAlerts } from '../../workers/jobs/match-alerts.ts';
import { pingOwnHub } from '../../workers/jobs/ping-hub.ts';
import { takePushes } from '../../workers/jobs/take-pushes.ts';
import { useDatabase } from '../support/database.ts';
import { useFeedServer } from '../support/feed-server.ts';
import { useHub } from '../support/hub.ts';
import { addPolled, rssWithHub, subscriptionsOf } from '../support/hub-feed.ts';
import { pollNow } from '../support/poll-now.ts';
import { readPage } from '../support/read-page.ts';
import { type Site, startSite } from '../support/site.ts';

// A hub on one side, one on the other, and the built site between them.

useDatabase();
const server = useFeedServer();
const hub = useHub();

const MB = 1024 * 1024;
/** Mostly it is a moment. */
const SHOWN_MS_MAX = 10_000;
let site: Site;
let feedId = 0;

beforeAll(async () => {
  provideSettings({ WEBSUB_HUB: hub.url });
  // Requests may come through a proxy on this machine, from elsewhere.
  site = await startSite({ TRUST_PROXY: '127.0.0.1' });
  provideSettings({ SITE_URL: site.url });
});
afterAll(() => site.stop());

/** A feed with a subscription that is in force; the same for all tests. */
async function subscribe(): Promise<void> {
  server.serve('/a', { body: withItems('Old') });
  feedId ||= await addPolled(server, '/a');
  await dbPool().query(
    `UPDATE websub_subscriptions SET due_at = now() - interval '1 second', status = 'wanted', lease_until = NULL`,
  );
  await askHubs();
  await hub.settled();
  expect(await subscriptionsOf(feedId)).toMatchObject([{ status: 'active' }]);
}

const withItems = (...given: string[]) =>
  rssWithHub(
    given.map((title) => ({ title, tags: ['NUMA'] })),
    [hub.url],
    server.at('/a'),
  );
const waiting = async () =>
  (await dbPool().query('SELECT octet_length(body) AS bytes FROM websub_pushes')).rows;
const metric = async (line: string) => {
  const text = await (await site.get('/metrics')).text();
  return Number(new RegExp(`^${line} (\\d+)$`, 'mu').exec(text)?.[1]);
};

describe('from a hub to the reader', () => {
  test('news goes by itself, without a poll', async () => {
    await subscribe();
    const read = async () => readPage(await (await site.get('/tag/numa')).text());
    expect((await read()).posts.map(({ title }) => title)).toEqual(['Old']);
    expect(await hub.push(withItems('New'))).toEqual([202]);
    expect(await takePushes()).toMatchObject([{ outcome: 'saved', inserted: 1 }]);
    const shown = async () => (await read()).posts.map(({ title }) => title);
    await expect.poll(shown, { timeout: SHOWN_MS_MAX }).toContain('New');
    expect(await matchAlerts()).toBe(1);
  });

  test('the source’s page says through which hub, and why we ask so seldom', async () => {
    await subscribe();
    await hub.push(withItems('Newer'));
    await takePushes();
    await pollNow(feedId);
    const { rows } = await dbPool().query('SELECT slug FROM feeds WHERE id = $1', [feedId]);
    const text = async () =>
      readPage(await (await site.get(`/source/${rows[0].slug}`)).text()).text;
    await dbPool().query(`INSERT INTO cache_events (tags) VALUES (ARRAY['everything'])`);
    await expect
      .poll(text, { timeout: SHOWN_MS_MAX })
      .toContain(`It tells us of its news itself, through ${new URL(hub.url).host}.`);
    expect(await text()).toMatch(
      /We look again after 1[2-4] h, in case that a message of its hub was lost\./u,
    );
  });

  test('what it brings is at most 8 MB, and kept to the byte', async () => {
    await subscribe();
    expect(await hub.push(randomBytes(8 * MB))).toEqual([202]);
    expect(await waiting()).toEqual([{ bytes: 8 * MB }]);
    await dbPool().query('DELETE FROM websub_pushes');
    const before = await metric('tagwire_websub_requests_total\\{answer="too-large"\\}');
    expect(await hub.push(randomBytes(8 * MB + 1))).toEqual([413]);
    expect(await hub.push(randomBytes(12 * MB))).toEqual([413]);
    // One that does not say beforehand how long it is.
    const [callback = ''] = hub.subscribers.keys();
    const body = new Blob([randomBytes(12 * MB)]).stream();
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    expect((await fetch(callback, init)).status).toBe(413);
    expect(await waiting()).toEqual([]);
    const after = await metric('tagwire_websub_requests_total\\{answer="too-large"\\}');
    expect(after - before).toBe(3);
  });

  test('what it forges is acknowledged, forgotten and counted', async () => {
    await subscribe();
    const before = await metric('tagwire_websub_requests_total\\{answer="forged"\\}');
    expect(await hub.push(withItems('Forged'), { secret: 'guessed' })).toEqual([202]);
    expect(await hub.push(withItems('Forged'), { signature: null })).toEqual([202]);
    expect(await waiting()).toEqual([]);
    expect(await metric('tagwire_websub_requests_total\\{answer="forged"\\}')).toBe(before + 2);
  });

  test('nothing of it is kept by anybody, and strangers learn nothing', async () => {
    await subscribe();
    const [{ id }] = await subscriptionsOf(feedId);
    const known = new URL(tokenUrl('websub', { id, version: 1 })).pathname;
    const over = `/websub/${makeToken('websub', { id: id + 1000, version: 1 })}`;
    for (const [path, status] of [
      [known, 404],
      [over, 410],
      ['/websub/1.websub.1.nothing', 404],
      [`${known}x`, 404],
    ] as const) {
      const headers = { 'content-type': 'application/atom+xml' };
      for (const init of [{}, { method: 'POST', headers, body: '<feed/>' }]) {
        const answer = await site.get(`${path}?hub.mode=subscribe&hub.challenge=x`, init);
        const isForged = path === known && 'method' in init;
        expect([path, answer.status]).toEqual([path, isForged ? 202 : status]);
        expect(answer.headers.get('cache-control')).toContain('no-store');
        expect(answer.headers.get('x-tagwire-cache')).toBe('BYPASS');
        expect(answer.headers.get('content-type')).toContain('text/plain');
      }
    }
  });
});

test('a network of nothing but bad requests is sent away, and the hub’s own is not', async () => {
  await subscribe();
  const [{ id }] = await subscriptionsOf(feedId);
  const known = new URL(tokenUrl('websub', { id, version: 1 })).pathname;
  const from = async (address: string, path: string) => {
    const headers = { 'x-forwarded-for': address };
    return site.get(path, { method: 'POST', headers, body: 'x' });
  };
  const bad = Array.from({ length: 300 }, () => from('192.0.2.1', '/websub/1.websub.1.nothing'));
  const statuses = (await Promise.all(bad)).map(({ status }) => status);
  expect([...new Set(statuses)]).toEqual([404]);
  const refused = await from('192.0.2.1', known);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await from('192.0.2.2', known)).status).toBe(202);
});

describe('from us to our hub', () => {
  test.each(['', '/tag/numa', '/source/pond-news'])(
    '%s/feed names it in each format',
    async (list) => {
      await subscribe();
      for (const format of ['xml', 'atom', 'json']) {
        const self = `${site.url}${list}/feed.${format}`;
        const answer = await site.get(`${list}/feed.${format}`);
        expect(answer.headers.get('link')).toBe(`<${hub.url}>; rel="hub", <${self}>; rel="self"`);
        expect(answer.headers.get('cache-control')).toBe('public, max-age=0, must-revalidate');
        expect(await answer.text()).toContain(hub.url);
      }
    },
  );

  test('searches and private feeds do not', async () => {
    const answer = await site.get('/search/feed.xml?q=numa');
    expect(answer.headers.get('link')).toBeNull();
    expect(await answer.text()).not.toContain(hub.url);
  });

  test('it is told when the feeds show the news', async () => {
    await subscribe();
    await dbPool().query(`UPDATE cache_events SET pinged_at = now() - interval '1 hour'`);
    const feed = '/tag/numa/feed.xml';
    expect(await (await site.get(feed)).text()).not.toContain('Newest');
    await hub.push(withItems('Newest'));
    await takePushes();
    expect(await pingOwnHub()).toBeGreaterThan(2);
    expect(hub.pings.flat()).toContain(`${site.url}${feed}`);
    const read = async () => (await site.get(feed)).text();
    await expect.poll(read, { timeout: SHOWN_MS_MAX }).toContain('Newest');
  });
});
