import { expect } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import type { PostDraft } from '../../lib/model/post.ts';
import { type SavingFeed, savePosts } from '../../lib/store/posts.ts';
import { emptyTables } from './empty-tables.ts';
import { makeFeed } from './make.ts';

// Posts with tags as polls bring them, and what must be so whatever is done to tags.

const NOW = new Date('2026-06-01T00:00:00Z');

export async function rows<T extends object>(sql: string, values: unknown[] = []): Promise<T[]> {
  return (await dbPool().query<T>(sql, values)).rows;
}

/** Empties the database and makes two feeds. */
export async function twoFeeds(): Promise<[SavingFeed, SavingFeed]> {
  await emptyTables(
    ['feeds', 'tags', 'cache_events', 'tag_changes', 'tag_proposals', 'post_retags'],
    { isNumberedAnew: true },
  );
  const make = async (title: string): Promise<SavingFeed> => {
    const id = await makeFeed(title);
    return { id, slug: title.toLowerCase(), firstGoodAt: NOW, feedTags: [] };
  };
  return [await make('One'), await make('Two')];
}

export const save = (feed: SavingFeed, ...drafts: PostDraft[]) =>
  savePosts(feed, drafts, { now: NOW });

/** Titles with the names of their tags that are shown, in their order. */
export async function tagged(): Promise<Record<string, string[]>> {
  const found = await rows<{ title: string; names: string[] }>(
    `SELECT p.title, ARRAY(SELECT t.name FROM post_tags pt JOIN tags t ON t.id = pt.tag_id
       WHERE pt.post_id = p.id AND NOT t.hidden ORDER BY pt.position, t.name) AS names
     FROM posts p ORDER BY p.title`,
  );
  return Object.fromEntries(found.map(({ title, names }) => [title, names]));
}

/** Titles of the posts that wait for the index. */
export async function toIndex(): Promise<string[]> {
  const found = await rows<{ title: string }>(
    'SELECT title FROM posts WHERE indexed_at IS NULL ORDER BY title',
  );
  return found.map(({ title }) => title);
}

/** Posts are found by what they are now; those that wait in the queue follow. */
export async function expectWords(): Promise<void> {
  expect(
    await rows(`SELECT id FROM posts WHERE words IS DISTINCT FROM post_words(posts)
                  AND merged_into IS NULL AND id NOT IN (SELECT post_id FROM post_retags)`),
  ).toEqual([]);
}

/** What is copied, counted or derived agrees with the rows that it comes from. */
export async function expectSound(): Promise<void> {
  const counted = `SELECT tag_id, date_trunc('month', sort_at AT TIME ZONE 'UTC')::date AS month,
                          count(*)::int AS posts FROM post_tags GROUP BY 1, 2`;
  expect(
    await rows(`(${counted} EXCEPT SELECT tag_id, month, posts FROM tag_months)
                UNION ALL (SELECT tag_id, month, posts FROM tag_months EXCEPT ${counted})`),
  ).toEqual([]);
  await expectWords();
  expect(
    await rows(`SELECT pt.post_id FROM post_tags pt JOIN posts p ON p.id = pt.post_id
                WHERE pt.sort_at <> p.sort_at`),
  ).toEqual([]);
  expect(await rows('SELECT slug FROM tags JOIN tag_aliases USING (slug)')).toEqual([]);
  expect(await rows('SELECT post_id FROM post_retags')).toEqual([]);
}
