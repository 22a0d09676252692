import fc from 'fast-check';
import { parseAtomFeed, parseJsonFeed, parseRssFeed } from 'feedsmith';
import Parser from 'rss-parser';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../lib/ingest/guid.ts';
import { readBytes } from '../../lib/ingest/read-bytes.ts';
import type { PostView } from '../../lib/model/post.ts';
import { renderAtom } from '../../lib/syndicate/atom.ts';
import { renderJsonFeed } from '../../lib/syndicate/json-feed.ts';
import type { OutgoingFeed } from '../../lib/syndicate/outgoing-feed.ts';
import { renderRss } from '../../lib/syndicate/rss.ts';
import { shownPost as post } from '../support/shown-post.ts';

const SITE = 'https://planet.example';

const feed = (posts: PostView[]): OutgoingFeed => ({
  title: 'Tag Archives: NUMA',
  description: 'Posts about NUMA',
  pageUrl: `${SITE}/tag/numa`,
  selfUrl: `${SITE}/tag/numa/feed.xml`,
  siteUrl: SITE,
  posts,
});

describe('a list as RSS', () => {
  test('bears titles, authors, original links, lasting guids and full bodies', () => {
    const xml = renderRss(feed([post()]));
    const read = parseRssFeed(xml);
    expect(read).toMatchObject({
      title: 'Tag Archives: NUMA',
      link: `${SITE}/tag/numa`,
      language: 'en',
      lastBuildDate: 'Mon, 04 Jun 2018 09:00:00 GMT',
      ttl: 15,
      atom: { links: [{ href: `${SITE}/tag/numa/feed.xml`, rel: 'self' }] },
    });
    expect(read.items?.[0]).toMatchObject({
      title: 'NUMA for the rest of us',
      link: 'https://kernel.example/numa?a=1&b=2',
      guid: { value: `${SITE}/post/7`, isPermaLink: false },
      pubDate: 'Sun, 03 Jun 2018 18:20:00 GMT',
      dc: { creators: ['Ada Sample', 'Bob Sample'] },
      categories: [{ name: 'NUMA' }, { name: 'C++' }],
      description: 'Memory &amp; nodes: 1 &lt; 2',
      content: { encoded: '<p>Memory &amp; nodes: <code>]]&gt;</code> a ]]> b</p>' },
      source: { title: 'Kernel & Friends', url: 'https://kernel.example/feed.xml' },
      enclosures: [{ url: 'https://kernel.example/a.mp3', type: 'audio/mpeg', length: 12 }],
    });
  });

  test('shows no more of a post than its source allows', () => {
    const xml = (display: PostView['display']) => renderRss(feed([post({ display })]));
    expect(xml('excerpt')).toContain('1 &lt; 2');
    expect(xml('excerpt')).not.toContain('content:encoded>');
    expect(xml('link')).not.toContain('1 &lt; 2');
    for (const display of ['excerpt', 'link'] as const) {
      const json = renderJsonFeed(feed([post({ display })]));
      expect(renderAtom(feed([post({ display })]))).not.toContain('nodes: <code>');
      expect(json).not.toContain('<code>');
    }
  });

  test('the same posts give the same bytes', () => {
    expect(renderRss(feed([post()]))).toBe(renderRss(feed([post()])));
  });

  test('an empty list is a feed all the same', () => {
    expect(parseRssFeed(renderRss(feed([]))).title).toBe('Tag Archives: NUMA');
    expect(parseAtomFeed(renderAtom(feed([]))).title?.value).toBe('Tag Archives: NUMA');
    expect(parseJsonFeed(renderJsonFeed(feed([]))).items ?? []).toEqual([]);
  });
});

test('a list as Atom names its authors, sources and originals', () => {
  const read = parseAtomFeed(renderAtom(feed([post({ byline: '', authors: [] })])));
  expect(read.entries?.[0]).toMatchObject({
    id: `${SITE}/post/7`,
    title: { value: 'NUMA for the rest of us' },
    authors: [{ name: 'Kernel & Friends' }],
    source: { id: 'https://kernel.example/feed.xml' },
    updated: '2018-06-03T18:20:00.000Z',
    content: { type: 'html' },
  });
  expect(read.entries?.[0]?.links?.[0]).toMatchObject({
    href: 'https://kernel.example/numa?a=1&b=2',
    rel: 'alternate',
  });
});

test('a list as JSON Feed says its version and keeps what the others keep', () => {
  const document = JSON.parse(renderJsonFeed(feed([post()])));
  expect(document.version).toBe('https://jsonfeed.org/version/1.1');
  expect(document.items[0]).toMatchObject({
    id: `${SITE}/post/7`,
    url: 'https://kernel.example/numa?a=1&b=2',
    authors: [{ name: 'Ada Sample' }, { name: 'Bob Sample' }],
    tags: ['NUMA', 'C++'],
  });
});

describe('a list that names a hub', () => {
  const told = { ...feed([post()]), hubUrl: 'https://hub.example/?a=1&b=2' };

  test('does so in every format, beside itself', () => {
    const hub = { href: 'https://hub.example/?a=1&b=2', rel: 'hub' };
    const self = { href: `${SITE}/tag/numa/feed.xml`, rel: 'self' };
    expect(parseRssFeed(renderRss(told)).atom?.links).toMatchObject([self, hub]);
    expect(parseAtomFeed(renderAtom(told)).links).toMatchObject([self, hub, { rel: 'alternate' }]);
    expect(JSON.parse(renderJsonFeed(told)).hubs).toEqual([{ type: 'WebSub', url: hub.href }]);
  });

  test('is the only one that speaks of hubs', () => {
    for (const text of [renderRss, renderAtom, renderJsonFeed].map((one) => one(feed([post()])))) {
      expect(text).not.toMatch(/hub/iu);
    }
  });
});

test('a post that has changed says when: as its publisher says, else as we saw it', () => {
  const seen = { updatedAt: null, version: 2, revisedAt: '2018-06-07T08:00:00.000Z' };
  const told = { ...seen, updatedAt: '2018-06-06T10:00:00.000Z' };
  for (const [changes, when] of [
    [seen, seen.revisedAt],
    [told, told.updatedAt],
  ] as const) {
    const changed = feed([post(changes)]);
    expect(parseAtomFeed(renderAtom(changed)).entries?.[0]?.updated).toBe(when);
    expect(parseRssFeed(renderRss(changed)).items?.[0]?.atom?.updated).toBe(when);
    expect(JSON.parse(renderJsonFeed(changed)).items[0].date_modified).toBe(when);
  }
  expect(renderRss(feed([post()]))).not.toContain('updated>');
});

test('languages stand at each post, and at the feed where it has but one', () => {
  const both = feed([
    post(),
    post({ id: 8, language: 'de-at' }),
    post({ id: 9, language: 'Deutsch!' }),
  ]);
  const one = feed([post()]);
  expect(parseAtomFeed(renderAtom(one)).xml).toEqual({ lang: 'en' });
  const atom = parseAtomFeed(renderAtom(both));
  expect(atom.xml).toBeUndefined();
  expect(atom.entries?.map(({ xml }) => xml?.lang)).toEqual(['en', 'de-at', undefined]);
  const rss = parseRssFeed(renderRss(both));
  expect(rss.items?.map(({ dc }) => dc?.languages?.[0])).toEqual(['en', 'de-at', undefined]);
  const { items } = JSON.parse(renderJsonFeed(both));
  expect(items.map(({ language }: { language?: string }) => language)).toEqual([
    'en',
    'de-at',
    undefined,
  ]);
});

test('all enclosures go on; RSS has the first as one, and others as Media RSS', () => {
  const enclosures = ['a.mp3', 'b.pdf'].map((name) => ({
    url: `https://kernel.example/${name}`,
    length: 7,
  }));
  const many = feed([post({ enclosures })]);
  const item = parseRssFeed(renderRss(many)).items?.[0];
  expect(item?.enclosures?.map(({ url }) => url)).toEqual(['https://kernel.example/a.mp3']);
  expect(item?.media?.contents).toEqual([{ url: 'https://kernel.example/b.pdf', fileSize: 7 }]);
  const links = parseAtomFeed(renderAtom(many)).entries?.[0]?.links ?? [];
  expect(links.filter(({ rel }) => rel === 'enclosure')).toHaveLength(2);
  expect(JSON.parse(renderJsonFeed(many)).items[0].attachments).toHaveLength(2);
});

test('an original is named with its feed and its site', () => {
  const { source } = parseAtomFeed(renderAtom(feed([post()]))).entries?.[0] ?? {};
  expect(source).toMatchObject({
    id: 'https://kernel.example/feed.xml',
    title: { value: 'Kernel & Friends' },
    links: [
      { href: 'https://kernel.example/feed.xml', rel: 'self' },
      { href: 'https://kernel.example/', rel: 'alternate' },
    ],
  });
});

/** What XML 1.0 allows and does not discourage (section 2.2). */
const isXml = (character: string) =>
  /[\t\n\r]/u.test(character) || !/[\p{Cc}\p{Noncharacter_Code_Point}]/u.test(character);

/** As an XML parser reads text: line ends are one kind, and elements' text is trimmed by ours. */
const read = (text: string) => text.replace(/\r\n?/gu, '\n').trim();

test('whatever a post contains, the feeds are well formed and say the same', async () => {
  const strict = new Parser();
  // Half surrogates and control characters as well: publishers send them.
  const unit = fc.integer({ min: 0, max: 0xffff });
  const text = fc.array(unit, { maxLength: 40 }).map((units) => String.fromCharCode(...units));
  await fc.assert(
    fc.asyncProperty(text, text, text, async (title, body, name) => {
      const odd = post({
        title: `x${title}x`,
        bodyHtml: `<p>${body}]]></p>`,
        summaryText: `s${body}s`,
        tags: [{ slug: 'odd', name: `t${name}t` }],
        authors: [{ name: `a${name}a`, slug: 'odd' }],
      });
      const visible = (given: string) => read([...given.toWellFormed()].filter(isXml).join(''));
      const { items } = await strict.parseString(renderRss(feed([odd])));
      expect(read(items[0]?.title ?? '')).toBe(visible(odd.title));
      expect(read(items[0]?.['content:encoded'] ?? '')).toBe(visible(odd.bodyHtml));
      const atom = await strict.parseString(renderAtom(feed([odd])));
      expect(read(atom.items[0]?.title ?? '')).toBe(visible(odd.title));
      expect(JSON.parse(renderJsonFeed(feed([odd]))).items).toHaveLength(1);
    }),
    { numRuns: 200 },
  );
});

test('what came with a post goes on in all formats: picture, discussion, licence', () => {
  const rich = post({
    pictureUrl: 'https://kernel.example/a.png?w=1&h=2',
    commentsUrl: 'https://kernel.example/numa#comments',
    licence: { url: 'https://creativecommons.org/licenses/by/4.0/', text: '© Ada & Bob' },
  });
  const item = parseRssFeed(renderRss(feed([rich]))).items?.[0];
  expect(item).toMatchObject({
    comments: 'https://kernel.example/numa#comments',
    dc: { rights: ['© Ada & Bob'] },
    creativeCommons: { licenses: ['https://creativecommons.org/licenses/by/4.0/'] },
    media: { thumbnails: [{ url: 'https://kernel.example/a.png?w=1&h=2' }] },
  });
  const entry = parseAtomFeed(renderAtom(feed([rich]))).entries?.[0];
  expect(entry).toMatchObject({
    rights: { value: '© Ada & Bob' },
    media: { thumbnails: [{ url: 'https://kernel.example/a.png?w=1&h=2' }] },
  });
  expect(entry?.links).toContainEqual({
    href: 'https://creativecommons.org/licenses/by/4.0/',
    rel: 'license',
  });
  const json = parseJsonFeed(renderJsonFeed(feed([rich])));
  expect(json.items?.[0]?.image).toBe('https://kernel.example/a.png?w=1&h=2');
});

test('posts that were withdrawn stand in Atom as tombstones, which we read ourselves', async () => {
  const tombstones = [{ id: 8, withdrawnAt: '2018-06-05T09:00:00.000Z' }];
  const xml = renderAtom({ ...feed([post({ bodyHtml: 'the end: </feed>' })]), tombstones });
  expect(xml.match(/<at:deleted-entry/gu)).toHaveLength(1);
  expect(parseAtomFeed(xml).updated).toEqual('2018-06-05T09:00:00.000Z');
  const read = await readBytes(new TextEncoder().encode(xml), { url: SITE, now: new Date() });
  if (read.kind !== 'read') throw new Error(read.message);
  expect(read.drafts).toHaveLength(1);
  expect(read.deletedGuids).toEqual([sha256(`//planet.example/post/8`)]);
});

describe('a feed with an archive behind it', () => {
  const at = (path: string) => `${SITE}/tag/numa/${path}`;
  const current: OutgoingFeed = {
    ...feed([post()]),
    hubUrl: 'https://hub.example/',
    olderUrl: at('archive/64-99/feed.xml'),
  };
  const archived: OutgoingFeed = {
    ...feed([post()]),
    selfUrl: at('archive/64-99/feed.xml'),
    currentUrl: at('feed.xml'),
    olderUrl: at('archive/0-63/feed.xml'),
    newerUrl: at('archive/100-120/feed.xml'),
  };
  const linksOf = (links: { rel?: string; href?: string }[] = []) =>
    Object.fromEntries(links.map(({ rel, href }) => [rel, href]));

  test('leads to the newest part of it, and is no archive itself', () => {
    const rss = renderRss(current);
    const atom = renderAtom(current);
    for (const links of [parseRssFeed(rss).atom?.links, parseAtomFeed(atom).links]) {
      expect(linksOf(links)).toMatchObject({
        'prev-archive': current.olderUrl,
        hub: current.hubUrl,
      });
    }
    expect(rss + atom).not.toContain('archive xmlns');
    expect(JSON.parse(renderJsonFeed(current)).next_url).toBe(current.olderUrl);
  });

  test('has parts that say what they are and lead both ways, without a hub (RFC 5005, section 4)', () => {
    const rss = renderRss(archived);
    const atom = renderAtom(archived);
    for (const links of [parseRssFeed(rss).atom?.links, parseAtomFeed(atom).links]) {
      expect(linksOf(links)).toMatchObject({
        self: archived.selfUrl,
        current: archived.currentUrl,
        'prev-archive': archived.olderUrl,
        'next-archive': archived.newerUrl,
      });
      expect(linksOf(links)).not.toHaveProperty('hub');
    }
    for (const xml of [rss, atom]) {
      expect(xml).toContain('<fh:archive xmlns:fh="http://purl.org/syndication/history/1.0"/>');
    }
    expect(parseAtomFeed(atom).id).toBe(parseAtomFeed(renderAtom(current)).id);
    expect(JSON.parse(renderJsonFeed(archived))).toMatchObject({
      feed_url: archived.selfUrl,
      next_url: archived.olderUrl,
    });
  });
});
