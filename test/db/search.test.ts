import { beforeAll, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { searchForFeed } from '../../lib/queries/search.ts';
import { indexPosts } from '../../workers/jobs/index-posts.ts';
import { useDatabase } from '../support/database.ts';
import { makeFeed, makePost } from '../support/make.ts';
import { find, indexThreePosts, matches, plain, titles } from '../support/three-posts.ts';

useDatabase();
beforeAll(indexThreePosts);

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

  test('of words that no post has together, the rarer ones count', async () => {
    const found = await find('memory hybrid');
    expect(found.isPartial).toBe(true);
    expect(plain(found.hits[0]?.title ?? [])).toBe('Confused about the hybrid cloud?');
  });

  test('signs that make a word of a letter are part of it', async () => {
    const feedId = await makeFeed('Languages');
    await makePost({ feedId, title: 'Modules in C++20', text: 'Not in c.' });
    await makePost({ feedId, title: 'A case for C', text: 'Headers, and .NET Core.' });
    await makePost({ feedId, title: 'Records in C#', text: 'Not in F#.' });
    await indexPosts();
    expect(await titles('c++')).toEqual(['Modules in C++20']);
    expect(await titles('C#')).toEqual(['Records in C#']);
    expect(await titles('f#')).toEqual(['Records in C#']);
    expect(await titles('c')).toContain('A case for C');
    for (const q of ['.net', 'net core']) expect(await titles(q)).toEqual(['A case for C']);
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

describe('the order', () => {
  test('is by match unless the newest are asked for', async () => {
    expect(await titles('memory')).toEqual(['Rethinking NUMA', 'Release notes']);
    expect(await titles({ q: 'memory', order: 'newest' })).toEqual([
      'Release notes',
      'Rethinking NUMA',
    ]);
  });
});

describe('the feed of a search', () => {
  const now = new Date('2026-06-01T00:00:00Z');
  const feedOf = async (q: string) => {
    const feed = await searchForFeed({ q }, now);
    if (feed.kind !== 'posts') throw new Error(`search is ${feed.kind}`);
    return feed.posts;
  };

  test('has whole posts, newest first, and of busy days more than one page', async () => {
    expect((await feedOf('memory')).map(({ title, bodyHtml }) => [title, bodyHtml])).toEqual([
      ['Release notes', '<p>The far memory patches were merged.</p>'],
      ['Rethinking NUMA', expect.stringContaining('<p>Memory is near or far.')],
    ]);
    const feedId = await makeFeed('Busy Feed');
    for (let n = 0; n < 25; n++) {
      await makePost({ feedId, title: `Ocelot ${n}`, url: `https://busy.example/${n}` });
    }
    await indexPosts();
    expect(await feedOf('ocelot')).toHaveLength(25);
    await dbPool().query(`UPDATE posts SET created_at = $1 WHERE feed_id = $2`, [
      new Date('2026-05-01T00:00:00Z'),
      feedId,
    ]);
    expect(await feedOf('ocelot')).toHaveLength(20);
  });

  test('waits for posts with all words', async () => {
    expect((await find('numa volcano')).total).toBe(1);
    expect(await feedOf('numa volcano')).toEqual([]);
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
