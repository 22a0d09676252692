import { expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { countAuthors, getListCompany } from '../../lib/queries/list-company.ts';
import { listPosts } from '../../lib/queries/posts.ts';
import { listForSitemap } from '../../lib/queries/sitemap.ts';
import { getSource, listSourceMonths, listSources } from '../../lib/queries/sources.ts';
import { findTerms } from '../../lib/queries/tag-terms.ts';
import { findTag, getTagSummary, listTags } from '../../lib/queries/tags.ts';
import { withdrawPost } from '../../lib/store/withdrawals.ts';
import { useDatabase } from '../support/database.ts';
import { makeFeed, makePost } from '../support/make.ts';

useDatabase();

test('an author of a source and their posts in another stand once in its list', async () => {
  const feeds = [await makeFeed('One'), await makeFeed('Two')];
  const posts: number[] = [];
  for (const [n, feedId] of [feeds[0], feeds[1], feeds[1]].entries()) {
    posts.push(
      await makePost({ feedId: feedId ?? 0, title: `Post ${n}`, url: `https://a.example/${n}` }),
    );
  }
  await dbPool().query(
    `WITH named AS (
       INSERT INTO authors (feed_id, key, name, slug)
       SELECT id, 'ada', 'Ada', 'ada-' || id FROM unnest($1::int[]) AS id RETURNING id, feed_id)
     INSERT INTO post_authors (post_id, author_id, position, sort_at)
     SELECT p.id, named.id, 0, p.sort_at FROM posts p JOIN named ON named.feed_id = p.feed_id`,
    [feeds],
  );
  expect(await countAuthors(posts, feeds[0])).toEqual([
    { slug: `ada-${feeds[0]}`, name: 'Ada', posts: 3 },
  ]);
  // Elsewhere two people may have one name.
  expect((await countAuthors(posts)).map(({ slug, posts: each }) => [slug, each])).toEqual([
    [`ada-${feeds[1]}`, 2],
    [`ada-${feeds[0]}`, 1],
  ]);
});

test('what was withdrawn is counted nowhere, and a page is full without it', async () => {
  const feedId = await makeFeed('Taken Back');
  const ids: number[] = [];
  for (let n = 0; n < 22; n++) {
    ids.push(
      await makePost({
        feedId,
        title: `Piece ${n}`,
        url: `https://t.example/${n}`,
        tags: n === 21 ? ['Larch', 'Alone'] : ['Larch'],
        sortAt: new Date(Date.UTC(2026, n === 21 ? 6 : 5, 1 + n)),
      }),
    );
  }
  const newest = ids[21] ?? 0;
  expect(await withdrawPost(newest)).toBe(true);
  const tag = await findTag('larch');
  if (tag?.kind !== 'tag') throw new Error('there is no tag');
  const june = [{ month: '2026-06', posts: 21 }];
  const last = '2026-06-21T00:00:00.000Z';
  expect(await getTagSummary(tag)).toMatchObject({ posts: 21, months: june, lastAt: last });
  expect((await listTags()).find(({ slug }) => slug === 'larch')).toMatchObject({ posts: 21 });
  expect((await listTags()).some(({ slug }) => slug === 'alone')).toBe(false);
  expect(await getSource('taken-back')).toMatchObject({ posts: 21, lastPostAt: last });
  const page = await listSources(1);
  expect(page?.sources.find(({ slug }) => slug === 'taken-back')?.posts).toBe(21);
  expect(await listSourceMonths(feedId)).toEqual(june);
  const scope = { kind: 'source', id: feedId } as const;
  expect((await getListCompany(scope, new Date())).tags).toEqual([
    { slug: 'larch', name: 'Larch', posts: 21 },
  ]);
  expect((await listPosts(scope)).posts).toHaveLength(20);
  const sitemap = await listForSitemap();
  expect(sitemap.find(({ slug }) => slug === 'larch')?.lastAt).toBe(last);
  expect(sitemap.some(({ slug }) => slug === 'alone')).toBe(false);
  const terms = await findTerms('larch~alone', { with: ['larch'], without: ['alone'] });
  if (terms?.kind !== 'tags') throw new Error('there are no such tags');
  expect(terms.tags.with[0]?.posts).toBe(21);
  const both = { with: [terms.tags.with[0]?.id ?? 0, terms.tags.without[0]?.id ?? 0], without: [] };
  expect((await listPosts({ kind: 'tags', terms: both })).posts).toEqual([]);
});
