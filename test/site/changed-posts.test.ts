import { beforeAll, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import type { PostDraft } from '../../lib/model/post.ts';
import { savePosts } from '../../lib/store/posts.ts';
import { withdrawPost } from '../../lib/store/withdrawals.ts';
import { canonicalisePosts } from '../../workers/jobs/canonicalise-posts.ts';
import { useDatabase } from '../support/database.ts';
import { makeDraft, makeFeed } from '../support/make.ts';
import { openSite } from '../support/open-site.ts';
import type { Site } from '../support/site.ts';

useDatabase({ isOfSite: true });
let site: Site;

const feeds = [
  { id: 1, slug: 'a-feed', firstGoodAt: new Date(0), feedTags: [] },
  { id: 2, slug: 'b-feed', firstGoodAt: new Date(0), feedTags: [] },
];
const save = async (draft: PostDraft, source = 0) => {
  const feed = feeds[source];
  if (feed === undefined) throw new Error(`there is no feed number ${source}`);
  return savePosts(feed, [draft], { now: new Date() });
};

beforeAll(async () => {
  for (const title of ['A Feed', 'B Feed']) await makeFeed(title);
  const before = makeDraft({
    title: 'Queues are slow',
    guid: '1',
    bodyText: 'The first paragraph stays.\nThe second says that queues are slow.',
    licence: { url: 'https://creativecommons.org/licenses/by-sa/4.0/' },
    commentsUrl: 'https://talk.example/1',
  });
  await save(before);
  const bodyText = 'The first paragraph stays.\nThe second says that <b>queues</b> are fast.';
  await save(makeDraft({ ...before, title: 'Queues are fast', draftHash: 'b', bodyText }));
  site = await openSite();
});

const html = async (path: string) => (await site.get(path)).text();

test('a changed post says so, shows its former title, its licence and where it is discussed', async () => {
  for (const path of ['/', '/post/1/queues-are-fast']) {
    const page = await html(path);
    expect(page).toContain('Its title was');
    expect(page).toContain('Queues are slow');
    expect(page).toContain('href="/post/1/queues-are-fast/changes"');
    expect(page).toContain('CC BY-SA 4.0');
  }
  expect(await html('/post/1/queues-are-fast')).toContain('href="https://talk.example/1"');
});

test('what has changed can be read, as text and no more than that', async () => {
  const answer = await site.get('/post/1/queues-are-fast/changes');
  expect(answer.status).toBe(200);
  const page = await answer.text();
  expect(page).toContain('<del>Queues are slow</del>');
  expect(page).toContain('<ins>Queues are fast</ins>');
  expect(page).toContain('1 paragraph as before');
  expect(page).toContain('&lt;b&gt;');
  expect(page).toContain('noindex');
});

test('an old title leads to the changes of today’s, and one without changes has no such page', async () => {
  const old = await site.get('/post/1/queues-are-slow/changes', { redirect: 'manual' });
  expect([old.status, old.headers.get('location')]).toEqual([
    308,
    '/post/1/queues-are-fast/changes',
  ]);
  await save(makeDraft({ title: 'Never changed', guid: '2' }));
  expect((await site.get('/post/2/never-changed/changes')).status).toBe(404);
});

test('a source that wants excerpts shows no more of what was before either', async () => {
  await dbPool().query(`UPDATE feeds SET display = 'excerpt' WHERE id = 1`);
  await dbPool().query(`INSERT INTO cache_events (tags) VALUES ('{everything}')`);
  await expect
    .poll(() => html('/post/1/queues-are-fast/changes'), { timeout: 5000 })
    .not.toContain('as before');
  expect(await html('/post/1/queues-are-fast/changes')).toContain('<ins>Queues are fast</ins>');
});

test('a post that turned out to be another leads to that one', async () => {
  const talk = { title: 'A talk', canonicalVersion: 1 };
  await save(makeDraft({ ...talk, url: 'https://www.youtube.com/watch?v=dQw4w9WgXcQ' }));
  await save(makeDraft({ ...talk, url: 'https://youtu.be/dQw4w9WgXcQ' }), 1);
  expect((await site.get('/post/4/a-talk')).status).toBe(200);
  expect((await canonicalisePosts()).merged).toBe(1);
  const leads = async () => {
    const answer = await site.get('/post/4/a-talk', { redirect: 'manual' });
    return [answer.status, answer.headers.get('location')];
  };
  await expect.poll(leads, { timeout: 5000 }).toEqual([308, '/post/3/a-talk']);
  expect(await html('/post/3/a-talk')).toContain('B Feed');
});

test('readers of our Atom feeds are told of what was withdrawn', async () => {
  expect(await html('/feed.atom')).not.toContain('deleted-entry');
  await withdrawPost(2);
  for (const path of ['/feed.atom', '/source/a-feed/feed.atom']) {
    await expect.poll(() => html(path), { timeout: 5000 }).toContain(`ref="${site.url}/post/2"`);
  }
  expect(await html('/source/b-feed/feed.atom')).not.toContain('deleted-entry');
});
