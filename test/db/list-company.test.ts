import { expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { countAuthors } from '../../lib/queries/list-company.ts';
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
