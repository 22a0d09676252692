import { describe, expect, test } from 'vitest';
import { readBytes } from '../../../lib/ingest/read-bytes.ts';

const NOW = new Date('2026-03-01T00:00:00Z');

async function draftsOf(items: string, options: { feedTags?: string[] } = {}) {
  const xml =
    '<rss version="2.0"><channel><title>T</title><link>https://k.example/</link>' +
    `<language>en_GB</language>${items}</channel></rss>`;
  const outcome = await readBytes(new TextEncoder().encode(xml), {
    url: 'https://k.example/feed.xml',
    now: NOW,
    ...options,
  });
  if (outcome.kind !== 'read') throw new Error(outcome.message);
  return outcome;
}

const item = (content: string) => `<item>${content}</item>`;

describe('drafts', () => {
  test('carry all that a reader sees', async () => {
    const { drafts } = await draftsOf(
      item(
        '<title>On C++</title><link>http://k.example/a/?utm_source=x</link><guid>g1</guid>' +
          '<author>ada@k.example (Ada Nulla)</author><category>C++</category>' +
          '<pubDate>Tue, 17 Feb 2026 18:26:54 GMT</pubDate><description>&lt;p&gt;Hi&lt;/p&gt;</description>',
      ),
      { feedTags: ['Blogs'] },
    );
    expect(drafts[0]).toMatchObject({
      guid: 'g1',
      url: 'http://k.example/a/?utm_source=x',
      canonicalUrl: 'https://k.example/a',
      title: 'On C++',
      byline: 'Ada Nulla',
      publishedAt: new Date('2026-02-17T18:26:54Z'),
      updatedAt: null,
      tags: [
        { slug: 'c-plus-plus', name: 'C++' },
        { slug: 'blogs', name: 'Blogs' },
      ],
      language: 'en-gb',
      bodyHtml: '<p>Hi</p>',
      bodyText: 'Hi',
      summaryText: 'Hi',
      wordCount: 1,
    });
  });

  test('are equal for equal bytes, and differ in hash for any change', async () => {
    const one = item('<title>A</title><link>https://k.example/1</link>');
    const other = item('<title>B</title><link>https://k.example/1</link>');
    const [first, again, changed] = await Promise.all(
      [one, one, other].map((each) => draftsOf(each)),
    );
    expect(first).toEqual(again);
    expect(changed?.drafts[0]?.guidHash).toBe(first?.drafts[0]?.guidHash);
    expect(changed?.drafts[0]?.draftHash).not.toBe(first?.drafts[0]?.draftHash);
  });

  test('an item with the guid of an earlier one is dropped, and so is one that says nothing', async () => {
    const double = item('<guid isPermaLink="false">1</guid><title>A</title>');
    const outcome = await draftsOf(`${double}${double}<item></item>`);
    expect(outcome.drafts).toHaveLength(1);
    expect(outcome.dropped).toBe(2);
  });

  test('an id keeps its identity when a site moves to https', async () => {
    const of = (scheme: string) =>
      draftsOf(item(`<title>A</title><guid>${scheme}://k.example/1</guid>`));
    const [before, after] = await Promise.all([of('http'), of('https')]);
    expect(before.drafts[0]?.guidHash).toBe(after.drafts[0]?.guidHash);
  });

  test('an item without a title gets the first words of its text', async () => {
    const { drafts } = await draftsOf(
      item(`<link>https://k.example/1</link><description>${'word '.repeat(20)}</description>`),
    );
    expect(drafts[0]?.title).toBe(`${'word '.repeat(10).trim()}…`);
  });

  test('an item without an address gets one on its site that is its own', async () => {
    const { drafts } = await draftsOf(item('<title>A</title>') + item('<title>B</title>'));
    expect(new Set(drafts.map((draft) => draft.url)).size).toBe(2);
    expect(drafts[0]?.url).toMatch(/^https:\/\/k\.example\/#item-[0-9a-f]{16}$/u);
    expect(drafts[0]?.canonicalUrl).toBe(drafts[0]?.url);
  });

  test('fragments count where items differ only by them', async () => {
    const link = (fragment: string) =>
      item(`<title>${fragment}</title><link>https://k.example/log#${fragment}</link>`);
    const apart = await draftsOf(link('a') + link('b'));
    expect(apart.drafts.map((draft) => draft.canonicalUrl)).toEqual([
      'https://k.example/log#a',
      'https://k.example/log#b',
    ]);
    const alone = await draftsOf(link('a'));
    expect(alone.drafts[0]?.canonicalUrl).toBe('https://k.example/log');
  });

  test('a date in the far future is none', async () => {
    const { drafts } = await draftsOf(item('<title>A</title><pubDate>2027-01-01</pubDate>'));
    expect(drafts[0]?.publishedAt).toBeNull();
  });
});
