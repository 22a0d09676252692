import { beforeEach, describe, expect, test } from 'vitest';
import { hubSecret, makeToken, tokenUrl } from '../../lib/alerts/tokens.ts';
import { config, provideSettings } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import { removeFeed, setFeed } from '../../lib/store/feeds.ts';
import { countSubscriptions } from '../../lib/store/websub.ts';
import { askHubs } from '../../workers/jobs/ask-hubs.ts';
import { useCallbackSite } from '../support/callback-site.ts';
import { useDatabase } from '../support/database.ts';
import { useFeedServer } from '../support/feed-server.ts';
import { useHub } from '../support/hub.ts';
import {
  addPolled,
  addSubscribed,
  clearFeeds,
  rssWithHub,
  subscriptionsOf,
} from '../support/hub-feed.ts';
import { pollNow } from '../support/poll-now.ts';

useDatabase();
const server = useFeedServer();
const hub = useHub();
useCallbackSite();

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const fromNow = (ms: number) => new Date(Date.now() + ms);

beforeEach(clearFeeds);

const serve = (items: Parameters<typeof rssWithHub>[0], hubs: string[]) =>
  server.serve('/a', { body: rssWithHub(items, hubs, server.at('/a')) });

/** Asks the hubs that are due then, without chance. */
const askAt = (now: Date) =>
  askHubs({ now: () => now, random: () => 0.5 }).finally(() => hub.settled());

describe('a feed that names a hub', () => {
  test('is subscribed to, and in force when the hub has verified that we meant it', async () => {
    const feedId = await addSubscribed(server, hub);
    const [subscription] = await subscriptionsOf(feedId);
    const token = makeToken('websub', { id: subscription.id, version: 1 });
    expect(Object.fromEntries(hub.requests[0]?.form ?? [])).toEqual({
      'hub.mode': 'subscribe',
      'hub.topic': server.at('/a'),
      'hub.callback': `${config().siteUrl}/websub/${token}`,
      'hub.secret': hubSecret(subscription.id),
      'hub.lease_seconds': String(10 * 24 * 3600),
    });
    expect(subscription).toMatchObject({ status: 'active', awaits: null, error: null });
    expect(subscription.leaseUntil.getTime()).toBeCloseTo(Date.now() + 10 * DAY_MS, -5);
    expect(await askHubs()).toBe(0);
  });

  test('is in force also with a hub that verifies before it answers', async () => {
    hub.mood = 'verifies-first';
    const [subscription] = await subscriptionsOf(await addSubscribed(server, hub));
    expect(subscription).toMatchObject({ status: 'active', awaits: null });
  });

  test('by HTTP headers is asked for there, whatever the document says', async () => {
    server.serve('/a', {
      headers: { link: `<${hub.other}>; rel=hub, </topic>; rel="self"` },
      body: rssWithHub([{ title: 'One' }], [hub.url], server.at('/a')),
    });
    const feedId = await addPolled(server, '/a');
    expect(await subscriptionsOf(feedId)).toMatchObject([
      { hub: hub.other, topic: server.at('/topic'), status: 'wanted' },
    ]);
  });

  test('without naming itself is known by its address', async () => {
    server.serve('/a', { body: rssWithHub([{ title: 'One' }], [hub.url]) });
    expect(await subscriptionsOf(await addPolled(server, '/a'))).toMatchObject([
      { topic: server.at('/a') },
    ]);
  });

  test('but has brought nothing for a month is left alone, until it does', async () => {
    serve([{ title: 'Old', date: fromNow(-31 * DAY_MS).toISOString() }], [hub.url]);
    const feedId = await addPolled(server, '/a');
    expect(await subscriptionsOf(feedId)).toEqual([]);
    serve([{ title: 'New' }], [hub.url]);
    await pollNow(feedId);
    expect(await subscriptionsOf(feedId)).toMatchObject([{ status: 'wanted' }]);
  });

  test('is not asked for where hubs cannot reach the site', async () => {
    const { fetchAllow } = config();
    serve([{ title: 'One' }], [hub.url, 'https://8.8.8.8/hub']);
    const feedId = await addPolled(server, '/a');
    provideSettings({ FETCH_ALLOW: '' });
    await askHubs();
    provideSettings({ FETCH_ALLOW: fetchAllow.join(',') });
    const [subscription] = await subscriptionsOf(feedId);
    expect(subscription).toMatchObject({ status: 'wanted', awaits: null, requestedAt: null });
    expect(subscription.error).toMatch(/^not asked: hubs cannot reach http:\/\/127\.0\.0\.1/u);
    expect(hub.requests).toEqual([]);
  });

  test('may name several: the first that accepts is taken', async () => {
    serve([{ title: 'One' }], ['http://127.0.0.1:1/hub', hub.url, hub.other]);
    const feedId = await addPolled(server, '/a');
    await askAt(fromNow(0));
    expect(hub.requests.map(({ path }) => path)).toEqual(['/hub']);
    expect(await subscriptionsOf(feedId)).toMatchObject([{ status: 'active', hub: hub.url }]);
  });
});

describe('a hub', () => {
  test('that fails is asked again after pauses that grow, and then found', async () => {
    hub.mood = 'broken';
    const feedId = await addSubscribed(server, hub);
    const [first] = await subscriptionsOf(feedId);
    expect(first).toMatchObject({ status: 'wanted', attempts: 1 });
    expect(first.error).toContain('answered with 500');
    await askAt(first.dueAt);
    const [second] = await subscriptionsOf(feedId);
    expect(second.dueAt.getTime() - first.dueAt.getTime()).toBe(2 * HOUR_MS);
    hub.mood = 'verifies';
    expect(await askAt(new Date(second.dueAt.getTime() - 1))).toBe(0);
    await askAt(second.dueAt);
    expect(await subscriptionsOf(feedId)).toMatchObject([
      { status: 'active', attempts: 0, error: null },
    ]);
  });

  test('that refuses says why to the operator', async () => {
    hub.mood = 'refuses';
    const [subscription] = await subscriptionsOf(await addSubscribed(server, hub));
    expect(subscription.error).toMatch(/the hub answered with 400, “No such topic”$/u);
  });

  test.each(['silent', 'denies'] as const)('that %s gives way to the next', async (mood) => {
    hub.mood = mood;
    serve([{ title: 'One' }], [hub.url, hub.other]);
    const feedId = await addPolled(server, '/a');
    await askAt(fromNow(0));
    const [first] = await subscriptionsOf(feedId);
    expect(first.hub).toBe(hub.url);
    expect(first.error).toMatch(mood === 'silent' ? /still to verify it/u : /has denied it/u);
    await askAt(first.dueAt);
    expect(hub.requests.map(({ path }) => path)).toEqual(['/hub', '/other-hub']);
  });

  test('that a worker was asking when it ended is asked by the next', async () => {
    serve([{ title: 'One' }], [hub.url]);
    const feedId = await addPolled(server, '/a');
    hub.mood = 'hangs';
    const stop = new AbortController();
    const asking = askHubs({ signal: stop.signal });
    await expect.poll(() => hub.requests.length, { timeout: 10_000 }).toBe(1);
    stop.abort();
    await asking;
    expect(await subscriptionsOf(feedId)).toMatchObject([{ status: 'wanted', attempts: 0 }]);
    hub.mood = 'verifies';
    await askAt(fromNow(1000));
    expect(await subscriptionsOf(feedId)).toMatchObject([{ status: 'active' }]);
  });

  test('that denies is left alone for a week', async () => {
    hub.mood = 'denies';
    const feedId = await addSubscribed(server, hub);
    expect(hub.answers).toEqual([{ status: 200, text: '' }]);
    const [denied] = await subscriptionsOf(feedId);
    expect(denied).toMatchObject({ status: 'denied', awaits: null, leaseUntil: null });
    expect(denied.error).toBe('the hub has denied it: not for you');
    expect(await askAt(fromNow(6 * DAY_MS))).toBe(0);
    hub.mood = 'verifies';
    await askAt(fromNow(8 * DAY_MS));
    expect(await subscriptionsOf(feedId)).toMatchObject([{ status: 'active' }]);
  });

  test('that verifies what was not asked for hears 404, and nothing changes', async () => {
    hub.mood = 'lies';
    const feedId = await addSubscribed(server, hub);
    const before = await subscriptionsOf(feedId);
    expect(before).toMatchObject([{ status: 'wanted', awaits: 'subscribe' }]);
    expect(hub.answers.map(({ status }) => status)).toEqual([404, 404]);
    const callback = tokenUrl('websub', { id: before[0].id, version: 1 });
    const meant = { 'hub.mode': 'subscribe', 'hub.topic': server.at('/a'), 'hub.challenge': 'x' };
    const wrongs: Record<string, string>[] = [
      { ...meant, 'hub.challenge': '' },
      { ...meant, 'hub.mode': 'publish' },
      { 'hub.mode': 'denied', 'hub.topic': 'https://elsewhere.example/' },
      {},
    ];
    for (const wrong of wrongs) expect((await hub.call(callback, wrong)).status).toBe(404);
    expect((await hub.call(callback.replace(/.$/u, '_'), meant)).status).toBe(404);
    expect(await subscriptionsOf(feedId)).toEqual(before);
    const answer = await hub.call(callback, meant);
    expect([answer.status, await answer.text()]).toEqual([200, 'x']);
    expect(answer.headers.get('content-type')).toContain('text/plain');
    // Whoever did not hear the answer may ask once more; later it is nobody's to ask.
    expect((await hub.call(callback, meant)).status).toBe(200);
    await dbPool().query(
      `UPDATE websub_subscriptions SET verified_at = verified_at - interval '1 hour'`,
    );
    expect((await hub.call(callback, meant)).status).toBe(404);
  });
});

describe('a lease', () => {
  test('is renewed at its half, and has no gap', async () => {
    hub.leaseSeconds = 4 * 24 * 3600;
    const feedId = await addSubscribed(server, hub);
    const [before] = await subscriptionsOf(feedId);
    const half = before.verifiedAt.getTime() + 2 * DAY_MS;
    expect(before.leaseUntil.getTime() - before.verifiedAt.getTime()).toBe(4 * DAY_MS);
    expect(Math.abs(before.dueAt.getTime() - half)).toBeLessThanOrEqual(0.1 * 2 * DAY_MS);
    expect(await askAt(new Date(half - 0.3 * DAY_MS))).toBe(0);
    expect(await askAt(new Date(half + 0.3 * DAY_MS))).toBe(1);
    const [after] = await subscriptionsOf(feedId);
    expect(after).toMatchObject({ id: before.id, status: 'active', attempts: 0 });
    expect(after.activeSince).toEqual(before.activeSince);
    expect(after.verifiedAt.getTime()).toBeGreaterThanOrEqual(before.verifiedAt.getTime());
    expect(hub.requests).toHaveLength(2);
  });

  test('that ran out is asked for again, and counted as such', async () => {
    const feedId = await addSubscribed(server, hub);
    await dbPool().query(`UPDATE websub_subscriptions SET lease_until = now() - interval '1 s',
      due_at = now() - interval '1 second', active_since = now() - interval '10 days'`);
    expect(await countSubscriptions(new Date())).toMatchObject({ active: 0, lapsed: 1 });
    await askAt(fromNow(1000));
    const [again] = await subscriptionsOf(feedId);
    expect(again.activeSince).toEqual(again.verifiedAt);
    expect(await countSubscriptions(new Date())).toMatchObject({ active: 1, lapsed: 0 });
  });

  test('of a feed that has fallen silent is not renewed, and forgotten at its end', async () => {
    const feedId = await addSubscribed(server, hub);
    await dbPool().query(`UPDATE post_sources SET sort_at = now() - interval '40 days'`);
    const [before] = await subscriptionsOf(feedId);
    await askAt(before.dueAt);
    expect(await subscriptionsOf(feedId)).toMatchObject([{ status: 'active', awaits: null }]);
    await askAt(before.leaseUntil);
    expect(await subscriptionsOf(feedId)).toEqual([]);
    expect(hub.requests).toHaveLength(1);
  });
});

describe('the hub is left', () => {
  const modes = () => hub.requests.map(({ path, form }) => [path, form.get('hub.mode')]);

  test('when the feed names another, which is taken instead', async () => {
    const feedId = await addSubscribed(server, hub);
    serve([{ title: 'New' }], [hub.other]);
    await pollNow(feedId);
    expect(await subscriptionsOf(feedId)).toMatchObject([
      { hub: hub.other, status: 'wanted' },
      { hub: hub.url, status: 'ending' },
    ]);
    await askAt(fromNow(1000));
    expect(modes().slice(1).sort()).toEqual([
      ['/hub', 'unsubscribe'],
      ['/other-hub', 'subscribe'],
    ]);
    expect(await subscriptionsOf(feedId)).toMatchObject([{ hub: hub.other, status: 'active' }]);
    expect(hub.subscribers.size).toBe(1);
  });

  test('when the feed names none, or is paused; going on begins anew', async () => {
    const feedId = await addSubscribed(server, hub);
    await setFeed(feedId, { status: 'paused' });
    expect(await subscriptionsOf(feedId)).toMatchObject([{ status: 'ending' }]);
    await setFeed(feedId, { status: 'active' });
    await askAt(fromNow(1000));
    expect(await subscriptionsOf(feedId)).toMatchObject([{ status: 'active' }]);
    serve([{ title: 'New' }], []);
    await pollNow(feedId);
    await askAt(fromNow(2000));
    expect(await subscriptionsOf(feedId)).toEqual([]);
    expect(hub.subscribers.size).toBe(0);
  });

  test('when the feed is removed, and hears 410 from then on', async () => {
    const feedId = await addSubscribed(server, hub);
    await removeFeed(feedId);
    expect(await hub.push('news')).toEqual([410]);
    expect(await subscriptionsOf(null)).toMatchObject([{ status: 'ending' }]);
    const [callback = ''] = hub.subscribers.keys();
    await askAt(fromNow(1000));
    expect(hub.subscribers.size).toBe(0);
    expect(await subscriptionsOf(null)).toEqual([]);
    const meant = { 'hub.mode': 'subscribe', 'hub.topic': server.at('/a'), 'hub.challenge': 'x' };
    expect((await hub.call(callback, meant)).status).toBe(410);
  });

  test('after three attempts when it does not answer', async () => {
    const feedId = await addSubscribed(server, hub);
    hub.mood = 'broken';
    await setFeed(feedId, { status: 'paused' });
    for (let day = 1; day <= 4; day++) await askAt(fromNow(day * DAY_MS));
    expect(await subscriptionsOf(feedId)).toEqual([]);
  });
});
