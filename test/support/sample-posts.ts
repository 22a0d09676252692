import { dbPool } from '../../lib/db.ts';
import { readSamples, type SamplePost } from '../../lib/embedded/sample-text.ts';
import { slugOf } from '../../lib/model/slug.ts';
import { makeFeed, makePost } from './make.ts';

const DAY_MS = 86_400_000;
const SAMPLES_NOW_MS = Date.parse('2026-06-15T12:00:00Z');

const textOf = (html: string) => html.replace(/<[^>]*>/gu, ' ').replace(/\s+/gu, ' ');

async function storeSample(feedId: number, post: SamplePost, language: string): Promise<void> {
  const id = await makePost({
    feedId,
    title: post.title,
    text: textOf(post.html),
    tags: post.tags,
    byline: post.author,
    url: `https://samples.example/${feedId}/${slugOf(post.title)}`,
    sortAt: new Date(SAMPLES_NOW_MS - post.days * DAY_MS),
  });
  await dbPool().query('UPDATE posts SET language = $2 WHERE id = $1', [id, language]);
  if (post.author === '') return;
  await dbPool().query(
    `WITH author AS (
       INSERT INTO authors (feed_id, key, name, slug) VALUES ($2, $3, $3, $4)
       ON CONFLICT (slug) DO UPDATE SET slug = excluded.slug RETURNING id)
     INSERT INTO post_authors (post_id, author_id, position, sort_at)
     SELECT $1, author.id, 0, p.sort_at FROM author, posts p WHERE p.id = $1`,
    [id, feedId, post.author, `${slugOf(post.author)}-${feedId}`],
  );
}

/** Stores the posts of the sample feeds, past polling: with tags, authors and languages. */
export async function storeSamplePosts(): Promise<void> {
  for (const source of readSamples()) {
    const feedId = await makeFeed(source.title);
    for (const post of source.posts) await storeSample(feedId, post, source.language);
  }
}
