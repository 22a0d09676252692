import { Meilisearch } from 'meilisearch';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { config, provideSettings } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import { isIndexCurrent, prepareIndex, removeDocuments } from '../../lib/search/index-documents.ts';
import { listPostsToIndex } from '../../lib/store/search-queue.ts';
import { indexPosts } from '../../workers/jobs/index-posts.ts';
import { rebuildIndex } from '../../workers/jobs/rebuild-index.ts';
import { useDatabase } from '../support/database.ts';
import { makeFeed, makePost } from '../support/make.ts';
import { find, indexThreePosts, titles } from '../support/three-posts.ts';

useDatabase();
beforeAll(indexThreePosts);

/** How many tasks Meilisearch has had for this file's index. */
async function countTasks(): Promise<number> {
  const { meiliUrl, meiliKey, meiliIndex } = config();
  const answer = await fetch(`${meiliUrl}/tasks?indexUids=${meiliIndex}`, {
    headers: { authorization: `Bearer ${meiliKey}` },
  });
  return ((await answer.json()) as { total: number }).total;
}

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

test('posts are taken out of an index that there is not, as nothing is in it', async () => {
  const inUse = config().meiliIndex;
  provideSettings({ MEILI_INDEX: `none-${crypto.randomUUID()}` });
  await expect(removeDocuments([1])).resolves.toBeUndefined();
  provideSettings({ MEILI_INDEX: inUse });
});
