import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { searchPosts } from '../../lib/queries/search.ts';
import { indexPosts } from '../../workers/jobs/index-posts.ts';
import { useDatabase } from '../support/database.ts';
import { storeSamplePosts } from '../support/sample-posts.ts';

useDatabase();

/** Mean of 1/rank of the right answers; a right answer that is on no first page counts nothing. */
const RECIPROCAL_RANK_MIN = 0.9;
/** Lines of `query => title of its right answer`. */
const QUESTIONS = path.join(import.meta.dirname, '../fixtures/relevance-questions.txt');

beforeAll(async () => {
  provideSettings({ MEILI_INDEX: `relevance-${crypto.randomUUID()}` });
  await storeSamplePosts();
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
