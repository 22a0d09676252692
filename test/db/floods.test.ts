import { beforeEach, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { listFloods } from '../../lib/queries/floods.ts';
import { listNotices } from '../../lib/queries/notices.ts';
import { listPosts } from '../../lib/queries/posts.ts';
import { dropFlood, releaseFlood } from '../../lib/store/floods.ts';
import { type SavingFeed, savePosts } from '../../lib/store/posts.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { makeDraft, makeFeed } from '../support/make.ts';

useDatabase();

const NOW = new Date('2026-06-01T00:00:00Z');
let feed: SavingFeed;

beforeEach(async () => {
  await emptyTables(['feeds', 'tags', 'notices', 'cache_events'], { isNumberedAnew: true });
  const since = new Date('2026-05-31T22:00:00Z');
  const id = await makeFeed('Old Papers');
  feed = { id, slug: 'old-papers', firstGoodAt: new Date(0), lastGoodAt: since, feedTags: [] };
});

const archive = (count: number, publishedAt: Date | null) =>
  Array.from({ length: count }, (_, n) =>
    makeDraft({ title: `From the archive ${n}`, publishedAt }),
  );
const news = makeDraft({ title: 'Of today', publishedAt: new Date('2026-05-31T23:00:00Z') });
const LONG_AGO = new Date('2020-01-01T00:00:00Z');

const titles = async (
  scope: Parameters<typeof listPosts>[0],
  month?: { year: number; month: number },
) => (await listPosts(scope, month ? { month } : {})).posts.map((post) => post.title);
const toMatch = async () =>
  (await dbPool().query('SELECT FROM posts WHERE matched_at IS NULL')).rowCount;

describe('an archive that arrives at once', () => {
  beforeEach(async () => {
    await savePosts(feed, [...archive(6, LONG_AGO), news], { now: NOW });
  });

  test('is listed for the operator, and what is new in it is ordinary', async () => {
    expect(await listFloods()).toMatchObject([
      { id: 1, source: 'Old Papers', posts: 6, state: 'held' },
    ]);
    expect(await titles({ kind: 'latest' })).toEqual(['Of today']);
    expect(await toMatch()).toBe(1);
  });

  test('is in its places: its source, its month', async () => {
    expect(await titles({ kind: 'source', id: feed.id })).toHaveLength(7);
    expect(await titles({ kind: 'latest' }, { year: 2020, month: 1 })).toHaveLength(6);
  });

  test('becomes ordinary when it is released, once', async () => {
    expect(await listNotices()).toMatchObject([{ kind: 'flood', data: { posts: 6, flood: 1 } }]);
    expect(await releaseFlood(1)).toBe(6);
    expect(await listNotices()).toMatchObject([{ endedAt: expect.any(String) }]);
    expect(await titles({ kind: 'latest' })).toHaveLength(7);
    expect(await toMatch()).toBe(7);
    expect(await releaseFlood(1)).toBeUndefined();
    expect(await listFloods()).toEqual([]);
    expect(await listFloods(true)).toMatchObject([{ state: 'released' }]);
  });

  test('is withdrawn when it is dropped, and does not come back', async () => {
    expect(await dropFlood(1)).toBe(6);
    expect(await titles({ kind: 'source', id: feed.id })).toEqual(['Of today']);
    await savePosts(feed, [...archive(6, LONG_AGO), news], { now: NOW });
    const changed = archive(6, LONG_AGO).map((draft) => ({ ...draft, draftHash: 'other' }));
    await savePosts(feed, changed, { now: NOW });
    expect(await titles({ kind: 'source', id: feed.id })).toEqual(['Of today']);
    expect(await dropFlood(7)).toBeUndefined();
  });
});

describe('quiet', () => {
  test('is what a new feed brings without times, but not what has them', async () => {
    const fresh = { ...feed, firstGoodAt: null, lastGoodAt: null };
    await savePosts(fresh, [...archive(3, null), news], { now: NOW });
    expect(await titles({ kind: 'latest' })).toEqual(['Of today']);
    expect(await listFloods()).toEqual([]);
  });
});
