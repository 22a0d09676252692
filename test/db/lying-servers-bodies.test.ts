import { describe, expect, test } from 'vitest';
import { readFeed } from '../../lib/ingest/read-feed.ts';
import { BODY_BYTES_MAX, REDIRECTS_MAX } from '../../lib/model/fetch-policy.ts';
import { atom, rss } from '../support/feed-server.ts';
import { useLyingFeed } from '../support/lying-feed.ts';
import {
  type Coding,
  drip,
  PACKERS,
  packed,
  raw,
  redirect,
  send,
  stuck,
} from '../support/lying-server.ts';

// Bodies that are not what their servers say. The table in lying-servers.test.ts says where each
// number is.

const { clock, server, feeds, feedUrl, answer, feed, poll, titles, known } = useLyingFeed();

describe('a body that does not end', () => {
  test.each([
    [429, { 'retry-after': '7200' }, 'rate-limited'],
    [410, {}, 'gone'],
  ] as const)('does not keep the answer %i from being heard', async (status, headers, kind) => {
    await feeds.add(feedUrl());
    answer(drip(status, headers));
    await poll();
    expect(await feeds.row(feedUrl())).toMatchObject({ errorKind: kind });
  });

  test.each(Object.keys(PACKERS) as Coding[])('is refused as %s after 8 MB', async (coding) => {
    await known('One');
    answer(packed(coding, Buffer.alloc(16 * 1024 * 1024)));
    expect(BODY_BYTES_MAX).toBe(8 * 1024 * 1024);
    expect(await poll()).toMatchObject({ outcome: 'failed', message: /more than 8 MB/u });
    expect(await feeds.row(feedUrl())).toMatchObject({ errorKind: 'too-large' });
  });

  test.each(Object.keys(PACKERS) as Coding[])(
    'or ends too soon as %s is not read',
    async (coding) => {
      await known('One');
      answer(packed(coding, feed('Two', 'One'), 200));
      expect(await poll()).toMatchObject({ outcome: 'failed' });
      expect(await titles()).toEqual(['One']);
    },
  );

  test('after five redirects and one is a failure like any other', async () => {
    await known('One');
    for (let hop = 1; hop <= REDIRECTS_MAX + 1; hop++) {
      server.answer(`/${hop}`, redirect(301, `/${hop + 1}`));
    }
    answer(redirect(301, '/2'));
    server.answer(`/${REDIRECTS_MAX + 1}`, send(200, {}, feed('Two', 'One')));
    expect(await poll()).toMatchObject({ outcome: 'read', inserted: 1 });
    server.answer(`/${REDIRECTS_MAX + 1}`, redirect(301, `/${REDIRECTS_MAX + 2}`));
    server.answer(`/${REDIRECTS_MAX + 2}`, send(200, {}, feed('Three')));
    expect(await poll()).toMatchObject({ outcome: 'failed' });
    expect(await feeds.row(feedUrl())).toMatchObject({ errorKind: 'too-many-redirects' });
  });
});

describe('a body that breaks off', () => {
  const whole = rss('Pond News', [
    { title: 'Three', text: 'The third text, of some length.' },
    { title: 'Two', text: 'The second text, of some length.' },
    { title: 'One', text: 'The first text, of some length.' },
  ]);
  const http = (body: string, length: number) =>
    `HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: ${length}\r\n\r\n${body}`;

  test('before the length that was announced is not read', async () => {
    await known('One');
    answer(raw(http(whole, whole.length + 10)));
    expect(await poll()).toMatchObject({ outcome: 'failed' });
    expect(await titles()).toEqual(['One']);
  });

  test('at too short a length gives its whole items, and the others with the next poll', async () => {
    await known('One');
    const cut = whole.indexOf('second text') + 3;
    answer(raw(http(whole, cut)));
    expect(await poll()).toMatchObject({ outcome: 'read', inserted: 1 });
    expect(await titles()).toEqual(['One', 'Three']);
    answer(stuck('"1"', send(200, {}, whole)));
    expect(await poll()).toMatchObject({ outcome: 'read', inserted: 1 });
    const two = (await feeds.posts()).find(({ title }) => title === 'Two');
    expect(two).toMatchObject({ text: 'The second text, of some length.', versions: 0 });
  });

  test.each(['<b>', '<!-- cached'])('only after its end (%s) has not broken off', async (rest) => {
    await feeds.add(feedUrl());
    answer(stuck('"1"', send(200, {}, whole + rest)));
    expect(await poll()).toMatchObject({ outcome: 'read', inserted: 3 });
    expect(await poll()).toMatchObject({ outcome: 'unchanged' });
    expect(server.requests.at(-1)?.headers['if-none-match']).toBe('"1"');
  });

  test('does not lend its rest to the next answer of that connection', async () => {
    const evil = http(feed('Evil'), feed('Evil').length);
    answer(raw(http(feed('One') + evil, feed('One').length), { hangsUp: false }));
    server.answer('/other', send(200, {}, feed('Good')));
    await feeds.add(feedUrl(), server.at('/other'));
    await poll();
    await feeds.poll(server.at('/other'));
    expect(await titles()).toEqual(['One', 'Good']);
  });

  test.each([
    ['RSS', whole],
    ['Atom', atom('Pond News', [{ title: 'Two', tags: ['Water'] }, { title: 'One' }])],
  ])('anywhere gives of its items in %s only whole ones', async (_format, text) => {
    const options = { url: 'http://pond.example/feed', now: clock.now() };
    const read = async (length: number) => {
      const outcome = await readFeed(Buffer.from(text).subarray(0, length), options);
      return outcome.kind === 'read' ? outcome.drafts : [];
    };
    const all = await read(text.length);
    const counts = new Set<number>();
    for (let length = 0; length < text.length; length += 7) {
      const drafts = await read(length);
      expect(drafts, `after ${length} bytes`).toEqual(all.slice(0, drafts.length));
      counts.add(drafts.length);
    }
    expect([...counts]).toEqual(all.map((_, count) => count).concat(all.length));
  });

  test('says nothing of the items that are missing', async () => {
    await known('One');
    const moved = (title: string, link: string) => ({ title, link, guid: link, text: 'As ever.' });
    const a = moved('Weekly', 'https://example.org/1');
    answer(send(200, {}, rss('Pond News', [a])));
    await poll();
    const b = { ...a, link: 'https://example.org/2', guid: 'https://example.org/2' };
    const both = rss('Pond News', [b, a]);
    answer(send(200, {}, both.slice(0, both.lastIndexOf('<item>'))));
    await poll();
    answer(send(200, {}, both));
    await poll();
    expect(await titles()).toEqual(['One', 'Weekly', 'Weekly']);
  });
});

describe('a type that lies', () => {
  const item = rss('Pond News', [{ title: 'Käse', text: 'Über den Käse.' }]);
  const json = JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: 'Pond News',
    items: [
      { id: '1', url: 'https://example.org/1', title: 'Käse', content_text: 'Über den Käse.' },
    ],
  });

  const charsets = ['utf-16', 'utf-32', 'ucs-4', 'unicode', 'binary', 'base64', 'hex', 'latin1'];
  const declared = ['UTF-16', 'ISO-10646-UCS-4', 'iso-8859-15', 'windows-1251'];
  const lies: [type: string, body: string][] = [
    ['text/html', item],
    ['image/png', item],
    ['application/json', item],
    ['application/octet-stream', item],
    ['', item],
    ['nonsense;;;charset=', item],
    ['text/plain', json],
    ['application/rss+xml', json],
    ...charsets.map((name): [string, string] => [`text/xml; charset=${name}`, item]),
    ...declared.map((name): [string, string] => [
      'text/xml',
      item.replace('?>', ` encoding="${name}"?>`),
    ]),
  ];

  test.each(lies)('%j does not keep what can be read from being read', async (type, body) => {
    await feeds.add(feedUrl());
    answer(send(200, type === '' ? {} : { 'content-type': type }, body));
    expect(await poll()).toMatchObject({ outcome: 'read' });
    expect(await feeds.posts()).toMatchObject([{ title: 'Käse', text: 'Über den Käse.' }]);
  });

  test('and calls a page a feed stores nothing', async () => {
    await known('One');
    answer(send(200, { 'content-type': 'application/rss+xml' }, '<html><p>Hello</p></html>'));
    expect(await poll()).toMatchObject({ outcome: 'failed' });
    expect(await feeds.row(feedUrl())).toMatchObject({ errorKind: 'html-page' });
  });
});
