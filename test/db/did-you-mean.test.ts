import { beforeAll, describe, expect, test } from 'vitest';
import { config, provideSettings } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import type { SearchQuery } from '../../lib/model/search.ts';
import { searchPosts } from '../../lib/queries/search.ts';
import { countSearchWords } from '../../lib/store/search-words.ts';
import { indexPosts } from '../../workers/jobs/index-posts.ts';
import { useDatabase } from '../support/database.ts';
import { makeFeed, makePost } from '../support/make.ts';
import { storeSamplePosts } from '../support/sample-posts.ts';

useDatabase();

async function meant(query: SearchQuery | string): Promise<string | undefined> {
  const asked = typeof query === 'string' ? { q: query } : query;
  const outcome = await searchPosts(asked, { proposes: true });
  if (outcome.kind !== 'found') throw new Error(`search is ${outcome.kind}`);
  if (outcome.didYouMean === undefined) return undefined;
  expect(outcome.total === 0 || outcome.isPartial).toBe(true);
  const again = await searchPosts({ ...asked, q: outcome.didYouMean });
  expect(again).toMatchObject({ kind: 'found', isPartial: false });
  expect(again.kind === 'found' && again.total).toBeGreaterThan(0);
  return outcome.didYouMean;
}

beforeAll(async () => {
  provideSettings({ MEILI_INDEX: `meant-${crypto.randomUUID()}` });
  await storeSamplePosts();
  await dbPool().query(
    `INSERT INTO tag_aliases (slug, tag_id, name)
     SELECT 'postgresql', id, 'PostgreSQL' FROM tags WHERE slug = 'databases'`,
  );
  await indexPosts();
  await countSearchWords();
});

describe('a search that finds nothing', () => {
  test('is answered with what may have been meant, where Meilisearch forgives no more', async () => {
    expect(await meant('tmstamp')).toBe('timestamp');
    expect(await meant('idmpotnt -volcano')).toBe('idempotent -volcano');
    expect(await meant('"nmua blancing"')).toBe('"numa balancing"');
    expect(await meant('"кадиравка по"')).toBe('"кодировка по"');
  });

  test('has its wrong word put right where others find something without it', async () => {
    expect(await meant('numa blancng')).toBe('numa balancing');
    // Known words that no post has together are no slip.
    expect(await meant('numa timestamp')).toBeUndefined();
  });

  test('keeps everything else as it was written', async () => {
    expect(await meant('tag:Databases  vacum*  "tmstamp" -gopher after:2020')).toBeUndefined();
    expect(await meant('tag:Databases   "tmstamp" -Gopher after:2020')).toBe(
      'tag:Databases   "timestamp" -Gopher after:2020',
    );
    expect(await meant('(zzzz OR Alocatr) -balancng')).toBe('(zzzz OR allocator) -balancng');
  });

  test('has its names of tags, sources and authors put right', async () => {
    expect(await meant('tag:databse timestamp')).toBe('tag:databases timestamp');
    expect(await meant('tag:postgersql timestamp')).toBe('tag:postgresql timestamp');
    expect(await meant('source:kernl-margins numa')).toBe('source:kernel-margins numa');
    expect(await meant('source:"Kernal Margin" numa')).toBe('source:"Kernel Margins" numa');
    expect(await meant('author:lindqist timestamp')).toBe('author:lindqvist timestamp');
    expect(await meant('author:"Teo Lindqist"')).toBe('author:"Teo lindqvist"');
  });

  test('has a name of a source left alone that there is', async () => {
    await dbPool().query(`UPDATE feeds SET title_override = 'Kernel & Margins (weekly)'
                          WHERE slug = 'kernel-margins'`);
    expect(await meant('source:"Kernel and Margins Weekly" "nmua"')).toBe(
      'source:"Kernel and Margins Weekly" "numa"',
    );
  });

  test('keeps what it is narrowed to, within which the proposal finds something', async () => {
    expect(await meant({ q: 'tmstamp', source: 'slow-query' })).toBe('timestamp');
    expect(await meant({ q: 'tmstamp', source: 'night-shift', year: '2020' })).toBeUndefined();
  });

  test('is answered so by Postgres as well', async () => {
    const { meiliUrl } = config();
    provideSettings({ MEILI_URL: '' });
    try {
      expect(await meant('timestmap')).toBe('timestamp');
      expect(await meant('"garbage colector"')).toBe('"garbage collector"');
    } finally {
      provideSettings({ MEILI_URL: meiliUrl });
    }
  });

  test('of words that nothing is near to gets no proposal', async () => {
    expect(await meant('qxzvwkj')).toBeUndefined();
    expect(await meant('-timestamp -tmstamp tag:nothing-like-it')).toBeUndefined();
  });

  test('may have a word that others have misspelt too', async () => {
    const feedId = await makeFeed('Slips');
    await makePost({ feedId, title: 'Of the kernle', text: 'One slip.' });
    for (let n = 1; n <= 20; n++) {
      await makePost({ feedId, title: `Of the kernel, part ${n}`, text: 'And pears.' });
    }
    await dbPool().query('DELETE FROM search_words');
    await indexPosts();
    await countSearchWords();
    expect(await meant('"kernle pears"')).toBeUndefined();
    expect(await meant('=kernle pears')).toBe('=kernel pears');
  });
});

test('one that finds something gets no proposal', async () => {
  expect(await meant('timestmap')).toBeUndefined();
  expect(await meant('numa volcano')).toBeUndefined();
});

test('a hostile text is answered without a proposal, and without looking for one', async () => {
  const words = 'tmstamp '.repeat(1_200);
  expect(await meant(words.slice(0, 10_000))).toBeUndefined();
  const letters = Array.from({ length: 30 }, (_, n) => `qzwx${n}vkj`).join(' ');
  expect(await meant(letters)).toBeUndefined();
  expect(await meant('x'.repeat(10_000))).toBeUndefined();
  expect(await meant(`tag:${'x'.repeat(290)}`)).toBeUndefined();
  expect(await meant(`"${"'\\".repeat(20)}z'); --"`)).toBeUndefined();
});

describe('the words of searches', () => {
  test('are counted when there are none, or many posts are new, and by one worker', async () => {
    expect(await countSearchWords()).toBeUndefined();
    await dbPool().query(`UPDATE search_words SET counted_at = now() - interval '25 hours'`);
    const [one, other] = await Promise.all([countSearchWords(), countSearchWords()]);
    expect([one, other].filter((words) => words !== undefined)).toHaveLength(1);
    const feedId = await makeFeed('Many');
    for (let n = 1; n <= 20; n++) await makePost({ feedId, title: `Zinnober ${n}` });
    expect(await countSearchWords()).toBeGreaterThan(500);
    const { rows } = await dbPool().query(
      `SELECT word, posts FROM search_words WHERE word IN ('zinnober', 'kernel-margins', 'margins')
       ORDER BY word`,
    );
    expect(rows).toEqual([
      { word: 'margins', posts: expect.any(Number) },
      { word: 'zinnober', posts: 20 },
    ]);
  });

  test('are no addresses, numbers or fields', async () => {
    const { rows } = await dbPool().query(
      `SELECT word FROM search_words WHERE word ~ '[/.:¶]' OR word ~ '^[0-9]+$'`,
    );
    expect(rows).toEqual([]);
  });
});
