import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { everythingTag } from '../../lib/cache-tags.ts';
import { dbPool, transaction } from '../../lib/db.ts';
import { closeReadThreads, readFeed } from '../../lib/ingest/read-feed.ts';
import { FEED_FORMATS } from '../../lib/model/list-address.ts';
import { writeCacheEvents } from '../../lib/store/cache-events.ts';
import { useDatabase } from '../support/database.ts';
import { KERNEL_POSTS, makeKernelPosts } from '../support/kernel-posts.ts';
import { makeFeed, makePost } from '../support/make.ts';
import { openSite } from '../support/open-site.ts';
import type { Site } from '../support/site.ts';

useDatabase({ isOfSite: true });
let site: Site;

beforeAll(async () => {
  await makeKernelPosts();
  site = await openSite();
});
afterAll(closeReadThreads);

describe('a tag’s feed', () => {
  test.each([
    ['xml', 'application/rss+xml; charset=utf-8', 'rss'],
    ['atom', 'application/atom+xml; charset=utf-8', 'atom'],
    ['json', 'application/feed+json; charset=utf-8', 'json'],
  ])('as %s reads back as the posts it was made from', async (format, type, read) => {
    const answer = await site.get(`/tag/numa/feed.${format}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(type);
    const outcome = await readFeed(new Uint8Array(await answer.arrayBuffer()), {
      url: `${site.url}/tag/numa/feed.${format}`,
      contentType: type,
      now: new Date(),
    });
    if (outcome.kind !== 'read') throw new Error(outcome.message);
    expect(outcome.format).toBe(read);
    expect(outcome.channel.title).toBe('NUMA – Tagwire');
    expect(outcome.drafts.map((draft) => draft.title)).toEqual(
      KERNEL_POSTS.map((post) => post.title),
    );
    expect(outcome.drafts.map((draft) => draft.url)).toEqual(KERNEL_POSTS.map((post) => post.url));
    expect(outcome.drafts[1]?.bodyHtml).toBe('<p>NUMA Ядро &amp; more</p>');
  });

  test('is 304 for who has it, by validator or by date', async () => {
    const first = await site.get('/tag/numa/feed.xml');
    const validators: Record<string, string>[] = [
      { 'if-none-match': first.headers.get('etag') ?? '' },
      { 'if-modified-since': first.headers.get('last-modified') ?? '' },
    ];
    for (const headers of validators) {
      expect((await site.get('/tag/numa/feed.xml', { headers })).status).toBe(304);
    }
    const stale = { headers: { 'if-none-match': '"other"' } };
    expect((await site.get('/tag/numa/feed.xml', stale)).status).toBe(200);
  });

  test('of an unknown tag is a problem that a program can read', async () => {
    const answer = await site.get('/tag/no-such-tag/feed.xml');
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ status: 404, title: 'No such feed' });
  });

  test('in another script is found under its encoded address', async () => {
    const answer = await site.get(`/tag/${encodeURIComponent('ядро')}/feed.json`);
    const feed = (await answer.json()) as { items: { title: string }[]; feed_url: string };
    expect(feed.items.map((item) => item.title)).toEqual(['Ядро & память']);
    expect(feed.feed_url).toBe(`${site.url}/tag/${encodeURIComponent('ядро')}/feed.json`);
  });

  test.each([
    ['/tag/numa/feed', '/tag/numa/feed.xml'],
    ['/tag/numa/feed/', '/tag/numa/feed.xml'],
    ['/tag/numa/rss', '/tag/numa/feed.xml'],
    ['/tag/numa/feed/atom', '/tag/numa/feed.atom'],
    ['/tag/numa/2026/05/feed/', '/tag/numa/2026/05/feed.xml'],
    ['/source/kernel-and-friends/feed/', '/source/kernel-and-friends/feed.xml'],
    ['/source/kernel-and-friends/feed/rss2/', '/source/kernel-and-friends/feed.xml'],
    ['/author/ada/feed/', '/author/ada/feed.xml'],
    ['/feed', '/feed.xml'],
    ['/feed/', '/feed.xml'],
    ['/rss.xml', '/feed.xml'],
    ['/atom.xml', '/feed.atom'],
    ['/archive/2026/05/feed/json', '/archive/2026/05/feed.json'],
  ])('is looked for at %s, which leads to %s for good', async (path, to) => {
    let place = path;
    for (let hops = 0; place !== to && hops < 2; hops += 1) {
      const answer = await site.get(place);
      expect([place, answer.status]).toEqual([place, 308]);
      const { pathname, search } = new URL(answer.headers.get('location') ?? '', site.url);
      place = pathname + search;
    }
    expect(place).toBe(to);
  });

  test('that an alias names moves to the tag’s own', async () => {
    await dbPool().query(
      `INSERT INTO tag_aliases (slug, tag_id) SELECT 'cpp', id FROM tags WHERE slug = 'c-plus-plus'`,
    );
    const answer = await site.get('/tag/cpp/feed.atom');
    expect(answer.status).toBe(308);
    expect(answer.headers.get('location')).toBe(`${site.url}/tag/c-plus-plus/feed.atom`);
  });
});

test.each(['/feed.xml', '/source/kernel-and-friends/feed.xml'])(
  '%s has all posts',
  async (path) => {
    const text = await (await site.get(path)).text();
    for (const { title } of KERNEL_POSTS) expect(text).toContain(title.replace('&', '&amp;'));
  },
);

test('a post that was withdrawn is in no feed a moment later', async () => {
  const feedId = await makeFeed('Regrets');
  const id = await makePost({ feedId, title: 'Said too much', tags: ['Regret'] });
  await transaction((tx) => writeCacheEvents(tx, [everythingTag()]));
  const read = async () => (await site.get('/tag/regret/feed.xml')).text();
  await expect.poll(read).toContain('Said too much');
  await dbPool().query('UPDATE posts SET withdrawn_at = now() WHERE id = $1', [id]);
  await transaction((tx) => writeCacheEvents(tx, ['tag:regret']));
  await expect.poll(read, { timeout: 2000, interval: 20 }).not.toContain('Said too much');
});

describe('a feed that is kept', () => {
  test('is compressed as its reader likes, with a validator for each form', async () => {
    const get = (encoding: string) =>
      site.get('/tag/numa/feed.atom', { headers: { 'accept-encoding': encoding } });
    const answers = await Promise.all(['br', 'gzip', 'identity'].map(get));
    expect(answers.map(({ headers }) => headers.get('content-encoding'))).toEqual([
      'br',
      'gzip',
      null,
    ]);
    expect(new Set(answers.map(({ headers }) => headers.get('etag'))).size).toBe(3);
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(texts).size).toBe(1);
  });

  test('is given without the database', async () => {
    const paths = FEED_FORMATS.map((format) => `/tag/numa/feed.${format}`);
    for (const path of paths) {
      const kept = async () => (await site.get(path)).headers.get('x-tagwire-cache');
      await expect.poll(kept).toBe('HIT');
    }
    const lock = await dbPool().connect();
    try {
      await lock.query('BEGIN; LOCK TABLE posts, feeds, tags, post_tags, authors');
      for (const path of paths) expect((await site.get(path)).status).toBe(200);
    } finally {
      await lock.query('ROLLBACK');
      lock.release();
    }
  });
});

describe('feeds of months', () => {
  test('hold the posts of their month alone, under its name, and are none where it has no posts', async () => {
    const [year, month] = ['2026', '05'];
    for (const format of ['xml', 'atom', 'json']) {
      const feed = await site.get(`/tag/numa/${year}/${month}/feed.${format}`);
      expect(feed.status).toBe(200);
      expect(await feed.text()).toContain('May 2026');
    }
    expect((await site.get(`/archive/${year}/${month}/feed.xml`)).status).toBe(200);
    expect((await site.get('/tag/numa/1999/01/feed.xml')).status).toBe(404);
    expect((await site.get('/tag/numa/2026/13/feed.xml')).status).toBe(404);
  });

  test('are nobody’s inner addresses', async () => {
    expect((await site.get('/feeds/tag/numa/all/xml')).status).toBe(308);
  });
});
