import { beforeAll, expect, test } from 'vitest';
import { databaseUrl } from '../../lib/db.ts';
import { followOwnerWish } from '../../lib/store/owner-wishes.ts';
import { savePosts } from '../../lib/store/posts.ts';
import { restorePost, withdrawPost } from '../../lib/store/withdrawals.ts';
import { useDatabase } from '../support/database.ts';
import { makeDraft, makeFeed } from '../support/make.ts';
import { openSite } from '../support/open-site.ts';
import { runCommand } from '../support/run-command.ts';
import type { Site } from '../support/site.ts';

useDatabase({ isOfSite: true });
let site: Site;
let id = 0;

const feed = () => ({ id: 1, slug: 'a-feed', firstGoodAt: new Date(0), feedTags: [] });
const draft = makeDraft({ title: 'To be taken back', tags: [{ slug: 'numa', name: 'NUMA' }] });
const save = async () => (await savePosts(feed(), [draft], { now: new Date() })).inserted[0] ?? 0;

beforeAll(async () => {
  await makeFeed();
  id = await save();
  site = await openSite();
});

const statusSoon = (path: string, status: number) =>
  expect.poll(async () => (await site.get(path)).status, { timeout: 5000 }).toBe(status);
const postPath = () => `/post/${id}/to-be-taken-back`;
const shows = async (path: string) => (await (await site.get(path)).text()).includes('To be taken');

test('a withdrawn post answers 410, stands in no list or feed, and comes back when it is restored', async () => {
  for (const path of ['/', '/tag/numa', '/tag/numa/feed.xml', '/source/a-feed']) {
    expect(await shows(path)).toBe(true);
  }
  expect((await site.get(postPath())).status).toBe(200);
  expect(await withdrawPost(id)).toBe(true);
  expect(await withdrawPost(id)).toBe(false);
  await statusSoon(postPath(), 410);
  const page = await site.get(postPath());
  expect(await page.text()).toContain('This post was withdrawn');
  const keptSoon = async () => (await site.get(postPath())).headers.get('x-tagwire-cache');
  await expect.poll(keptSoon, { timeout: 5000 }).toBe('HIT');
  for (const path of ['/', '/feed.json', '/tag/numa/feed.xml', '/source/a-feed']) {
    expect(await shows(path)).toBe(false);
  }
  // Its feed brings it again.
  expect(await save()).toBe(0);
  await statusSoon(postPath(), 410);
  expect(await restorePost(id)).toBe(true);
  await statusSoon(postPath(), 200);
  await expect.poll(() => shows('/tag/numa/feed.xml'), { timeout: 5000 }).toBe(true);
});

test('the address of an entry’s id leads to the post, and is gone when that is', async () => {
  const bare = await site.get(`/post/${id}`, { redirect: 'manual' });
  expect([bare.status, bare.headers.get('location')]).toEqual([308, postPath()]);
  expect((await site.get('/post/999999')).status).toBe(404);
  expect((await site.get('/post/nonsense')).status).toBe(404);
  await savePosts(feed(), [{ ...draft, title: 'Taken back twice', draftHash: 'b' }], {
    now: new Date(),
  });
  await statusSoon(`/post/${id}/taken-back-twice/changes`, 200);
  expect(await withdrawPost(id)).toBe(true);
  for (const path of ['', '/taken-back-twice', '/taken-back-twice/changes']) {
    await statusSoon(`/post/${id}${path}`, 410);
  }
  expect(await restorePost(id)).toBe(true);
  await save();
});

test('names in capitals lead to the addresses in lower case, and unknown ones are 404', async () => {
  for (const [path, location] of [
    ['/tag/NUMA', '/tag/numa'],
    ['/source/A-Feed?view=headlines', '/source/a-feed?view=headlines'],
  ] as const) {
    const answer = await site.get(path, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([308, location]);
  }
  const ofFeed = await site.get('/tag/NUMA/feed.xml', { redirect: 'manual' });
  expect(ofFeed.status).toBe(308);
  expect(ofFeed.headers.get('location')).toMatch(/\/tag\/numa\/feed\.xml$/u);
  for (const path of ['/tag/Nobody', '/tag/Nobody/feed.xml']) {
    expect((await site.get(path)).status).toBe(404);
  }
});

test('a publisher’s page tells what its line says, and which word it does not understand', async () => {
  const report = {
    faults: [{ word: 'delay=2w', right: 'delay=2d' }],
    unmet: ['https://x.example/'],
  };
  await followOwnerWish(feed(), { display: 'excerpt' }, { faults: [], unmet: [] }, new Date());
  await followOwnerWish(feed(), {}, report, new Date());
  const page = await (await site.get('/source/a-feed/publisher')).text();
  expect(page).toContain('only the beginning of posts is shown');
  expect(page).toMatch(
    /<code>delay=2w<\/code>(<!-- -->)? is not understood; right is (<!-- -->)?delay=2d/u,
  );
  expect(page).toContain('<code>https://x.example/</code>');
});

test('the command line does the same, and says what is so', async () => {
  const settings = { DATABASE_URL: databaseUrl(), MEILI_URL: '', SMTP_URL: '' };
  const run = (...args: string[]) => runCommand(['posts', ...args], settings);
  expect((await run('show', String(id), '--json')).stdout).toContain('"To be taken back"');
  expect((await run('withdraw', `http://127.0.0.1/post/${id}/x`)).end).toBe('code 0');
  expect((await run('show', String(id))).stdout).toContain('is withdrawn');
  const again = await run('withdraw', String(id));
  expect([again.end, again.stderr]).toEqual([
    'code 1',
    expect.stringContaining('is withdrawn already'),
  ]);
  expect((await run('restore', String(id))).end).toBe('code 0');
  expect((await run('withdraw', '999999')).stderr).toContain('There is no post 999999');
  expect((await run('withdraw', 'nonsense')).end).toBe('code 1');
});
