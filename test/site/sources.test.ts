import { beforeAll, expect, test } from 'vitest';
import { latestTag, sourcesTag } from '../../lib/cache-tags.ts';
import { dbPool, transaction } from '../../lib/db.ts';
import { writeCacheEvents } from '../../lib/store/cache-events.ts';
import { useDatabase } from '../support/database.ts';
import { makeFeed, makePost } from '../support/make.ts';
import { openSite } from '../support/open-site.ts';
import { readPage } from '../support/read-page.ts';
import type { Site } from '../support/site.ts';

useDatabase({ isOfSite: true });
let site: Site;
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);

beforeAll(async () => {
  const lively = await makeFeed('Lively');
  for (let n = 0; n < 39; n++) {
    const tags = n % 2 === 0 ? ['Kernel'] : ['Kernel', 'Security'];
    const sortAt = daysAgo(1 + n * (7 / 3));
    await makePost({ feedId: lively, title: `News ${n}`, tags, sortAt, byline: 'Ada' });
  }
  await makePost({ feedId: lively, title: 'Of old', tags: [], sortAt: daysAgo(400) });
  await makePost({ feedId: lively, title: 'By Bo', tags: ['Kernel'], sortAt: daysAgo(2) });
  const quiet = await makeFeed('Quiet');
  await makePost({ feedId: quiet, title: 'Once', sortAt: new Date('2018-06-03T12:00:00Z') });
  await dbPool().query(`
    WITH names AS (INSERT INTO authors (feed_id, key, name, slug)
                   VALUES (1, 'ada', 'Ada', 'ada'), (1, 'bo', 'Bo', 'bo') RETURNING id, slug)
    INSERT INTO post_authors (post_id, author_id, position, sort_at)
    SELECT p.id, n.id, 0, p.sort_at FROM posts p JOIN names n
      ON n.slug = CASE WHEN p.title = 'By Bo' THEN 'bo' ELSE 'ada' END
    WHERE p.feed_id = 1`);
  await dbPool().query(`UPDATE feeds SET description = 'News of the lively kind' WHERE id = 1`);
  await dbPool().query(
    `UPDATE feeds SET error_count = 3, error_since = now() - interval '2 days',
       error_text = 'its server answers 503' WHERE id = 2`,
  );
  await dbPool().query(
    `INSERT INTO source_icons VALUES (1, 'https://lively.example/favicon.ico', now()), (2, NULL, now())`,
  );
  site = await openSite();
});

const read = async (path: string) => readPage(await (await site.get(path)).text());

test('a source’s page says how often it publishes, what about, and who writes', async () => {
  const { text, railLinks } = await read('/source/lively');
  expect(text).toContain('41 posts, about 3 a week; the last on');
  expect(text).toContain('TagsKernel40Security19');
  expect(text).toContain('AuthorsAda40Bo1');
  expect(railLinks).toMatchObject({ Kernel: '/tag/kernel', Ada: '/author/ada' });
  expect((await read('/source/quiet')).text).toContain(
    '1 post, none in the last 91 days; the last on 3 Jun 2018.',
  );
});

test('sources are known by their icon, which comes through us, or by their first letter', async () => {
  const icon = /<img class="ico" src="\/img\/[\w-]+\/([\w-]+)" width="16" height="16" alt=""/u;
  for (const path of ['/sources', '/source/lively']) {
    const found = icon.exec(await (await site.get(path)).text());
    const address = Buffer.from(found?.[1] ?? '', 'base64url').toString();
    expect([path, address]).toEqual([path, 'https://lively.example/favicon.ico']);
  }
  expect(await (await site.get('/sources')).text()).toContain(
    '<span class="ico" aria-hidden="true">Q</span>',
  );
});

test('an author’s page says how often they write, since when, and what about', async () => {
  const { text, railLinks, headings } = await read('/author/ada');
  expect(headings).toEqual(['Ada']);
  expect(text).toContain('in Lively: 40 posts, about 3 a week; first on ');
  expect(text).toContain('TagsKernel39Security19');
  expect(railLinks).toMatchObject({ Security: '/tag/security', RSS: '/author/ada/feed.xml' });
  expect(Object.values(railLinks).filter((href) => /^\/author\/ada\/20/u.test(href))).not.toEqual(
    [],
  );
  expect((await read('/author/bo')).text).toContain('in Lively: 1 post, on ');
});

test('the month of a source or an author says how many of their posts are its own', async () => {
  expect((await read('/source/quiet/2018/06')).text).toContain('1 of 1 post.');
  const month = daysAgo(400).toISOString().slice(0, 7).replace('-', '/');
  expect((await read(`/source/lively/${month}`)).text).toContain('1 of 41 posts.');
  const { text } = await read(
    `/author/bo/${daysAgo(2).toISOString().slice(0, 7).replace('-', '/')}`,
  );
  expect(text).toContain('in Lively: 1 of 1 post.');
});

test('the list of sources says how often each publishes, what it is, and how it is doing', async () => {
  const { text } = await read('/sources');
  expect(text).toContain('News of the lively kind');
  expect(text).toMatch(/not reached since \d+ \w+ \d+: its server answers 503/u);
  expect(text).toContain('41 posts, about 3 a week');
  expect(text).toContain('Quiet1 post');
});

test('a month of all posts leads to the months before and after it that have some', async () => {
  const { hrefs, text } = await read('/archive/2018/06');
  expect(text).toContain('Once');
  const later = daysAgo(400).toISOString().slice(0, 7).replace('-', '/');
  expect(hrefs).toContain(`/archive/${later}`);
  expect((await read(`/archive/${later}`)).hrefs).toContain('/archive/2018/06');
  expect(hrefs).not.toContain('/archive/2018/05');
});

test('a thousand sources are found a page at a time, and the first page of all names the busy ones', async () => {
  await dbPool().query(
    `INSERT INTO feeds (url, slug, title)
     SELECT 'https://m' || n || '.example/', 'many-' || n, 'Many ' || lpad(n::text, 4, '0')
     FROM generate_series(1, 1000) AS n`,
  );
  await transaction((tx) => writeCacheEvents(tx, [sourcesTag(), latestTag()]));
  const shows = (path: string) =>
    expect.poll(async () => (await read(path)).text, { timeout: 5000 });
  await shows('/sources').toContain('1,002 sources');
  const names = new Set<string>();
  let [path, pages]: [string | undefined, number] = ['/sources', 0];
  for (; path !== undefined; pages += 1) {
    const answer = await site.get(path);
    const html = await answer.text();
    expect([path, answer.status]).toEqual([path, 200]);
    for (const [, slug = ''] of html.matchAll(/<li>.*?href="\/source\/([^"]+)"/gu)) names.add(slug);
    path = /href="(\/sources\/\d+)" rel="next"/u.exec(html)?.[1];
  }
  expect([pages, names.size]).toEqual([11, 1002]);
  expect((await site.get('/sources/12')).status).toBe(404);
  const first = await site.get('/sources/1', { redirect: 'manual' });
  expect([first.status, first.headers.get('location')]).toEqual([308, '/sources']);
  expect((await (await site.get('/sources.opml')).text()).match(/xmlUrl=/gu)).toHaveLength(1002);
  await shows('/').toContain('All 1,002 sources');
  expect((await read('/')).text).toContain('Lately fromLively');
});
