import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeReadThreads } from '../../lib/ingest/read-feed.ts';
import { countSearchWords } from '../../lib/store/search-words.ts';
import { useDatabase } from '../support/database.ts';
import { expectArchive, expectFeed, search } from '../support/expect-archive.ts';
import { runWell, type SampleSite, startSampleSite } from '../support/polled-site.ts';
import { readPage } from '../support/read-page.ts';

// From feeds to the tag archive, by the commands and over HTTP all the way.

describe('the sample feeds, in every format', () => {
  useDatabase();
  let site: SampleSite;

  beforeAll(async () => {
    site = await startSampleSite();
  });
  afterAll(async () => {
    await site.stop();
    await closeReadThreads();
  });

  const expected = (rows: [title: string, author: string, path: string][]) =>
    rows.map(([title, author, place]) => ({ title, author, url: `${site.samples.url}/${place}` }));
  /** From RSS 1.0, RSS 2.0, Atom with HTML and with XHTML, and JSON Feed. */
  const testing = () =>
    expected([
      ['Types at the border', 'Pia Rehnquist', 'compiler-weather/types-at-the-border'],
      [
        'Configuration is code that was not reviewed',
        'Dario Penn',
        'load-bearing/configuration-is-code-that-was-not-reviewed',
      ],
      ['Focus is a cursor', 'Nell Abara', 'plain-markup/focus-is-a-cursor'],
      ['Testing file systems by pulling the plug', 'sable', 'kernel-margins/8977'],
      [
        'Eleven ways to store a timestamp',
        'Teo Lindqvist',
        'slow-query/eleven-ways-to-store-a-timestamp',
      ],
      ['Fuzzing for the shy', 'Pia Rehnquist', 'compiler-weather/fuzzing-for-the-shy'],
      ['Warnings as weather', 'Viktor Amsel', 'compiler-weather/warnings-as-weather'],
      ['Twenty-five years of the same bug', 'sable', 'kernel-margins/8750'],
    ]);

  test('give a tag’s archive with the posts of all of them, newest first', async () => {
    await expectArchive(site, 'testing', 'Testing', testing());
  });

  test('give the same posts in the tag’s feed', async () => {
    await expectFeed(site, 'testing', testing());
  });

  test('in windows-1251 and without authors are as readable as any', async () => {
    const author = 'Записки о байтах';
    const posts = expected([
      ['Что сервер говорит между строк', author, 'zapiski/chto-server-govorit'],
      ['Сжатие и доверие', author, 'zapiski/szhatie-i-doverie'],
      ['Почему имена важнее адресов', author, 'zapiski/imena-vazhnee-adresov'],
    ]);
    await expectArchive(site, 'сети', 'Сети', posts);
  });

  test('that share a story give one post, which names both', async () => {
    const page = readPage(await (await site.get('/tag/operations')).text());
    const title = 'The backup that was never restored';
    expect(page.posts.filter((post) => post.title === title)).toHaveLength(1);
    expect(page.posts).toHaveLength(12);
    expect(page.text).toMatch(/also in (Night Shift|Slow Query)/u);
  });

  test('let readers ask whether a tag’s feed has changed', async () => {
    const read = (headers: Record<string, string> = {}) =>
      site.get('/tag/testing/feed.xml', { headers });
    const first = await read();
    const etag = first.headers.get('etag') ?? '';
    const modified = first.headers.get('last-modified') ?? '';
    expect(etag).not.toBe('');
    expect(Date.parse(modified)).toBeLessThanOrEqual(Date.now());
    const again = await read({ 'if-none-match': etag });
    expect(again.status).toBe(304);
    expect(again.headers.get('etag')).toBe(etag);
    expect(await again.text()).toBe('');
    expect((await read({ 'if-modified-since': modified })).status).toBe(304);
    // A validator that does not match wins over a date that does.
    const both = { 'if-none-match': '"other"', 'if-modified-since': modified };
    expect((await read(both)).status).toBe(200);
  });

  test('are searched with a slip of the finger, and the hit is marked', async () => {
    const page = await search(site, 'timestmap');
    expect(page.posts[0]?.title).toBe('Eleven ways to store a timestamp');
    expect(page.posts[0]?.marks).toContain('timestamp');
  });

  test('are proposed by other words where a search finds nothing', async () => {
    await countSearchWords();
    const read = async (path: string) => (await site.get(path)).text();
    const page = await read('/search?q=tag:databases+%22tmstamp%22&order=newest');
    const found = /Did you mean <a href="([^"]+)">(.*?)<\/a>/u.exec(page);
    expect(found?.[2]).toBe('tag:databases &quot;timestamp&quot;');
    const meant = await read((found?.[1] ?? '').replaceAll('&amp;', '&'));
    expect(readPage(meant).posts[0]?.title).toBe('Eleven ways to store a timestamp');
    expect(meant).not.toContain('Did you mean');
  });

  test('are narrowed by following links', async () => {
    const page = await search(site, 'memory');
    const href = page.railLinks['Kernel Margins'] ?? '';
    expect(href).toContain('source=kernel-margins');
    const narrowed = await site.get(href);
    expect(narrowed.status).toBe(200);
    const { posts } = readPage(await narrowed.text());
    expect(posts.length).toBeGreaterThan(0);
    for (const { original } of posts)
      expect(original).toContain(`${site.samples.url}/kernel-margins/`);
  });

  test('have a feed for each search, newest first', async () => {
    for (const format of ['xml', 'atom', 'json']) {
      const feed = await site.get(`/search/feed.${format}?q=kernel&source=kernel-margins`);
      expect(feed.status).toBe(200);
      const text = await feed.text();
      expect(text).toContain(`${site.samples.url}/kernel-margins/`);
      expect(text).not.toContain(`${site.samples.url}/slow-query/`);
    }
    const page = await (await site.get('/search?q=kernel')).text();
    expect(page).toContain('href="/search/feed.xml?q=kernel"');
    expect((await site.get('/search/feed.xml')).status).toBe(400);
    expect((await site.get('/search/nothing')).status).toBe(404);
  });

  test('bring nothing twice, and a new post at once', async () => {
    const { stdout: unchanged } = await runWell('poll', '--all', '--wait');
    expect(unchanged).not.toMatch(/\d+ (new|changed)/u);
    const etag = (await site.get('/tag/testing/feed.xml')).headers.get('etag');
    const post = { title: 'NUMA, tested', html: '<p>Far memory.</p>', tags: ['Testing'] };
    const url = site.samples.publish({ ...post, source: 'slow-query', author: 'Teo Lindqvist' });
    const { stdout } = await runWell('poll', '--all', '--wait');
    expect(stdout.match(/1 new/gu)).toHaveLength(1);
    const posts = [{ title: 'NUMA, tested', author: 'Teo Lindqvist', url }, ...testing()];
    // Commands wait for the site of an `up`, which this one is not.
    const read = async () => (await site.get('/tag/testing')).text();
    await expect.poll(read).toContain('NUMA, tested');
    await expectArchive(site, 'testing', 'Testing', posts);
    await expectFeed(site, 'testing', posts);
    expect((await site.get('/tag/testing/feed.xml')).headers.get('etag')).not.toBe(etag);
  });
});
