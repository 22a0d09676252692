import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLinkHeader } from '../../../lib/ingest/link-header.ts';
import { parseForShow } from '../../../lib/ingest/read-bytes.ts';

const BASE = 'https://blog.example/feed.xml';
const read = (header: string) => readLinkHeader(header, BASE);
const HUB = 'https://hub.example/';

describe('a Link header', () => {
  test.each([
    [`<${HUB}>; rel="hub", <https://blog.example/feed>; rel="self"`, 'https://blog.example/feed'],
    [`<${HUB}>;rel=hub,</feed>;rel=self`, 'https://blog.example/feed'],
    [`<${HUB}> ; REL = "next HUB" ; title="a, <b>; rel=x", <>; rel=self`, undefined],
    [`<https://a.example/?a=1,2;b>; rel=next, <${HUB}>; rel=hub`, undefined],
    [`nonsense, <${HUB}>; rel=hub; rel=self`, undefined],
    [`<${HUB}>; title="with \\" in it"; rel=hub`, undefined],
  ])('%s names a hub', (header, self) => {
    expect(read(header)).toEqual({ hubs: [HUB], ...(self ? { self } : {}) });
  });

  test('may name several hubs, in its order', () => {
    expect(read('<https://b.example/>; rel=hub, <https://a.example/>; rel=hub').hubs).toEqual([
      'https://b.example/',
      'https://a.example/',
    ]);
  });

  test('of something else, or to no web address, says nothing', () => {
    expect(read(`<${HUB}>; rel=hub; anchor="https://other.example/"`).hubs).toEqual([]);
    expect(read('<javascript:alert(1)>; rel=hub, <mailto:a@b>; rel=hub').hubs).toEqual([]);
    expect(read(`<${HUB}>; rel=github`).hubs).toEqual([]);
    expect(read(`<${HUB}>; rel=next; rel=hub`).hubs).toEqual([]);
    expect(read('')).toEqual({ hubs: [] });
  });

  test('is read to its end in any case, and gives web addresses only', () => {
    const part = fc.constantFrom(
      '<',
      '>',
      ';',
      ',',
      '"',
      '\\',
      '=',
      ' ',
      'rel',
      'hub',
      'self',
      '/a',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string()), { maxLength: 60 }), (parts) => {
        const { hubs, self } = read(parts.join(''));
        for (const url of [...hubs, ...(self ? [self] : [])]) expect(url).toMatch(/^https?:/iu);
      }),
    );
  });

  test.each(['<', ',<', ';a="', '<a>;a="\\"', '<a>;'])(
    'of 32 KB of %s is read like any',
    (part) => {
      expect(read(part.repeat(32_768 / part.length)).hubs).toEqual([]);
    },
  );
});

describe('a document', () => {
  const channelOf = async (text: string) => {
    const outcome = await parseForShow(new TextEncoder().encode(text), { url: BASE });
    if (outcome.kind !== 'parsed') throw new Error(outcome.message);
    return outcome.feed.channel;
  };
  const links = '<link rel="hub" href="/hub"/><link rel="HUB" href="https://b.example/"/>';

  test.each([
    [
      'RSS',
      `<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel><title>T</title>
       ${links.replaceAll('<link', '<a:link')}<a:link rel="self" href="feed"/></channel></rss>`,
    ],
    [
      'Atom',
      `<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>${links}
       <link rel="self" href="feed"/></feed>`,
    ],
    [
      'JSON Feed',
      JSON.stringify({
        version: 'https://jsonfeed.org/version/1.1',
        title: 'T',
        feed_url: 'feed',
        hubs: [
          { type: 'rssCloud', url: 'https://c.example/' },
          { type: 'WebSub', url: '/hub' },
          { type: 'websub', url: 'javascript:x' },
          { type: 'WebSub', url: 'https://b.example/' },
        ],
        items: [],
      }),
    ],
  ])('of %s names its hubs in their order, and itself', async (_, text) => {
    const { hubs, self } = await channelOf(text);
    expect(hubs).toEqual(['https://blog.example/hub', 'https://b.example/']);
    expect(self).toBe('https://blog.example/feed');
  });

  test('without a hub names none', async () => {
    expect(await channelOf('<rss version="2.0"><channel></channel></rss>')).not.toHaveProperty(
      'hubs',
    );
  });
});
