import { beforeEach, expect, test } from 'vitest';
import { dbPool, transaction } from '../../lib/db.ts';
import { type SavingFeed, savePosts } from '../../lib/store/posts.ts';
import { lockStories } from '../../lib/store/story-candidates.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { makeDraft, makeFeed } from '../support/make.ts';

// Documents that are too large for one transaction.

useDatabase();

const NOW = new Date('2026-06-01T00:00:00Z');
const ITEMS = 450;
let feed: SavingFeed;

beforeEach(async () => {
  await emptyTables(['feeds', 'tags', 'notices', 'cache_events'], { isNumberedAnew: true });
  const id = await makeFeed('Archive');
  feed = { id, slug: 'archive', firstGoodAt: new Date(0), lastGoodAt: NOW, feedTags: [] };
});

const count = async (sql: string) =>
  (await dbPool().query<{ n: number }>(`SELECT (${sql})::int AS n`)).rows[0]?.n ?? 0;

/** A draft of the archive; a lower number is an older one. */
const one = (n: number, over: Partial<Parameters<typeof makeDraft>[0]> = {}) =>
  makeDraft({
    title: `From the archive ${n}`,
    publishedAt: new Date(Date.UTC(2020, 0, 1) + n * 3_600_000),
    categories: [`Topic ${n % 5}`],
    ...over,
  });
const archive = Array.from({ length: ITEMS }, (_, i) => one(ITEMS - i));

test('a large document is saved in several transactions, and is one flood', async () => {
  const saved = await savePosts(feed, archive, { now: NOW });
  expect(saved).toMatchObject({ updated: [], withdrawn: [], unchanged: 0 });
  expect(saved.inserted).toHaveLength(ITEMS);
  expect(await count('SELECT count(DISTINCT xmin::text) FROM posts')).toBeGreaterThan(2);
  const { rows } = await dbPool().query('SELECT posts FROM floods');
  expect(rows).toEqual([{ posts: ITEMS }]);
  expect(await count('SELECT count(*) FROM posts WHERE quiet AND flood_id = 1')).toBe(ITEMS);
  expect(await count('SELECT max(n) FROM (SELECT count(*) AS n FROM notices) AS x')).toBe(1);
});

test('its posts have ids in the order of their publication', async () => {
  await savePosts(feed, archive, { now: NOW });
  const { rows } = await dbPool().query<{ title: string }>('SELECT title FROM posts ORDER BY id');
  expect(rows.map((row) => row.title)).toEqual(archive.map(({ title }) => title).toReversed());
});

test('a post whose guids come in several parts is one post, and new', async () => {
  const same = { title: 'Told again', url: 'https://example.org/again' };
  const drafts = archive.map((_, n) => one(n, { ...same, guid: `guid ${n}` }));
  expect(await savePosts(feed, drafts, { now: NOW })).toMatchObject({ inserted: [1], updated: [] });
  expect(await count('SELECT count(*) FROM post_sources')).toBe(ITEMS);
});

test('an item that left the document is found again, whatever part its new guid is in', async () => {
  await savePosts(feed, archive, { now: NOW });
  const renamed = archive.map((draft, n) => {
    const { title, publishedAt, categories } = draft;
    return makeDraft({ title, publishedAt, categories, url: draft.url, guid: `anew ${n}` });
  });
  expect(await savePosts(feed, renamed, { now: NOW })).toMatchObject({ inserted: [], updated: [] });
  expect(await count('SELECT count(*) FROM post_sources')).toBe(ITEMS);
});

test('one story that another save holds keeps only its own part waiting', async () => {
  const last = archive.slice(0, 1);
  let saving: ReturnType<typeof savePosts> | undefined;
  await transaction(async (tx) => {
    await lockStories(tx, last);
    saving = savePosts(feed, archive, { now: NOW });
    while ((await count('SELECT count(*) FROM posts')) < ITEMS / 2) await Promise.resolve();
  });
  expect((await saving)?.inserted).toHaveLength(ITEMS);
});
