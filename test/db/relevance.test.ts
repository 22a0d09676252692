import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import { readSamples, type SamplePost } from '../../lib/embedded/sample-text.ts';
import { slugOf } from '../../lib/model/slug.ts';
import { searchPosts } from '../../lib/queries/search.ts';
import { indexPosts } from '../../workers/jobs/index-posts.ts';
import { useDatabase } from '../support/database.ts';
import { makeFeed, makePost } from '../support/make.ts';

useDatabase();

/** Mean of 1/rank of the right answers; a right answer that is on no first page counts nothing. */
const RECIPROCAL_RANK_MIN = 0.9;
const DAY_MS = 86_400_000;
const SAMPLES_NOW_MS = Date.parse('2026-06-15T12:00:00Z');
/** Lines of `query => title of its right answer`. */
const QUESTIONS = path.join(import.meta.dirname, '../fixtures/relevance-questions.txt');

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

beforeAll(async () => {
  provideSettings({ MEILI_INDEX: `relevance-${crypto.randomUUID()}` });
  for (const source of readSamples()) {
    const feedId = await makeFeed(source.title);
    for (const post of source.posts) await storeSample(feedId, post, source.language);
  }
  await indexPosts();
});

test('the right answers stand first, or near to it', async () => {
  const lines = fs.readFileSync(QUESTIONS, 'utf8').trim().split('\n');
  expect(lines.length).toBeGreaterThanOrEqual(60);
  const report: string[] = [];
  let sum = 0;
  for (const line of lines) {
    const [q = '', title = ''] = line.split(' => ');
    const found = await searchPosts({ q });
    if (found.kind !== 'found') throw new Error(`${q}: ${found.kind}`);
    expect(found.answeredBy, q).toEqual({ by: 'index' });
    const rank = found.hits.findIndex((hit) => hit.post.title === title) + 1;
    sum += rank === 0 ? 0 : 1 / rank;
    report.push(`${rank === 0 ? '–' : rank}\t${q} → ${title}`);
  }
  const mean = sum / lines.length;
  const text = `${report.join('\n')}\nmean reciprocal rank: ${mean.toFixed(3)}`;
  process.stdout.write(`${text}\n`);
  expect(mean, text).toBeGreaterThanOrEqual(RECIPROCAL_RANK_MIN);
});
