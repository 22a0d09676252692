import { afterAll, beforeAll, expect, test } from 'vitest';
import { latestTag, tagTag } from '../../lib/cache-tags.ts';
import { dbPool, transaction } from '../../lib/db.ts';
import { writeCacheEvents } from '../../lib/store/cache-events.ts';
import { setFeed } from '../../lib/store/feeds.ts';
import { savePosts } from '../../lib/store/posts.ts';
import { mergeTags } from '../../lib/store/tag-governance.ts';
import { withdrawPost } from '../../lib/store/withdrawals.ts';
import { retagPosts } from '../../workers/jobs/retag-posts.ts';
import { useDatabase } from '../support/database.ts';
import { makeDraft, makeFeed, makePost } from '../support/make.ts';
import { openSite } from '../support/open-site.ts';
import { type Site, startSite } from '../support/site.ts';

useDatabase({ isOfSite: true });
/** What an operator may expect; most of the time it is some 50 ms. */
const FRESH_MS_MAX = 2000;
let other: Site;
let sites: Site[] = [];

beforeAll(async () => {
  other = await startSite();
  sites = [await openSite(), other];
});
afterAll(() => other.stop());

/** Reads until the answer comes from the response cache. */
async function readKept(site: Site, path: string): Promise<string> {
  let body = '';
  await expect
    .poll(async () => {
      const answer = await site.get(path);
      body = await answer.text();
      return answer.headers.get('x-tagwire-cache');
    })
    .toBe('HIT');
  return body;
}

async function expectSoon(site: Site, path: string, words: string): Promise<void> {
  await expect
    .poll(async () => (await site.get(path)).text(), { timeout: FRESH_MS_MAX, interval: 20 })
    .toContain(words);
}

test('a change is on every process at once, and nothing else is rendered again', async () => {
  const feedId = await makeFeed();
  // What is kept before shows that these changes have come, and are not still to come.
  for (const site of sites) await readKept(site, '/tag/kernel');
  await makePost({ feedId, title: 'First words', tags: ['NUMA'] });
  await makePost({ feedId, title: 'Other words', tags: ['Kernel'] });
  await transaction((tx) => writeCacheEvents(tx, [latestTag(), tagTag('numa'), tagTag('kernel')]));
  for (const site of sites) {
    await expectSoon(site, '/tag/kernel', 'Other words');
    for (const path of ['/tag/kernel', '/tag/numa', '/']) {
      expect(await readKept(site, path)).not.toContain('Second words');
    }
  }
  await makePost({ feedId, title: 'Second words', tags: ['NUMA'] });
  await transaction((tx) => writeCacheEvents(tx, [tagTag('numa'), latestTag()]));
  for (const site of sites) {
    await expectSoon(site, '/tag/numa', 'Second words');
    await expectSoon(site, '/', 'Second words');
    expect((await site.get('/tag/kernel')).headers.get('x-tagwire-cache')).toBe('HIT');
  }
});

test('an unknown tag is 404, kept, and found once there is such a tag', async () => {
  const feedId = await makeFeed('Another feed');
  for (const site of sites) {
    await readKept(site, '/tag/rust');
    expect((await site.get('/tag/rust')).status).toBe(404);
  }
  await makePost({ feedId, title: 'About Rust', tags: ['Rust'] });
  await transaction((tx) => writeCacheEvents(tx, [tagTag('rust')]));
  for (const site of sites) await expectSoon(site, '/tag/rust', 'About Rust');
});

test('a change is seen without the notification, and after the connection broke', async () => {
  const feedId = await makeFeed('A third feed');
  for (const site of sites) await readKept(site, '/tag/numa');
  await dbPool().query('ALTER TABLE cache_events DISABLE TRIGGER cache_events_notify');
  const { rowCount } = await dbPool().query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'tagwire cache events' AND datname = current_database()`,
  );
  expect(rowCount).toBe(2);
  await makePost({ feedId, title: 'Third words', tags: ['NUMA'] });
  await transaction((tx) => writeCacheEvents(tx, [tagTag('numa')]));
  for (const site of sites) await expectSoon(site, '/tag/numa', 'Third words');
  await dbPool().query('ALTER TABLE cache_events ENABLE TRIGGER cache_events_notify');
});

test('an event that commits after a later one is applied all the same', async () => {
  const feedId = await makeFeed('A fourth feed');
  for (const site of sites) await readKept(site, '/tag/numa');
  const slow = await dbPool().connect();
  await slow.query('BEGIN');
  await writeCacheEvents(slow, [tagTag('numa')]);
  await makePost({ feedId, title: 'Later words', tags: ['Kernel'] });
  await transaction((tx) => writeCacheEvents(tx, [tagTag('kernel')]));
  for (const site of sites) await expectSoon(site, '/tag/kernel', 'Later words');
  await makePost({ feedId, title: 'Fourth words', tags: ['NUMA'] });
  await slow.query('COMMIT');
  slow.release();
  for (const site of sites) await expectSoon(site, '/tag/numa', 'Fourth words');
});

test('everything is dropped when a row says so', async () => {
  for (const site of sites) await readKept(site, '/tag/numa');
  await dbPool().query(`UPDATE tags SET name = 'Renamed' WHERE slug = 'numa'`);
  await transaction((tx) => writeCacheEvents(tx, ['everything']));
  for (const site of sites) await expectSoon(site, '/tag/numa', 'Renamed');
});

test('whatever changes a feed, nobody is told that nothing has changed', {
  timeout: 30_000,
}, async () => {
  const id = await makeFeed('Clockwork');
  const feed = { id, slug: 'clockwork', firstGoodAt: new Date(0), feedTags: [] };
  const draft = (title: string, ...categories: string[]) => makeDraft({ title, categories });
  const save = async (...drafts: ReturnType<typeof makeDraft>[]) =>
    (await savePosts(feed, drafts, { now: new Date() })).inserted;
  const [first = 0] = await save(
    draft('Pendulums', 'Timing'),
    draft('Springs', 'Timing', 'Clocks'),
  );
  await save(draft('Sundials', 'Clocks'));
  const retagged = { ...draft('Springs', 'Clocks'), draftHash: 'retagged' };
  const again = makeDraft({
    ...draft('Pendulums', 'Timing'),
    draftHash: 'c',
    title: 'Pendulum clocks',
  });
  const steps: [what: string, change: () => Promise<unknown>, shows: string, hides: string][] = [
    ['re-tagged', () => save(retagged), 'Pendulums', 'Springs'],
    ['updated', () => save(again), 'Pendulum clocks', '>Pendulums<'],
    ['withdrawn', () => withdrawPost(first), '</feed>', 'Pendulum clocks'],
    [
      'merged',
      async () => {
        await mergeTags('clocks', 'timing', 'one thing');
        await retagPosts();
      },
      'Sundials',
      'term="Clocks"',
    ],
    ['as excerpts', () => setFeed(id, { display: 'excerpt' }), 'Sundials', '<content'],
  ];
  const path = '/tag/timing/feed.atom';
  const ask = async (site: Site, headers: Record<string, string>) =>
    (await site.get(path, { headers })).status;
  /** What a site answers when it shows one thing and not the other. */
  const look = async (site: Site, shows: string, hides: string) => {
    let found = { etag: '', modified: '' };
    await expect
      .poll(
        async () => {
          const answer = await site.get(path);
          const { etag, 'last-modified': modified } = Object.fromEntries(answer.headers);
          found = { etag: etag ?? '', modified: modified ?? '' };
          const text = await answer.text();
          return text.includes(shows) && !text.includes(hides);
        },
        { timeout: 5000, interval: 20 },
      )
      .toBe(true);
    return found;
  };
  let before = await Promise.all(sites.map((site) => look(site, 'Springs', 'Sundials')));
  for (const [what, change, shows, hides] of steps) {
    // A later second: within one, Last-Modified can tell nothing (test/unit/last-modified.test.ts).
    const last = Math.max(...before.map(({ modified }) => Date.parse(modified)));
    await expect.poll(() => Date.now(), { timeout: 2000 }).toBeGreaterThanOrEqual(last + 1000);
    await change();
    const after = await Promise.all(sites.map((site) => look(site, shows, hides)));
    for (const [n, site] of sites.entries()) {
      const [old, now] = [before[n], after[n]];
      if (old === undefined || now === undefined) throw new Error('there is no such site');
      expect([what, now.etag]).not.toEqual([what, old.etag]);
      expect(Date.parse(now.modified)).toBeGreaterThan(Date.parse(old.modified));
      // Whichever process gave it out.
      for (const { etag, modified } of before) {
        expect([what, await ask(site, { 'if-none-match': etag })]).toEqual([what, 200]);
        expect([what, await ask(site, { 'if-modified-since': modified })]).toEqual([what, 200]);
      }
      expect([what, await ask(site, { 'if-none-match': now.etag })]).toEqual([what, 304]);
      expect([what, await ask(site, { 'if-modified-since': now.modified })]).toEqual([what, 304]);
    }
    before = after;
  }
});

test('nobody outside can make pages stale', async () => {
  for (const site of sites) {
    const call = { method: 'POST', body: '["latest"]' };
    expect((await site.get('/api/internal/revalidate', call)).status).toBe(404);
  }
});
