import { afterEach, describe, expect, test } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { listNotices } from '../../lib/queries/notices.ts';
import { getSource } from '../../lib/queries/sources.ts';
import { claimDueFeed } from '../../lib/store/feed-claims.ts';
import { setFeed } from '../../lib/store/feeds.ts';
import { endTurn } from '../../lib/store/host-turns.ts';
import { pollDueFeeds } from '../../workers/jobs/poll-feeds.ts';
import { rss } from '../support/feed-server.ts';
import { useLyingFeed } from '../support/lying-feed.ts';
import { redirect, send, stuck } from '../support/lying-server.ts';

// When servers that lie are asked. The table in lying-servers.test.ts says where each number is.

const { clock, server, feeds, feedUrl, answer, poll } = useLyingFeed();

const items = (count: number, name: string, date: Date) =>
  Array.from({ length: count }, (_, i) => ({
    title: `${name} ${i}`,
    text: `What the ${name} number ${i} is about.`,
    date: date.toISOString(),
  }));
const news = () => send(200, {}, rss('Pond News', items(1, 'Frogs', clock.ago({ days: 1 }))));
const minutesUntil = (date: Date) => (date.getTime() - clock.now().getTime()) / 60_000;

describe('a rest that a server asks for', () => {
  const TWO_HOURS = { hours: -2 };
  const forms = {
    seconds: () => '7200',
    date: () => clock.ago(TWO_HOURS).toUTCString(),
    'seconds, twice': () => ['7200', '7200'],
  };
  const resting = (status: number, form: keyof typeof forms) => {
    const value = forms[form]();
    server.answer('/feed', (_request, response) =>
      response.setHeader('retry-after', value).writeHead(status).end(),
    );
  };

  test.each([
    [429, 'seconds'],
    [429, 'date'],
    [503, 'seconds'],
    [503, 'date'],
    [410, 'seconds'],
    [500, 'seconds, twice'],
  ] as const)('with %i and %s is kept by its whole site', async (status, form) => {
    const [blog, wiki] = [server.at('/blog', 'blog.pond.example'), server.at('/wiki')];
    const elsewhere = server.at('/lake', 'lake.example');
    for (const path of ['/blog', '/wiki', '/lake']) server.answer(path, news());
    await feeds.add(feedUrl(), blog, elsewhere);
    const until = clock.ago(TWO_HOURS);
    resting(status, form);
    await poll();
    await feeds.add(wiki);
    for (const url of [feedUrl(), blog, wiki]) {
      expect(await feeds.row(url)).toMatchObject({ retryAfterUntil: until, nextCheckAt: until });
    }
    expect((await feeds.row(wiki)).checkReason).toBe('retry-after');
    await clock.pass({ minutes: 119, seconds: 59 });
    await pollDueFeeds();
    for (const url of [blog, wiki]) expect(await feeds.poll(url)).toBeUndefined();
    expect(server.requests.map(({ path }) => path)).toEqual(['/feed', '/lake']);
    await clock.pass({ seconds: 1 });
    for (const url of [blog, wiki]) expect(await feeds.poll(url)).toBeDefined();
  });

  test('is kept by a feed that moves to its site', async () => {
    const mover = server.at('/old', 'lake.example');
    server.answer('/old', redirect(301, server.at('/new')));
    server.answer('/new', news());
    await feeds.add(feedUrl(), mover);
    await feeds.poll(mover);
    await clock.pass({ days: 7 });
    resting(429, 'seconds');
    await poll();
    await feeds.poll(mover);
    expect(await feeds.row(server.at('/new'))).toMatchObject({
      retryAfterUntil: clock.ago(TWO_HOURS),
    });
  });

  test('by who is redirected to is none of the sites of either', async () => {
    const [blog, other] = [server.at('/blog'), server.at('/lake', 'lake.example')];
    server.answer('/other', redirect(302, server.at('/feed', 'lake.example')));
    await feeds.add(server.at('/other'), blog, other);
    resting(429, 'seconds');
    await feeds.poll(server.at('/other'));
    expect((await feeds.row(server.at('/other'))).retryAfterUntil).not.toBeNull();
    for (const url of [blog, other]) expect((await feeds.row(url)).retryAfterUntil).toBeNull();
  });

  test.each([
    ['medium.com', 'medium.com'],
    ['a.substack.com', 'b.substack.com'],
    ['a.github.io', 'b.github.io'],
  ])('of a publisher at %s is none of another at %s', async (one, other) => {
    for (const host of [one, other]) server.names.set(host, ['127.0.0.1']);
    const [asked, free] = [server.at('/feed', one), server.at('/free', other)];
    const later = server.at('/later', other);
    await feeds.add(asked, free);
    resting(429, 'seconds');
    await feeds.poll(asked);
    await feeds.add(later);
    expect((await feeds.row(asked)).retryAfterUntil).not.toBeNull();
    for (const url of [free, later]) expect((await feeds.row(url)).retryAfterUntil).toBeNull();
  });

  test.each(['9'.repeat(20), 'Fri, 31 Dec 9999 23:59:59 GMT'])('of %s is a week', async (value) => {
    await feeds.add(feedUrl());
    answer(send(429, { 'retry-after': value }));
    await poll();
    expect((await feeds.row(feedUrl())).retryAfterUntil).toEqual(clock.ago({ days: -7 }));
  });

  test.each(['soon', '-5', ''])('of %j is none', async (value) => {
    await feeds.add(feedUrl());
    answer(send(429, { 'retry-after': value }));
    await poll();
    expect(minutesUntil((await feeds.row(feedUrl())).nextCheckAt)).toBeLessThanOrEqual(69);
  });
});

describe('a feed that is gone', () => {
  const say = async (...statuses: number[]) => {
    for (const status of statuses) {
      answer(status === 200 ? news() : send(status));
      await poll();
    }
    return (await feeds.row(feedUrl())).status;
  };

  test('for a day is asked no more, and keeps its archive', async () => {
    await feeds.add(feedUrl());
    await say(200, 500);
    await clock.pass({ days: 40 });
    expect(await say(500, 410)).toBe('active');
    await clock.pass({ hours: 23, minutes: 59, seconds: 59 });
    expect(await say(410)).toBe('active');
    await clock.pass({ seconds: 1 });
    expect(await say(410)).toBe('gone');
    const asked = server.requests.length;
    await clock.pass({ days: 30 });
    await pollDueFeeds();
    expect(server.requests.length).toBe(asked);
    expect(await feeds.posts()).toHaveLength(1);
    expect(await listNotices()).toMatchObject([{ kind: 'gone' }]);
  });

  test('is so whatever else fails meanwhile', async () => {
    await feeds.add(feedUrl());
    await say(200, 410);
    await clock.pass({ hours: 12 });
    expect(await say(500, 404)).toBe('active');
    await clock.pass({ hours: 12 });
    expect(await say(410)).toBe('gone');
  });

  test('is not, where it answered in between, be it with a page', async () => {
    await feeds.add(feedUrl());
    for (const there of [news(), send(200, {}, '<html><p>Back soon</p></html>')]) {
      await say(200, 410);
      await clock.pass({ hours: 20 });
      answer(there);
      await poll();
      await clock.pass({ hours: 20 });
      expect(await say(410)).toBe('active');
      await clock.pass({ hours: 23 });
      expect(await say(410)).toBe('active');
    }
    await clock.pass({ hours: 1 });
    expect(await say(410)).toBe('gone');
  });

  test('and is taken up again by the operator has another day', async () => {
    await feeds.add(feedUrl());
    await say(410);
    await clock.pass({ days: 1 });
    expect(await say(410)).toBe('gone');
    await setFeed((await feeds.row(feedUrl())).id, { status: 'active' });
    expect(await say(410)).toBe('active');
  });
});

describe('a feed that fails', () => {
  test('is asked after 1 h, 2 h, 4 h … 7 days, for ever, and told once, after 60 days', async () => {
    await feeds.add(feedUrl());
    answer(news());
    await poll();
    answer(send(500));
    const { slug, nextCheckAt } = await feeds.row(feedUrl());
    await clock.pass({ minutes: minutesUntil(nextCheckAt) });
    const since = clock.now().getTime();
    for (let failures = 0; clock.now().getTime() - since < 90 * 86_400_000; failures++) {
      await pollDueFeeds();
      const feed = await feeds.row(feedUrl());
      expect(feed).toMatchObject({ status: 'active', errorCount: failures + 1 });
      const hours = Math.min(2 ** failures, 7 * 24);
      const minutes = minutesUntil(feed.nextCheckAt);
      expect(minutes).toBeGreaterThanOrEqual(hours * 60 * 0.85);
      expect(minutes).toBeLessThanOrEqual(hours * 60 * 1.15);
      const isLong = clock.now().getTime() - since >= 60 * 86_400_000;
      expect((await listNotices()).map(({ kind }) => kind)).toEqual(isLong ? ['failing'] : []);
      expect((await getSource(slug))?.failsForLong).toBe(isLong);
      await clock.pass({ minutes });
    }
  });
});

describe('the next check', () => {
  type Headers = () => Record<string, string>;
  const expires = (hours: number, date = clock.now()) => ({
    date: date.toUTCString(),
    expires: new Date(date.getTime() + hours * 3_600_000).toUTCString(),
  });
  const cases: [wish: string, headers: Headers, from: number, to: number][] = [
    ['nothing', () => ({}), 51, 69],
    ['a minute', () => ({ 'cache-control': 'public, max-age=60' }), 51, 69],
    ['two hours', () => ({ 'cache-control': 'max-age=7200' }), 120, 138],
    ['a year', () => ({ 'cache-control': 'max-age=31536000' }), 1440, 1440],
    ['three hours by Expires', () => expires(3), 180, 207],
    ['those of a clock that is wrong', () => expires(3, clock.ago({ days: 400 })), 180, 207],
    ['the year 9999', () => ({ expires: 'Fri, 31 Dec 9999 23:59:59 GMT' }), 1440, 1440],
    ['the past', () => ({ expires: '0' }), 51, 69],
    ['nonsense', () => ({ expires: 'never', 'cache-control': 'max-age=-1' }), 51, 69],
  ];

  test.each(cases)('after a wish for %s, and a 304 to it', async (_wish, headers, from, to) => {
    await feeds.add(feedUrl());
    const body = rss('Pond News', items(1, 'Frogs', clock.ago({ days: 1 })));
    answer(stuck('"1"', send(200, headers(), body)));
    for (const outcome of ['read', 'unchanged', 'unchanged']) {
      expect(await poll()).toMatchObject({ outcome });
      const minutes = minutesUntil((await feeds.row(feedUrl())).nextCheckAt);
      expect(minutes).toBeGreaterThanOrEqual(from);
      expect(minutes).toBeLessThanOrEqual(to);
    }
  });
});

describe('the feeds of one host', () => {
  afterEach(() => provideSettings({ FETCH_HOST_DELAY_MS: '0', FETCH_HOST_CONCURRENCY: '16' }));

  test('are asked one at a time, with two seconds between', async () => {
    provideSettings({ FETCH_HOST_DELAY_MS: '', FETCH_HOST_CONCURRENCY: '' });
    await feeds.add(feedUrl(), server.at('/other'), server.at('/third'));
    for (let turn = 1; turn <= 3; turn++) {
      const feed = await claimDueFeed();
      expect(feed).toBeDefined();
      await clock.pass({ seconds: 10 });
      expect(await claimDueFeed()).toBeUndefined();
      if (feed !== undefined) await endTurn(feed);
      await clock.pass({ seconds: 1.999 });
      expect(await claimDueFeed()).toBeUndefined();
      await clock.pass({ seconds: 0.001 });
    }
  });
});

describe('many unseen items at once', () => {
  const cases: [old: number, days: number, isArchive: boolean][] = [
    [20, 3, false],
    [21, 3, true],
    [5, 31, false],
    [6, 31, true],
    [6, 29, false],
  ];

  test.each(cases)('%i of %i days ago are an archive: %s', async (count, days, isArchive) => {
    await feeds.add(feedUrl());
    answer(news());
    await poll();
    await clock.pass({ days: 1 });
    const old = items(count, 'Newts', clock.ago({ days }));
    const today = isArchive ? items(2, 'Herons', clock.ago({ hours: 1 })) : [];
    answer(send(200, {}, rss('Pond News', [...today, ...old])));
    await poll();
    const posts = await feeds.posts();
    const isNews = (name: string) =>
      posts.filter(({ title }) => title.startsWith(name)).map((post) => post.isNews);
    expect(isNews('Newts')).toEqual(Array(count).fill(!isArchive));
    expect(isNews('Herons')).toEqual(today.map(() => true));
  });
});
