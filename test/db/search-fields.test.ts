import { beforeAll, describe, expect, test } from 'vitest';
import { config, provideSettings } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import { searchPosts } from '../../lib/queries/search.ts';
import { indexPosts } from '../../workers/jobs/index-posts.ts';
import { useDatabase } from '../support/database.ts';
import { find, indexThreePosts, matches, plain, titles } from '../support/three-posts.ts';

useDatabase();
beforeAll(indexThreePosts);

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
