import { Meilisearch } from 'meilisearch';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { config, provideSettings } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import type { MarkedText } from '../../lib/model/marked-text.ts';
import type { SearchQuery } from '../../lib/model/search.ts';
import { searchPosts } from '../../lib/queries/search.ts';
import { isIndexCurrent, prepareIndex, removeDocuments } from '../../lib/search/index-documents.ts';
import { listPostsToIndex } from '../../lib/store/search-queue.ts';
import { indexPosts } from '../../workers/jobs/index-posts.ts';
import { rebuildIndex } from '../../workers/jobs/rebuild-index.ts';
import { useDatabase } from '../support/database.ts';
import { makeFeed, makePost } from '../support/make.ts';

useDatabase();

const plain = (marked: MarkedText) => marked.map((piece) => piece.text).join('');
const matches = (marked: MarkedText) =>
  marked.flatMap((piece) => (piece.isMatch ? [piece.text] : []));

async function find(query: SearchQuery | string) {
  const found = await searchPosts(typeof query === 'string' ? { q: query } : query);
  if (found.kind !== 'found') throw new Error(`search is ${found.kind}`);
  return found;
}

/** How many tasks Meilisearch has had for this file's index. */
async function countTasks(): Promise<number> {
  const { meiliUrl, meiliKey, meiliIndex } = config();
  const answer = await fetch(`${meiliUrl}/tasks?indexUids=${meiliIndex}`, {
    headers: { authorization: `Bearer ${meiliKey}` },
  });
  return ((await answer.json()) as { total: number }).total;
}

const titles = async (query: SearchQuery | string) =>
  (await find(query)).hits.map((hit) => plain(hit.title));

beforeAll(async () => {
  provideSettings({ MEILI_INDEX: `search-${crypto.randomUUID()}` });
  const storage = await makeFeed('Storage Notes');
  const kernel = await makeFeed('Kernel Week');
  await makePost({
    feedId: storage,
    title: 'Confused about the hybrid cloud?',
    text: 'A hybrid cloud joins a private cloud with a public one.',
    tags: ['Architecture', 'Cloud'],
    sortAt: new Date('2026-05-01T08:00:00Z'),
  });
  await makePost({
    feedId: kernel,
    title: 'Rethinking NUMA',
    text: 'Memory is near or far. <script>alert(1)</script> is only text here.',
    tags: ['Architecture', 'Kernel'],
    sortAt: new Date('2026-05-10T08:00:00Z'),
  });
  await makePost({
    feedId: kernel,
    title: 'Release notes',
    text: 'The far memory patches were merged.',
    tags: ['Kernel'],
    sortAt: new Date('2026-05-20T08:00:00Z'),
  });
  expect(await indexPosts()).toBe(3);
});

describe('search', () => {
  test('finds a post in spite of a typo', async () => {
    expect((await titles('hybrid clod'))[0]).toBe('Confused about the hybrid cloud?');
  });

  test('a phrase in quotes must stand as it is', async () => {
    expect(await titles('"far memory"')).toEqual(['Release notes']);
  });

  test('a word with a minus must not occur', async () => {
    expect(await titles('memory -patches')).toEqual(['Rethinking NUMA']);
  });

  test('when no post has all words, those with some are shown and it is said', async () => {
    const found = await find('numa volcano');
    expect(found.isPartial).toBe(true);
    expect(found.hits.map((hit) => plain(hit.title))).toEqual(['Rethinking NUMA']);
  });

  test('matched words are marked in title and passage', async () => {
    const [hit] = (await find('numa')).hits;
    expect(matches(hit?.title ?? [])).toEqual(['NUMA']);
    const [other] = (await find('patches')).hits;
    expect(matches(other?.passage ?? [])).toEqual(['patches']);
  });

  test('markup in a text stays text', async () => {
    const [hit] = (await find('alert')).hits;
    expect(plain(hit?.passage ?? [])).toContain('<script>alert(1)</script>');
  });

  test('filters by tag, source and days, and counts the facets', async () => {
    const found = await find({ q: '', tag: 'kernel' });
    expect(found.total).toBe(2);
    // Of a chosen facet the others are counted too, for who wants another.
    expect(found.facets.tag).toEqual([
      { slug: 'architecture', name: 'Architecture', posts: 2 },
      { slug: 'kernel', name: 'Kernel', posts: 2 },
      { slug: 'cloud', name: 'Cloud', posts: 1 },
    ]);
    expect(found.facets.source).toEqual([{ slug: 'kernel-week', name: 'Kernel Week', posts: 2 }]);
    expect(found.facets.year).toEqual([{ slug: '2026', name: '2026', posts: 2 }]);
    expect(await titles({ q: '', source: 'storage-notes' })).toHaveLength(1);
    expect(await titles({ q: '', from: '2026-05-10', to: '2026-05-10' })).toEqual([
      'Rethinking NUMA',
    ]);
  });

  test('a filter value with quotes cannot break out of its filter', async () => {
    expect(await titles({ q: '', tag: '" OR id > 0 OR tagSlugs = "' })).toEqual([]);
  });
});

describe('fields and days in the query', () => {
  /** Each beside a choice that changes nothing, which only Postgres can answer. */
  const both = async (q: string) => {
    const index = await find(q);
    const database = await find(`${q} (zzz OR -zzz)`);
    expect([index.answeredBy.by, database.answeredBy.by]).toEqual(['index', 'database']);
    const ids = (found: typeof index) => found.hits.map((hit) => hit.post.id).sort();
    expect(ids(database)).toEqual(ids(index));
    return index.hits.map((hit) => plain(hit.title));
  };

  beforeAll(async () => {
    const { rows } = await dbPool().query<{ id: number }>(
      `UPDATE posts SET byline = 'Ada Byron', language = 'en-gb', indexed_at = NULL
       WHERE title = 'Rethinking NUMA' RETURNING id`,
    );
    await dbPool().query(
      `WITH a AS (INSERT INTO authors (feed_id, key, name, slug)
                  SELECT id, 'ada byron', 'Ada Byron', 'ada-byron' FROM feeds
                  WHERE slug = 'kernel-week' RETURNING id)
       INSERT INTO post_authors (post_id, author_id, position, sort_at)
       SELECT $1, a.id, 0, p.sort_at FROM a, posts p WHERE p.id = $1`,
      [rows[0]?.id],
    );
    await dbPool().query(
      `INSERT INTO tag_aliases (slug, tag_id, name)
       SELECT 'linux-kernel', id, 'Linux kernel' FROM tags WHERE slug = 'kernel'`,
    );
    await dbPool().query('UPDATE posts SET words = post_words(posts)');
    await indexPosts();
  });

  test('find the same by the index and by Postgres, with names as a reader has them', async () => {
    expect(await both('tag:Architecture')).toHaveLength(2);
    expect(await both('memory -tag:architecture')).toEqual(['Release notes']);
    expect(await both('tag:"Linux Kernel" patches')).toEqual(['Release notes']);
    expect(await both('source:"Kernel Week" memory')).toHaveLength(2);
    await dbPool().query(
      `INSERT INTO post_sources (feed_id, guid_hash, post_id, guid, url, draft_hash, sort_at)
       SELECT f.id, 'joined', p.id, p.url, p.url, '', p.sort_at FROM feeds f, posts p
       WHERE f.slug = 'storage-notes' AND p.title = 'Release notes'`,
    );
    await dbPool().query(
      `UPDATE posts SET words = post_words(posts), indexed_at = NULL
       WHERE title = 'Release notes'`,
    );
    await indexPosts();
    expect(await both('source:storage-notes memory')).toEqual(['Release notes']);
    expect(await both('author:byron')).toEqual(['Rethinking NUMA']);
    expect(await both('author:"ada byron" lang:en')).toEqual(['Rethinking NUMA']);
    expect(await both('after:2026-05-10 before:2026-05-11')).toEqual(['Rethinking NUMA']);
    expect(await both('before:2026-05-10')).toEqual(['Confused about the hybrid cloud?']);
  });

  test('of which the index knows nothing, Postgres answers, with passages and facets', async () => {
    const found = await find({ q: 'numa OR title:release', tag: 'kernel', to: '2026-05-31' });
    expect(found).toMatchObject({
      answeredBy: { by: 'database', why: 'query', beyond: ['OR'] },
      total: 2,
      pages: 1,
      facets: {
        source: [
          { slug: 'kernel-week', name: 'Kernel Week', posts: 2 },
          { slug: 'storage-notes', name: 'Storage Notes', posts: 1 },
        ],
        tag: [
          { slug: 'kernel', posts: 2 },
          { slug: 'architecture', posts: 1 },
        ],
        author: [{ slug: 'Ada Byron', name: 'Ada Byron', posts: 1 }],
        lang: [{ slug: 'en', name: 'English', posts: 1 }],
        year: [{ slug: '2026', posts: 2 }],
      },
    });
    const [hit] = (await find('=patches')).hits;
    expect(matches(hit?.passage ?? [])).toEqual(['patches']);
    expect(await titles({ q: 'memor*', order: 'newest' })).toEqual([
      'Release notes',
      'Rethinking NUMA',
    ]);
    expect(await titles({ q: 'memor*', pageSize: 1, page: 2 })).toHaveLength(1);
    expect(await titles('title:numa')).toEqual(['Rethinking NUMA']);
    expect(await titles('=mem')).toEqual([]);
    // The one post with a language has the forms that its words have in it.
    expect(await titles('rethink OR zzz')).toEqual(['Rethinking NUMA']);
    expect(await titles('=rethink')).toEqual([]);
    expect(await titles('(numas OR noted) -fars')).toEqual([]);
    const [other] = (await find('memories OR zzz')).hits;
    expect(matches(other?.passage ?? [])).toEqual(['Memory']);
    expect(await titles('²³*')).toEqual([]);
  });

  test('are answered by Postgres with the search server switched off', async () => {
    const { meiliUrl } = config();
    provideSettings({ MEILI_URL: '' });
    try {
      expect(await find('hybrid')).toMatchObject({ answeredBy: { why: 'off' }, total: 1 });
      expect(await titles({ q: '-hybrid', tag: 'architecture' })).toEqual(['Rethinking NUMA']);
      expect(await titles('-hybrid -patches')).toEqual(['Rethinking NUMA']);
      expect(await titles('call() "memory')).toEqual([]);
      expect(await titles({ q: '', from: '2026-05-02' })).toEqual([
        'Release notes',
        'Rethinking NUMA',
      ]);
      expect(await titles({ q: '', tag: '" OR id > 0' })).toEqual([]);
    } finally {
      provideSettings({ MEILI_URL: meiliUrl });
    }
  });

  test('are taken from the address too: author by name or archive, language, year', async () => {
    const { rows } = await dbPool().query<{ slug: string }>('SELECT slug FROM authors');
    for (const filter of [
      { author: 'Ada Byron' },
      { author: rows[0]?.slug ?? '' },
      { lang: 'EN' },
    ]) {
      expect(await titles({ q: '', ...filter })).toEqual(['Rethinking NUMA']);
      expect(await titles({ q: 'numa OR release', ...filter })).toEqual(['Rethinking NUMA']);
    }
    expect(await titles({ q: 'memory', year: '2026' })).toHaveLength(2);
    expect(await titles({ q: 'memory OR zzz', year: '2025' })).toEqual([]);
    const other = await find({ q: 'memory', year: '2025' });
    expect(other).toMatchObject({ total: 0, facets: { year: [{ slug: '2026', posts: 2 }] } });
    expect(await searchPosts({ q: '', year: '26' })).toMatchObject({ kind: 'invalid' });
  });

  test('without sense are refused with their place', async () => {
    expect(await searchPosts({ q: 'numa after:soon' })).toMatchObject({ kind: 'invalid', at: 11 });
    expect(await searchPosts({ q: 'foo( numa' })).toMatchObject({
      kind: 'found',
      fault: { at: 3 },
    });
  });
});

describe('the order', () => {
  test('is by match unless the newest are asked for', async () => {
    expect(await titles('memory')).toEqual(['Rethinking NUMA', 'Release notes']);
    expect(await titles({ q: 'memory', order: 'newest' })).toEqual([
      'Release notes',
      'Rethinking NUMA',
    ]);
  });
});

describe('the index', () => {
  test('takes a text whose cut would halve an emoji', async () => {
    const feedId = await makeFeed('Long Feed');
    const text = `${'lengthy '.repeat(12_499)}1234567😀 end`;
    const id = await makePost({ feedId, title: 'Longread', text });
    expect(await indexPosts()).toBe(1);
    expect(await titles('longread')).toEqual(['Longread']);
    await dbPool().query('DELETE FROM posts WHERE id = $1', [id]);
    await removeDocuments([id]);
  });

  test('stores settings once, and finds them in force afterwards', async () => {
    expect(await prepareIndex()).toBe(true);
    const before = await countTasks();
    expect(await prepareIndex()).toBe(true);
    expect(await countTasks()).toBe(before);
  });

  test('is written by one worker at a time, and none of two loses a post', async () => {
    const feedId = await makeFeed('Busy Feed');
    for (let n = 1; n <= 20; n++) await makePost({ feedId, title: `Busy ${n}` });
    const written = await Promise.all([indexPosts(), indexPosts(), indexPosts()]);
    expect(written.reduce((sum, n) => sum + n, 0)).toBe(20);
    expect(await indexPosts()).toBe(0);
    expect((await find({ q: '', source: 'busy-feed' })).total).toBe(20);
    const { rows } = await dbPool().query<{ id: number }>(
      'DELETE FROM posts WHERE feed_id = $1 RETURNING id',
      [feedId],
    );
    await removeDocuments(rows.map((row) => row.id));
    expect((await find({ q: '', source: 'busy-feed' })).total).toBe(0);
  });

  test('is filled in batches of bytes as well', async () => {
    const feedId = await makeFeed('Wordy Feed');
    for (let n = 1; n <= 3; n++) {
      await makePost({ feedId, title: `Wordy ${n}`, text: 'x'.repeat(1000) });
    }
    const batch = await listPostsToIndex({ posts: 10, bytes: 1500 });
    expect(batch.map((post) => post.title)).toEqual(['Wordy 1', 'Wordy 2']);
    const [first, second] = batch.map((post) => post.id);
    const others = await listPostsToIndex({ posts: 10, bytes: 1 }, [first ?? 0, second ?? 0]);
    expect(others.map((post) => post.title)).toEqual(['Wordy 3']);
    await dbPool().query('DELETE FROM posts WHERE feed_id = $1', [feedId]);
  });

  test('a changed post is indexed anew, and one that changes meanwhile once more', async () => {
    await dbPool().query(
      `UPDATE posts SET title = 'Release notes, amended', changed_at = now(), indexed_at = NULL
       WHERE title = 'Release notes'`,
    );
    expect(await indexPosts()).toBe(1);
    expect(await titles('amended')).toEqual(['Release notes, amended']);
    expect(await indexPosts()).toBe(0);
  });

  test('a withdrawn post can no longer be found', async () => {
    await dbPool().query(
      `UPDATE posts SET withdrawn_at = now(), changed_at = now(), indexed_at = NULL
       WHERE title = 'Rethinking NUMA'`,
    );
    expect(await titles('numa')).toEqual([]); // at once, though it is indexed still
    await indexPosts();
    expect((await find('numa')).total).toBe(0);
  });

  test('while Meilisearch is away posts wait, and nothing is lost', async () => {
    const feedId = await makeFeed('Late Feed');
    await makePost({ feedId, title: 'Quicksilver' });
    provideSettings({ MEILI_URL: 'http://127.0.0.1:9' });
    await expect(indexPosts()).rejects.toThrow(/Meilisearch at .* does not answer/u);
    expect(await find('quicksilver')).toMatchObject({ answeredBy: { why: 'away' } });
    provideSettings({ MEILI_URL: inject('meiliUrl') });
    expect(await indexPosts()).toBe(1);
    expect(await titles('quicksilver')).toEqual(['Quicksilver']);
  });

  test('without Meilisearch Postgres answers, and posts wait', async () => {
    provideSettings({ MEILI_URL: '' });
    expect(await find('quicksilver')).toMatchObject({ answeredBy: { why: 'off' } });
    expect(await indexPosts()).toBe(0);
    provideSettings({ MEILI_URL: inject('meiliUrl') });
  });
});

describe('a rebuild', () => {
  test('fills a new index and takes its place, and later changes are indexed after it', async () => {
    const seen: number[] = [];
    const written = await rebuildIndex((done) => seen.push(done));
    expect(written).toBe(seen.at(-1));
    expect(await titles('quicksilver')).toEqual(['Quicksilver']);
    await dbPool().query(
      `UPDATE posts SET title = 'Mercury', changed_at = now(), indexed_at = NULL
       WHERE title = 'Quicksilver'`,
    );
    expect(await indexPosts()).toBe(1);
    expect(await titles('mercury')).toEqual(['Mercury']);
  });
});

describe('an index with other settings', () => {
  test('answers until one with those of this version is filled, and posts are not lost', async () => {
    const { meiliUrl, meiliKey: apiKey, meiliIndex } = config();
    const old = new Meilisearch({ host: meiliUrl ?? '', apiKey }).index(meiliIndex);
    await old.updateFilterableAttributes(['tagSlugs', 'year']).waitTask();
    const feedId = await makeFeed('New Feed');
    await makePost({ feedId, title: 'Zinnober' });
    expect(await isIndexCurrent()).toBe(false);
    expect((await old.search('mercury')).hits).toHaveLength(1);
    await indexPosts();
    expect(await isIndexCurrent()).toBe(true);
    expect(await titles({ q: 'zinnober', source: 'new-feed' })).toEqual(['Zinnober']);
    expect(await titles('mercury')).toEqual(['Mercury']);
    expect(await indexPosts()).toBe(0);
  });
});

describe('another name of a tag', () => {
  test('is found as the tag’s own is, and the other way round, without writing posts again', async () => {
    const feedId = await makeFeed('Cluster Feed');
    await makePost({ feedId, title: 'A day with k8s' });
    await makePost({ feedId, title: 'Pods', tags: ['Kubernetes'] });
    await indexPosts();
    expect(await titles('k8s')).toEqual(['A day with k8s']);
    await dbPool().query(
      `INSERT INTO tag_aliases (slug, tag_id, name)
       SELECT 'k8s', id, 'k8s' FROM tags WHERE slug = 'kubernetes'`,
    );
    expect(await indexPosts()).toBe(0);
    expect((await titles('k8s')).sort()).toEqual(['A day with k8s', 'Pods']);
    expect((await titles('kubernetes')).sort()).toEqual(['A day with k8s', 'Pods']);
    const before = await countTasks();
    await indexPosts();
    expect(await countTasks()).toBe(before);
    await rebuildIndex(() => {});
    expect(await titles('k8s')).toHaveLength(2);
  });
});

describe('what is shown of a hit', () => {
  test('is as stored now: the new title before it is indexed, no text of a link-only source', async () => {
    const feedId = await makeFeed('Terse Feed');
    await makePost({ feedId, title: 'Gazpacho', text: 'A cold soup.' });
    await indexPosts();
    await dbPool().query(`UPDATE posts SET title = 'Gazpacho, revised' WHERE title = 'Gazpacho'`);
    await dbPool().query(
      `UPDATE feeds SET display = 'link', title_override = 'Terse' WHERE id = $1`,
      [feedId],
    );
    const [hit] = (await find('gazpacho')).hits;
    expect(hit?.title).toEqual([{ text: 'Gazpacho, revised', isMatch: false }]);
    expect(hit?.passage).toEqual([]);
    expect(hit?.post).toMatchObject({ source: { title: 'Terse' }, bodyHtml: '' });
  });
});

test('posts are taken out of an index that there is not, as nothing is in it', async () => {
  const inUse = config().meiliIndex;
  provideSettings({ MEILI_INDEX: `none-${crypto.randomUUID()}` });
  await expect(removeDocuments([1])).resolves.toBeUndefined();
  provideSettings({ MEILI_INDEX: inUse });
});
