import { afterEach, beforeEach, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { findGone } from '../../lib/queries/posts.ts';
import { type SavingFeed, savePosts } from '../../lib/store/posts.ts';
import { canonicalisePosts } from '../../workers/jobs/canonicalise-posts.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { makeDraft, makeFeed } from '../support/make.ts';
import { expectWords } from '../support/tagged-posts.ts';

useDatabase();
afterEach(expectWords);

const NOW = new Date('2026-06-01T00:00:00Z');
let feeds: SavingFeed[];

beforeEach(async () => {
  await emptyTables(['feeds', 'tags', 'subscribers', 'cache_events'], { isNumberedAnew: true });
  feeds = [];
  for (const number of [1, 2]) {
    const id = await makeFeed(`Feed ${number}`);
    feeds.push({ id, slug: `feed-${number}`, firstGoodAt: NOW, feedTags: [] });
  }
});

/** Saves a post as if by rules that knew nothing of its address. */
async function saveOld(title: string, url: string, categories: string[], source = 0) {
  const feed = feeds[source];
  if (feed === undefined) throw new Error(`there is no feed number ${source}`);
  const draft = makeDraft({ title, url, canonicalVersion: 1, categories });
  await savePosts(feed, [draft], { now: NOW });
}

async function rows<T extends object>(sql: string): Promise<T[]> {
  return (await dbPool().query<T>(sql)).rows;
}

const LONG = 'https://www.youtube.com/watch?v=dQw4w9WgXcQ';
const SHORT = 'https://youtu.be/dQw4w9WgXcQ';

test('posts that are one by newer rules become one, with the sources and tags of both', async () => {
  await saveOld('A talk', LONG, ['Talks']);
  await saveOld('A talk', SHORT, ['Video', 'Talks'], 1);
  expect(await canonicalisePosts()).toEqual({ posts: 2, changed: 1, merged: 1 });
  expect(await rows('SELECT id, merged_into FROM posts ORDER BY id')).toEqual([
    { id: 1, merged_into: null },
    { id: 2, merged_into: 1 },
  ]);
  expect(await findGone(2)).toEqual({ kind: 'merged', into: 1 });
  expect(await rows('SELECT feed_id, post_id FROM post_sources ORDER BY 1')).toEqual([
    { feed_id: 1, post_id: 1 },
    { feed_id: 2, post_id: 1 },
  ]);
  const tags = await rows<{ name: string }>(
    `SELECT t.name FROM post_tags pt JOIN tags t ON t.id = pt.tag_id
     WHERE pt.post_id = 1 ORDER BY pt.position`,
  );
  expect(tags.map((tag) => tag.name)).toEqual(['Talks', 'Video']);
  const months =
    'SELECT t.name, m.posts FROM tag_months m JOIN tags t ON t.id = m.tag_id ORDER BY 1';
  expect(await rows(months)).toEqual([
    { name: 'Talks', posts: 1 },
    { name: 'Video', posts: 1 },
  ]);
  // The search index takes the one out and writes the other anew.
  expect(await rows('SELECT id FROM posts WHERE indexed_at IS NULL ORDER BY 1')).toHaveLength(2);
  expect(await canonicalisePosts()).toEqual({ posts: 0, changed: 0, merged: 0 });
});

test('an item of the merged post changes nothing anew, and no alert tells of it again', async () => {
  await saveOld('A talk', LONG, []);
  await saveOld('A talk', SHORT, [], 1);
  await dbPool().query(
    `INSERT INTO subscribers (email, email_key) VALUES ('a@x.example', 'a@x.example')`,
  );
  await dbPool().query(
    `INSERT INTO alerts (subscriber_id, query, query_key, tsquery) VALUES (1, 'talk', 'talk', 'talk'),
     (1, 'video', 'video', 'video')`,
  );
  await dbPool().query(
    'INSERT INTO alert_matches (alert_id, post_id) VALUES (1, 1), (1, 2), (2, 2)',
  );
  await canonicalisePosts();
  expect(await rows('SELECT alert_id FROM alert_matches WHERE post_id = 1 ORDER BY 1')).toEqual([
    { alert_id: 1 },
    { alert_id: 2 },
  ]);
  const again = makeDraft({ title: 'A talk', url: SHORT, canonicalUrl: LONG, guid: SHORT });
  const feed = feeds[1];
  if (feed) expect((await savePosts(feed, [again], { now: NOW })).inserted).toEqual([]);
  expect(await rows('SELECT id FROM posts')).toHaveLength(2);
});

test('different stories at one address stay two posts', async () => {
  await saveOld('A talk about queues', LONG, []);
  await saveOld('Something else altogether', SHORT, [], 1);
  expect(await canonicalisePosts()).toEqual({ posts: 2, changed: 1, merged: 0 });
});

test('an address that was made up for an item without one stays as it is', async () => {
  await saveOld('No address', 'https://m.youtube.com/#item-0123456789abcdef', []);
  expect(await canonicalisePosts()).toEqual({ posts: 1, changed: 0, merged: 0 });
});

test('an address that hundreds of posts share is taken once, and those of one title become one', async () => {
  const [feed, other] = feeds;
  if (feed === undefined || other === undefined) throw new Error('there are two feeds');
  const at = (prefix: string) =>
    Array.from({ length: 300 }, (_, n) =>
      makeDraft({
        title: `Release ${n}`,
        url: `${SHORT}?${prefix}=${n}`,
        guid: `${prefix} ${n}`,
        canonicalVersion: 1,
        bodyText: `What is new in ${n}: ${prefix} ${'with many words '.repeat(n % 3)}`,
      }),
    );
  await savePosts(feed, at('a'), { now: NOW });
  await savePosts(other, at('b'), { now: NOW });
  await dbPool().query(`UPDATE posts SET url = '${SHORT}'`);
  let steps = 0;
  const report = await canonicalisePosts(() => steps++);
  expect(report).toEqual({ posts: 600, changed: 600, merged: 300 });
  expect(steps).toBe(1);
  const pairs = await rows(
    'SELECT FROM posts p JOIN posts q ON q.id = p.merged_into AND q.title = p.title',
  );
  expect(pairs).toHaveLength(300);
});
