import { beforeEach, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import type { PostDraft } from '../../lib/model/post.ts';
import { type SavingFeed, savePosts } from '../../lib/store/posts.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { makeDraft, makeFeed } from '../support/make.ts';

useDatabase();

const NOW = new Date('2026-06-01T00:00:00Z');
let number = 0;
let feed: SavingFeed;
let other: SavingFeed;

async function newFeed(firstGoodAt: Date | null = NOW): Promise<SavingFeed> {
  number += 1;
  const id = await makeFeed(`Feed ${number}`);
  return { id, slug: `feed-${number}`, firstGoodAt, feedTags: [] };
}

beforeEach(async () => {
  await emptyTables(['feeds', 'tags', 'cache_events'], { isNumberedAnew: true });
  await dbPool().query('DELETE FROM graphile_worker._private_jobs');
  feed = await newFeed();
  other = await newFeed();
});

const save = (drafts: PostDraft[], into = feed, now = NOW) => savePosts(into, drafts, { now });

async function rows<T extends object>(sql: string): Promise<T[]> {
  return (await dbPool().query<T>(sql)).rows;
}

const tagsOf = async (title: string) =>
  (
    await rows<{ name: string }>(
      `SELECT t.name FROM posts p JOIN post_tags pt ON pt.post_id = p.id
       JOIN tags t ON t.id = pt.tag_id WHERE p.title = '${title}' ORDER BY pt.position, t.name`,
    )
  ).map((row) => row.name);

describe('saving posts', () => {
  test('the same drafts again change nothing, down to the row versions', async () => {
    const drafts = [1, 2, 3].map((n) =>
      makeDraft({ title: `Post ${n}`, categories: ['Linux'], authors: [{ name: 'Ada' }] }),
    );
    expect(await save(drafts)).toMatchObject({ inserted: [1, 2, 3], withdrawn: [], unchanged: 0 });
    const versions = `
      SELECT 'p' || id AS row, xmin::text FROM posts UNION ALL
      SELECT 's' || guid_hash, xmin::text FROM post_sources UNION ALL
      SELECT 't' || post_id || '-' || tag_id, xmin::text FROM post_tags UNION ALL
      SELECT 'm' || tag_id || month, xmin::text FROM tag_months UNION ALL
      SELECT 'e' || id, xmin::text FROM cache_events ORDER BY 1`;
    const before = await rows(versions);
    expect(await save(drafts)).toEqual({ inserted: [], updated: [], withdrawn: [], unchanged: 3 });
    expect(await rows(versions)).toEqual(before);
  });

  test('an edit is an update of the same post and is indexed again, in its old place', async () => {
    const [id] = (await save([makeDraft({ title: 'Before', guid: 'a' })])).inserted;
    await dbPool().query('UPDATE posts SET indexed_at = now()');
    const later = new Date('2026-06-02T00:00:00Z');
    const edit = makeDraft({ title: 'After', guid: 'a', publishedAt: later });
    expect(await save([edit], feed, later)).toEqual({
      inserted: [],
      updated: [id],
      withdrawn: [],
      unchanged: 0,
    });
    const [post] = await rows<{ title: string; indexed_at: Date | null; sort_at: Date }>(
      'SELECT title, indexed_at, sort_at FROM posts',
    );
    expect(post).toEqual({
      title: 'After',
      indexed_at: null,
      sort_at: new Date('2026-05-01T10:00:00Z'),
    });
  });

  test('the same article from two feeds is one post with two sources', async () => {
    const url = 'https://example.org/shared';
    await save([makeDraft({ title: 'Shared', url, guid: 'one', categories: ['A'] })]);
    const saved = await save(
      [makeDraft({ title: 'Shared!', url, guid: 'two', categories: ['B'] })],
      other,
    );
    expect(saved).toEqual({ inserted: [], updated: [1], withdrawn: [], unchanged: 0 });
    expect(await rows('SELECT feed_id, title FROM posts')).toEqual([
      { feed_id: feed.id, title: 'Shared' },
    ]);
    expect(await rows('SELECT post_id FROM post_sources')).toHaveLength(2);
    expect(await tagsOf('Shared')).toEqual(['A', 'B']);
  });

  test('two feeds that bring one article at the same moment make one post', async () => {
    for (let round = 0; round < 20; round++) {
      const url = `https://example.org/race-${round}`;
      const titled = { title: `Race ${round}`, url, categories: ['X', 'Y'] };
      await Promise.all([
        save([makeDraft({ ...titled, guid: `a${round}` })]),
        save([makeDraft({ ...titled, guid: `b${round}` })], other),
      ]);
    }
    expect(await rows('SELECT id FROM posts')).toHaveLength(20);
    expect(await rows('SELECT post_id FROM post_sources')).toHaveLength(40);
    const [months] = await rows<{ posts: number }>(
      'SELECT sum(posts)::int AS posts FROM tag_months',
    );
    expect(months).toEqual({ posts: 40 });
  });

  test('different stories under one address stay different posts', async () => {
    const url = 'https://status.example.org/';
    await save([
      makeDraft({ title: 'Mail is down', url, guid: '1', bodyText: 'Queues are full.' }),
    ]);
    await save(
      [makeDraft({ title: 'Shop is slow', url, guid: '2', bodyText: 'A disk was replaced.' })],
      other,
    );
    await save([makeDraft({ title: 'All is well', url, guid: '3', bodyText: 'Nothing to say.' })]);
    expect(await rows('SELECT id FROM posts')).toHaveLength(3);
  });

  test('an item whose guid changed is the same post by address and title', async () => {
    await save([makeDraft({ title: 'Stable', guid: 'old' })]);
    expect((await save([makeDraft({ title: 'Stable', guid: 'new' })])).inserted).toEqual([]);
  });

  test('two items with one guid in one document are one post', async () => {
    const twice = [makeDraft({ title: 'One', guid: 'x' }), makeDraft({ title: 'Two', guid: 'x' })];
    expect((await save(twice)).inserted).toHaveLength(1);
  });

  test('a tag that an item loses goes, and its month is counted anew', async () => {
    await save([makeDraft({ title: 'T', guid: 't', categories: ['Old', 'Both'] })]);
    await save([makeDraft({ title: 'T', guid: 't', categories: ['Both', 'New'] })]);
    expect(await tagsOf('T')).toEqual(['Both', 'New']);
    expect(
      await rows(`SELECT t.name, m.posts FROM tag_months m JOIN tags t ON t.id = m.tag_id
                  ORDER BY t.name`),
    ).toEqual([
      { name: 'Both', posts: 1 },
      { name: 'New', posts: 1 },
    ]);
  });

  test('an alias gives the tag that it stands for', async () => {
    await dbPool().query(`INSERT INTO tags (slug, name) VALUES ('kubernetes', 'Kubernetes')`);
    await dbPool().query(`INSERT INTO tag_aliases (slug, tag_id) SELECT 'k8s', id FROM tags`);
    await save([makeDraft({ title: 'Pods', categories: ['K8s'] })]);
    expect(await tagsOf('Pods')).toEqual(['Kubernetes']);
  });

  test('posts of a first poll are backfill: matched already, so that nobody is alerted', async () => {
    const fresh = await newFeed(null);
    await save([makeDraft({ title: 'Old news' })], fresh);
    await save([makeDraft({ title: 'News' })]);
    expect(
      await rows('SELECT title, backfill, matched_at IS NULL AS waits FROM posts ORDER BY id'),
    ).toEqual([
      { title: 'Old news', backfill: true, waits: false },
      { title: 'News', backfill: false, waits: true },
    ]);
  });

  test('a date in the future or none at all sorts by when it was first seen', async () => {
    await save([
      makeDraft({ title: 'Tomorrow', publishedAt: new Date('2027-01-01T00:00:00Z') }),
      makeDraft({ title: 'Undated', publishedAt: null }),
    ]);
    expect(await rows('SELECT DISTINCT sort_at FROM posts')).toEqual([{ sort_at: NOW }]);
  });

  test('authors of one name in two sources have addresses of their own', async () => {
    await save([makeDraft({ title: 'P', authors: [{ name: 'Sam Doe' }] })]);
    await save([makeDraft({ title: 'Q', authors: [{ name: 'Sam  doe' }] })], other);
    expect(await rows('SELECT slug FROM authors ORDER BY id')).toEqual([
      { slug: 'sam-doe' },
      { slug: `sam-doe-${other.slug}` },
    ]);
  });

  test('what became stale and the jobs to follow are written with the posts', async () => {
    const draft = makeDraft({ title: 'Told', categories: ['Linux'], authors: [{ name: 'Ada' }] });
    await save([draft]);
    const [event] = await rows<{ tags: string[] }>('SELECT tags FROM cache_events');
    expect([...(event?.tags ?? [])].sort()).toEqual([
      'author:ada',
      'latest',
      'post:1',
      `source:${feed.slug}`,
      'tag:linux',
      'tags',
    ]);
    const jobs = await rows<{ task: string }>(
      'SELECT task_identifier AS task FROM graphile_worker.jobs ORDER BY 1',
    );
    expect(jobs).toEqual([{ task: 'index-posts' }, { task: 'match-alerts' }]);
  });

  test('a thousand drafts are saved in one go', async () => {
    const drafts = Array.from({ length: 1000 }, (_, n) =>
      makeDraft({ title: `Item number ${n}`, categories: [`tag ${n % 50}`, 'All'] }),
    );
    expect((await save(drafts)).inserted).toHaveLength(1000);
    expect(await rows('SELECT post_id FROM post_tags')).toHaveLength(2000);
  });
});

test('an archive that comes back is stored without being matched, and what is new in it is matched', async () => {
  const old = Array.from({ length: 6 }, (_, i) =>
    makeDraft({ title: `Old ${i}`, publishedAt: new Date('2026-01-01T00:00:00Z') }),
  );
  const fresh = makeDraft({ title: 'New', publishedAt: new Date('2026-05-31T23:00:00Z') });
  const since = new Date('2026-05-31T22:00:00Z');
  await save([...old, fresh], { ...feed, firstGoodAt: new Date(0), lastGoodAt: since });
  expect(
    await rows('SELECT title, backfill, matched_at IS NULL AS waits FROM posts WHERE NOT backfill'),
  ).toEqual([{ title: 'New', backfill: false, waits: true }]);
  expect(await rows('SELECT FROM posts WHERE backfill AND matched_at IS NOT NULL')).toHaveLength(6);
});
