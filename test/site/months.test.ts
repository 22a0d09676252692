import { beforeAll, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { makeFeed, makePost } from '../support/make.ts';
import { openSite } from '../support/open-site.ts';
import type { Site } from '../support/site.ts';

// What lists say of their months, and how one gets from each to the others.

useDatabase({ isOfSite: true });
let site: Site;

beforeAll(async () => {
  const feedId = await makeFeed('Kernel News');
  const days = ['2025-11-03', '2026-03-04', '2026-03-04', '2026-03-05', '2026-09-06'];
  for (const [n, day] of days.entries()) {
    await makePost({
      feedId,
      title: `Post ${n}`,
      url: `https://kernel.example/${n}`,
      tags: n === 0 ? ['Kernel'] : ['Kernel', 'NUMA'],
      sortAt: new Date(`${day}T1${n}:00:00Z`),
    });
  }
  site = await openSite();
});

const textOf = async (path: string) => (await site.get(path)).text();
/** What stands between this and the end of its element. */
const partOf = (html: string, begin: RegExp) => begin.exec(html)?.[1] ?? '';

test('the newest posts lead to each month that has posts, as dense as they are, and to alerts', async () => {
  const html = await textOf('/?view=headlines');
  const index = partOf(html, /<dl class="years">(.*?)<\/dl>/su);
  expect([...index.matchAll(/href="([^"]+)"/gu)].map(([, href]) => href)).toEqual([
    '/archive/2026/09?view=headlines',
    '/archive/2026/03?view=headlines',
    '/archive/2025/11?view=headlines',
  ]);
  expect(html).toContain('Get an alert');
  const month = await textOf('/archive/2026/03');
  expect(month).toMatch(
    /aria-current="page" href="\/archive\/2026\/03"|href="\/archive\/2026\/03" aria-label="March 2026" aria-current="page"/u,
  );
});

test.each(['/', '/?view=excerpts', '/?view=headlines'])('%s has its posts by day', async (path) => {
  const html = await textOf(path);
  if (!path.includes('headlines')) {
    // A title hangs below its day.
    expect(html.match(/<h3[^>]*><a href="\/post\//gu)).toHaveLength(5);
    expect(html).not.toMatch(/<h2[^>]*><a href="\/post\//u);
  }
  const days = [...html.matchAll(/<section class="(?:day|dated)"><h2>([^<]+)<\/h2>/gu)];
  // The year only where it is another.
  expect(days.map(([, day]) => day)).toEqual([
    'Sun 6 Sep',
    'Thu 5 Mar',
    'Wed 4 Mar',
    'Mon 3 Nov 2025',
  ]);
});

test('the page of a month says how many of a tag’s posts are its own, and has feeds of its own', async () => {
  const html = await textOf('/tag/numa/2026/03?view=excerpts');
  expect(html).toMatch(/3 of (<!-- -->)?4 posts/u);
  expect(html).toMatch(/href="\/tag\/numa\/2026\/09\?view=excerpts"/u);
  expect(html).toMatch(/href="\/tag\/numa\/2026\/03\?view=excerpts"[^>]* aria-current="page"/u);
  const head = partOf(html, /(<link rel="alternate" type="application\/rss\+xml"[^>]*>)/u);
  expect(head).toContain('/tag/numa/2026/03/feed.xml');
  expect(head).toContain('March 2026');
  expect(html).toContain('href="/tag/numa/feed.xml"');
  const feed = await site.get('/tag/numa/2026/03/feed.xml');
  expect((await feed.text()).match(/<item>/gu)).toHaveLength(3);
});

test('tags together have months and numbers of their own, and keep the density', async () => {
  const html = await textOf('/tag/kernel+numa?view=headlines');
  expect(html).toMatch(/4 posts(<!-- -->)?; first on/u);
  expect(html).toContain('href="/tag/kernel+numa/2026/03?view=headlines"');
  const without = await textOf('/tag/kernel~numa');
  expect(without).toMatch(/1 post/u);
  expect(without).toContain('href="/tag/kernel~numa/2025/11"');
});
