import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { readFeed } from '../../lib/ingest/read-feed.ts';
import type { PostDraft } from '../../lib/model/post.ts';
import { type SavingFeed, savePosts } from '../../lib/store/posts.ts';
import { retagPosts } from '../../workers/jobs/retag-posts.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { makeDraft, makeFeed } from '../support/make.ts';
import { expectWords } from '../support/tagged-posts.ts';

useDatabase();
afterEach(expectWords);

const NOW = new Date('2026-06-01T00:00:00Z');
const url = 'https://example.org/shared';
let feeds: SavingFeed[];

beforeEach(async () => {
  await emptyTables(['feeds', 'tags', 'cache_events', 'post_retags'], { isNumberedAnew: true });
  feeds = [];
  for (const number of [1, 2, 3, 4, 5, 6]) {
    const id = await makeFeed(`Feed ${number}`);
    feeds.push({ id, slug: `feed-${number}`, firstGoodAt: NOW, feedTags: [] });
  }
});

function save(drafts: PostDraft[], source = 0) {
  const feed = feeds[source];
  if (feed === undefined) throw new Error(`there is no feed number ${source}`);
  return savePosts(feed, drafts, { now: NOW });
}

async function rows<T extends object>(sql: string): Promise<T[]> {
  return (await dbPool().query<T>(sql)).rows;
}

const staleTags = async () =>
  (await rows<{ tags: string[] }>('SELECT tags FROM cache_events ORDER BY id DESC LIMIT 1'))[0]
    ?.tags;

const tagNames = async () =>
  (
    await rows<{ name: string }>(
      'SELECT t.name FROM post_tags pt JOIN tags t ON t.id = pt.tag_id ORDER BY pt.position, t.id',
    )
  ).map((row) => row.name);

describe('a story that another feed has brought before', () => {
  const shared = { title: 'Shared', url };

  test('is indexed again, for it has more tags now, and stale wherever it stands', async () => {
    await save([makeDraft({ ...shared, categories: ['A'], authors: [{ name: 'Ada' }] })]);
    await dbPool().query('UPDATE posts SET indexed_at = now()');
    await save([makeDraft({ ...shared, guid: 'two', categories: ['B'] })], 1);
    expect(await rows('SELECT indexed_at FROM posts')).toEqual([{ indexed_at: null }]);
    expect([...((await staleTags()) ?? [])].sort()).toEqual([
      'author:ada',
      'latest',
      'post:1',
      'source:feed-1',
      'source:feed-2',
      'tag:a',
      'tag:b',
      'tags',
    ]);
  });

  test('keeps the tags of its first source in front, also when that one edits them', async () => {
    await save([makeDraft({ ...shared, guid: 'one', categories: ['First', 'Second'] })]);
    await save([makeDraft({ ...shared, guid: 'two', categories: ['Other', 'First'] })], 1);
    expect(await tagNames()).toEqual(['First', 'Second', 'Other']);
    await save([makeDraft({ ...shared, guid: 'one', categories: ['Second', 'First'] })]);
    expect(await tagNames()).toEqual(['Second', 'First', 'Other']);
  });

  test('loses what any of its sources takes away, and keeps what another still gives', async () => {
    await save([makeDraft({ ...shared, guid: 'one', categories: ['Wrongtag', 'Both'] })]);
    await save([makeDraft({ ...shared, guid: 'two', categories: ['Both', 'Other'] })], 1);
    await save([makeDraft({ ...shared, guid: 'one', categories: ['Righttag'] })]);
    await retagPosts();
    expect(await tagNames()).toEqual(['Righttag', 'Both', 'Other']);
    expect(await staleTags()).toEqual(expect.arrayContaining(['post:1', 'tag:wrongtag']));
    expect(
      await rows('SELECT t.name FROM tag_months m JOIN tags t ON t.id = m.tag_id'),
    ).toHaveLength(3);
    await save([makeDraft({ ...shared, guid: 'two', categories: ['Both'] })], 1);
    await retagPosts();
    expect(await tagNames()).toEqual(['Righttag', 'Both']);
  });

  test('is not looked at again when a source only gives it more', async () => {
    await save([makeDraft({ ...shared, guid: 'one', categories: ['A'] })]);
    await save([makeDraft({ ...shared, guid: 'two', categories: ['B'] })], 1);
    await save([makeDraft({ ...shared, guid: 'one', categories: ['C', 'A'] })]);
    expect(await rows('SELECT post_id FROM post_retags')).toEqual([]);
    expect(await tagNames()).toEqual(['C', 'A', 'B']);
  });

  test('is not rewritten by an edit of the second source', async () => {
    await save([makeDraft({ ...shared, guid: 'one' })]);
    await save([makeDraft({ ...shared, guid: 'two' })], 1);
    const edit = makeDraft({ ...shared, guid: 'two', title: 'Their headline', categories: ['C'] });
    expect(await save([edit], 1)).toEqual({
      inserted: [],
      updated: [1],
      withdrawn: [],
      unchanged: 0,
    });
    expect(await rows('SELECT title FROM posts')).toEqual([{ title: 'Shared' }]);
    expect(await tagNames()).toEqual(['C']);
  });

  test('is one post for two labels that an operator made one tag', async () => {
    await dbPool().query(`INSERT INTO tags (slug, name) VALUES ('kubernetes', 'Kubernetes')`);
    await dbPool().query(`INSERT INTO tag_aliases (slug, tag_id) SELECT 'k8s', id FROM tags`);
    await save([makeDraft({ ...shared, categories: ['K8s', 'Pods', 'Kubernetes'] })]);
    expect(await tagNames()).toEqual(['Kubernetes', 'Pods']);
  });
});

test('an author whom a post loses has a stale page', async () => {
  await save([makeDraft({ title: 'P', guid: 'p', authors: [{ name: 'Ada' }] })]);
  await save([makeDraft({ title: 'P', guid: 'p', authors: [{ name: 'Grace' }] })]);
  expect(await staleTags()).toEqual(expect.arrayContaining(['author:ada', 'author:grace']));
});

test('releases that all link to one page are posts of their own', async () => {
  const release = (version: string) =>
    makeDraft({ title: `Tool ${version} is out, with many fixes`, url, guid: version });
  expect((await save(['1.1', '1.2', '1.3'].map(release))).inserted).toHaveLength(3);
  expect((await save(['1.4'].map(release))).inserted).toHaveLength(1);
});

test('six feeds that bring the same stories at once make each of them once', async () => {
  const story = (n: number, source: number) => {
    const labels = [`T${n % 7}`, `T${n % 5}`, 'All', `Only ${source}`];
    return makeDraft({
      title: `Story number ${n}`,
      guid: `${source}/${n}`,
      categories: source % 2 ? labels : labels.reverse(),
      authors: [{ name: 'Sam Doe' }],
    });
  };
  const numbers = Array.from({ length: 40 }, (_, n) => n);
  await Promise.all(
    feeds.map((_, source) => {
      const own = source % 2 ? numbers : numbers.toReversed();
      return save(
        own.map((n) => story(n, source)),
        source,
      );
    }),
  );
  expect(await rows('SELECT id FROM posts')).toHaveLength(40);
  expect(await rows('SELECT post_id FROM post_sources')).toHaveLength(240);
  const counted = await rows(
    'SELECT tag_id, sum(posts)::int AS posts FROM tag_months GROUP BY tag_id ORDER BY tag_id',
  );
  const there = await rows(
    'SELECT tag_id, count(*)::int AS posts FROM post_tags GROUP BY tag_id ORDER BY tag_id',
  );
  expect(counted).toEqual(there);
});

test('first polls with thousands of addresses at once do not use up the locks', async () => {
  const archive = (source: number) =>
    Array.from({ length: 2000 }, (_, n) => makeDraft({ title: `Archive ${source} item ${n}` }));
  const saved = await Promise.all(feeds.slice(0, 4).map((_, i) => save(archive(i), i)));
  expect(saved.map((one) => one.inserted.length)).toEqual([2000, 2000, 2000, 2000]);
});

test('NUL and half characters of a feed never reach Postgres', async () => {
  const hostile = 'a\u0000b\uD800c &#0; &#xD800; \\u0000';
  const item = {
    id: `guid ${hostile}`,
    url: 'https://example.org/hostile',
    title: `Title ${hostile}`,
    content_html: `<p title="${hostile}">${hostile}</p>`,
    authors: [{ name: `Ada ${hostile}` }],
    tags: [`Tag ${hostile}`],
  };
  const json = { version: 'https://jsonfeed.org/version/1.1', title: hostile, items: [item] };
  const rss = `<rss version="2.0"><channel><title>${hostile}</title><item>
    <title>${hostile}</title><guid>${hostile}</guid><link>https://example.org/rss</link>
    <category>${hostile}</category><author>${hostile}</author>
    <description><![CDATA[${hostile}]]></description></item></channel></rss>`;
  for (const text of [JSON.stringify(json), rss]) {
    const read = await readFeed(Buffer.from(text), { url: 'https://example.org/feed', now: NOW });
    if (read.kind !== 'read') throw new Error(read.message);
    const texts: string[] = [];
    JSON.stringify(read, (_, value) => {
      if (typeof value === 'string') texts.push(value);
      return value;
    });
    expect(texts.filter((each) => each.includes('\0') || !each.isWellFormed())).toEqual([]);
    expect((await save(read.drafts)).inserted).toHaveLength(1);
  }
});
