import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import { searchPosts } from '../../lib/queries/search.ts';
import { indexPosts } from '../../workers/jobs/index-posts.ts';
import { storeCorpusPosts } from '../support/corpus-posts.ts';
import { useDatabase } from '../support/database.ts';
import { storeSamplePosts } from '../support/sample-posts.ts';

useDatabase();

/** Mean of 1/rank of the right answers; a right answer that is on no first page counts nothing. */
const RECIPROCAL_RANK_MIN = 0.9;
/** Captured feeds, among whose thousands of posts all questions are answered then. */
const CORPUS = process.env.RELEVANCE_CORPUS ?? '';
const CORPUS_MS_MAX = 600_000;

/** Lines of `query => title of its right answer`, or its link. */
function readQuestions(name: string): [q: string, right: string][] {
  const file = path.join(import.meta.dirname, '../fixtures', name);
  return fs
    .readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [q = '', right = ''] = line.split(' => ');
      return [q, right];
    });
}

beforeAll(async () => {
  provideSettings({ MEILI_INDEX: `relevance-${crypto.randomUUID()}` });
  await storeSamplePosts();
  await dbPool().query(
    `INSERT INTO tag_aliases (slug, tag_id, name)
     SELECT lower(alias), t.id, alias
     FROM (VALUES ('a11y', 'accessibility'), ('i18n', 'internationalisation'),
                  ('PostgreSQL', 'postgres')) AS other (alias, slug)
     JOIN tags t USING (slug)`,
  );
  if (CORPUS !== '') {
    const posts = await storeCorpusPosts(CORPUS, new Date());
    process.stdout.write(`among ${posts} posts of ${CORPUS}\n`);
  }
  await indexPosts();
}, CORPUS_MS_MAX);

async function expectAnswers(questions: [q: string, right: string][]): Promise<void> {
  const report: string[] = [];
  let sum = 0;
  for (const [q, right] of questions) {
    const found = await searchPosts({ q });
    if (found.kind !== 'found') throw new Error(`${q}: ${found.kind}`);
    expect(found.answeredBy, q).toEqual({ by: 'index' });
    const rank = found.hits.findIndex(({ post }) => [post.title, post.url].includes(right)) + 1;
    sum += rank === 0 ? 0 : 1 / rank;
    report.push(`${rank === 0 ? '–' : rank}\t${q} → ${right}`);
  }
  const mean = sum / questions.length;
  const text = `${report.join('\n')}\nmean reciprocal rank: ${mean.toFixed(3)}`;
  process.stdout.write(`${text}\n`);
  expect(mean, text).toBeGreaterThanOrEqual(RECIPROCAL_RANK_MIN);
}

test('the right answers stand first, or near to it', async () => {
  const questions = readQuestions('relevance-questions.txt');
  expect(questions.length).toBeGreaterThanOrEqual(60);
  await expectAnswers(questions);
});

test.skipIf(CORPUS === '')('so they do for posts of a corpus, half remembered', async () => {
  const questions = readQuestions('relevance-corpus-questions.txt');
  const { rows } = await dbPool().query<{ url: string }>('SELECT url FROM posts');
  const urls = new Set(rows.map(({ url }) => url));
  const missing = questions.filter(([, url]) => !urls.has(url));
  expect(missing, 'questions about posts that this corpus does not have').toEqual([]);
  await expectAnswers(questions);
});
