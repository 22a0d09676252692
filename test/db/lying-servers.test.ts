import { describe, expect, test } from 'vitest';
import { fetchGuarded } from '../../lib/fetch/client.ts';
import { fetchFeed } from '../../lib/ingest/fetch-feed.ts';
import { settleMove } from '../../lib/ingest/moves.ts';
import { FETCH_MS_MAX } from '../../lib/model/fetch-policy.ts';
import { rss } from '../support/feed-server.ts';
import { useLyingFeed } from '../support/lying-feed.ts';
import { NEVER, raw, redirect, send, stuck } from '../support/lying-server.ts';

// Where each number is tested. What a server answers is here and, where its bodies lie, in
// lying-servers-bodies.test.ts ("bodies" below); when it is asked is in lying-servers-pace.test.ts
// ("pace").
//
// | number | where |
// | --- | --- |
// | 304 for ever: one unconditional request a week | here |
// | no validators: the body's hash says unchanged | poll-feeds |
// | a permanent redirect is stored after 7 days of one answer | poll-pace, portals here |
// | http to https of one host at once | here |
// | 20 s in all | here (the limit), fetch-feed (that it ends a drip) |
// | 8 MB after decompression, exactly | fetch-feed; in every encoding bodies |
// | 5 redirects | fetch-redirects, and bodies that no item is lost |
// | broken off, wrong Content-Length, wrong Content-Type | bodies; encodings also unit decode |
// | rotating guids, an archive with new times | here; identity |
// | the connected address on every hop | here; fetch-redirects, unit guard |
// | 429 and 503, Retry-After in both forms, whole sites | pace; unit site, poll-pace (many at once) |
// | 410 twice, 24 h apart | pace; notices |
// | errors from 1 h to 7 days, told after 60 | pace; notices |
// | 60 min, 15 min to 24 h, 15 % by chance; what lengthens it | unit next-check; 304s in pace |
// | one request at a time for a host, 2 s between | pace (the defaults), host-turns |
// | our own network | poll-pace, notices, unit network-watch |
// | backfill: 20 items and 5 weeks, 5 items of 30 days | unit backfill, floods; polled in pace |

const { clock, server, feeds, feedUrl, answer, feed, poll, titles, known } = useLyingFeed();

describe('“not modified” for ever', () => {
  test('is doubted once a week', async () => {
    await feeds.add(feedUrl());
    let body = feed('One');
    answer(stuck('"always"', (...of) => send(200, {}, body)(...of)));
    for (let day = 0; day <= 21; day++) {
      await poll();
      body = feed(`Of day ${day}`, 'One');
      await clock.pass({ days: 1 });
    }
    const asked = server.requests.map(({ headers }) => headers['if-none-match']);
    const unconditional = asked.flatMap((etag, day) => (etag === undefined ? [day] : []));
    expect(unconditional).toEqual([0, 7, 14, 21]);
    expect(await titles()).toEqual(['One', 'Of day 6', 'Of day 13', 'Of day 20']);
  });

  test('to who did not ask for that is a failure, and makes no unread feed a read one', async () => {
    await feeds.add(feedUrl());
    answer(send(304));
    expect(await poll()).toMatchObject({ outcome: 'failed', message: /did not ask/u });
    expect(await feeds.row(feedUrl())).toMatchObject({ firstGoodAt: null, errorCount: 1 });
    answer(send(200, {}, feed('Old', 'Older')));
    await poll();
    expect(await feeds.posts()).toMatchObject([{ backfill: true }, { backfill: true }]);
  });

  test('by a validator too long to be sent back is not asked for', async () => {
    await feeds.add(feedUrl());
    const etag = `"${'x'.repeat(8000)}"`;
    answer(send(200, { etag }, feed('One')));
    await poll();
    await poll();
    expect(server.requests.map(({ headers }) => headers['if-none-match'])).toEqual(
      Array(2).fill(undefined),
    );
  });
});

describe('a captive portal', () => {
  test('that sends everybody to its own page for two weeks moves no feed and ends none', async () => {
    await known('One');
    answer(redirect(301, server.at('/login', 'portal.example')));
    server.answer('/login', send(200, { 'content-type': 'text/html' }, '<html><p>Hello</html>'));
    for (let day = 0; day < 14; day++) {
      expect(await poll()).toMatchObject({ outcome: 'failed' });
      await clock.pass({ days: 1 });
    }
    expect(await feeds.row(feedUrl())).toMatchObject({ status: 'active', errorCount: 14 });
    answer(send(200, {}, feed('Two', 'One')));
    expect(await poll()).toMatchObject({ outcome: 'read', inserted: 1 });
  });

  test('is no TLS: only from http to https of one host a redirect is stored at once', () => {
    const from = { url: 'http://pond.example/feed', movedTo: null, movedSince: null };
    const now = clock.now();
    const to = (url: string) => settleMove(from, url, now);
    expect(to('https://pond.example/feed.xml')).toEqual({
      move: null,
      newUrl: 'https://pond.example/feed.xml',
    });
    for (const url of ['https://www.pond.example/feed', 'http://pond.example/feed.xml']) {
      expect(to(url)).toEqual({ move: { to: url, since: now } });
    }
  });
});

describe('items that change their names', () => {
  const names = ['Reeds', 'Carps', 'Frogs', 'Newts', 'Ducks', 'Herons'].map(
    (name) => `${name} of the year`,
  );
  const archive = (round: number, { dates, links }: { dates?: string; links?: boolean } = {}) =>
    rss(
      'Pond News',
      names.map((title, i) => ({
        title,
        guid: `${i}-${round}`,
        date: dates ?? `2026-05-2${i}T10:00:00Z`,
        ...(links ? { link: `https://example.org/${i}?sid=${round}` } : {}),
      })),
    );

  test.each([{}, { links: true }])('in each answer are no doubles: %j', async (wish) => {
    await feeds.add(feedUrl());
    for (let round = 0; round < 5; round++) {
      answer(send(200, {}, archive(round, wish)));
      await poll();
      await clock.pass({ hours: 1 });
    }
    expect(await titles()).toEqual(names);
  });

  test.each([0, 1])(
    'and bear the time of each answer are no news, and stay in their places: %i',
    async (rotates) => {
      await feeds.add(feedUrl());
      answer(send(200, {}, archive(0)));
      await poll();
      const before = await feeds.posts();
      for (let round = 1; round < 4; round++) {
        await clock.pass({ days: 1 });
        answer(send(200, {}, archive(round * rotates, { dates: clock.now().toISOString() })));
        await poll();
      }
      const after = await feeds.posts();
      const place = ({ title, sortAt, isNews }: (typeof after)[0]) => [title, sortAt, isNews];
      expect(after.map(place)).toEqual(before.map(place));
      expect(after.every(({ isNews }) => !isNews)).toBe(true);
    },
  );
});

describe('a name that leads elsewhere at the second look', () => {
  const open = '127.0.0.1';
  test.each(['10.0.0.1', '169.254.169.254'])('is not followed to %s', async (inner) => {
    await feeds.add(server.at('/feed', 'rebinding.example'));
    answer(send(200, {}, feed('One')));
    server.names.set('rebinding.example', [open, inner]);
    expect(await feeds.poll(server.at('/feed', 'rebinding.example'))).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining(`resolves to ${inner}`),
    });
    expect(server.requests).toEqual([]);
  });

  test('is not followed at any hop of a redirect', async () => {
    await known('One');
    const before = server.requests.length;
    answer(redirect(302, server.at('/2', 'b.example')));
    server.answer('/2', redirect(302, server.at('/3', 'rebinding.example')));
    server.answer('/3', send(200, {}, feed('Evil')));
    server.names.set('rebinding.example', [open, '192.168.0.1']);
    await poll();
    expect(await feeds.row(feedUrl())).toMatchObject({ errorKind: 'blocked' });
    expect(server.requests.slice(before).map(({ path }) => path)).toEqual(['/feed', '/2']);
  });
});

describe('a name server that never answers', () => {
  test.each([[NEVER], ['127.0.0.1', NEVER]])('ends with the deadline: %s %s', async (...told) => {
    server.names.set('silent.example', told);
    const url = server.at('/feed', 'silent.example');
    const timedOut = { kind: 'failed', error: 'timeout' };
    expect(await fetchGuarded({ url, deadlineMs: 200 })).toMatchObject(timedOut);
    expect(FETCH_MS_MAX).toBe(20_000);
  });
});

describe('the address in a redirect', () => {
  const location = (value: string) =>
    `HTTP/1.1 301 Moved\r\nLocation: ${value}\r\nConnection: close\r\n\r\n`;

  test('may be UTF-8 that nobody escaped', async () => {
    answer(raw(location('/käse/✓')));
    server.answer('/k%C3%A4se/%E2%9C%93', send(200, {}, feed('One')));
    expect(await fetchFeed(feedUrl(), {})).toMatchObject({ kind: 'modified' });
  });

  test('counts once when it is given twice', async () => {
    answer(raw(location('/2').replace('Connection', 'Location: /2\r\nConnection')));
    server.answer('/2', send(200, {}, feed('One')));
    expect(await fetchGuarded({ url: feedUrl() })).toMatchObject({ status: 200 });
  });
});
