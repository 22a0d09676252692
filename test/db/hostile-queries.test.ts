import { beforeAll, describe, expect, test } from 'vitest';
import { askForAlert } from '../../lib/commands/alerts.ts';
import { dbPool } from '../../lib/db.ts';
import { readSearchAddress } from '../../lib/model/search-address.ts';
import { previewWords } from '../../lib/queries/alert-preview.ts';
import { searchPosts } from '../../lib/queries/search.ts';
import { confirmAlert } from '../../lib/store/alerts.ts';
import { savePosts } from '../../lib/store/posts.ts';
import { matchAlerts } from '../../workers/jobs/match-alerts.ts';
import { useDatabase } from '../support/database.ts';
import { makeDraft, makeFeed } from '../support/make.ts';

// What is asked with, so that it takes long, says something else than it seems to, or breaks:
// through the form of alerts, the preview and the search alike.

useDatabase();
let number = 0;
let feedId = 0;

async function publish(title: string, bodyText: string): Promise<void> {
  const feed = { id: feedId, slug: 'a-feed', firstGoodAt: new Date(0), feedTags: [] };
  await savePosts(feed, [makeDraft({ title, bodyText })], { now: new Date() });
}

beforeAll(async () => {
  feedId = await makeFeed();
  await publish('A kernel', 'The kernel of aws, and the rest of it.');
});

const ask = (query: string, more: { email?: string; policy?: string; webhook?: string } = {}) =>
  askForAlert(
    { email: `reader${++number}@example.org`, query, cadence: 'instant', ...more },
    String(number),
  );

const repeat = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => make(index)).join(' ');
const letters = (index: number) => String.fromCharCode(97 + (index % 26), 97 + (index % 23));

/** By what is wrong with them; each is more than a query may be. */
const REFUSED: Record<string, string> = {
  'a word of 10,000 characters': 'x'.repeat(10_000),
  'a tag of 10,000 characters': `tag:${'x'.repeat(10_000)}`,
  'thousands of words': repeat(3000, letters),
  'deep brackets': `${'('.repeat(100)}a${')'.repeat(100)}`,
  'thousands of brackets': '('.repeat(20_000),
  'thousands of minus signs': `${'-'.repeat(20_000)}a`,
  'beginnings of one letter': repeat(26, (index) => `${letters(index)[0]}*`),
  'a star alone': '*',
  'stars within a word': 'a*a*a*a*a*b',
  'only what is left out': '-kernel -(aws OR the) -"rest of it"',
  'only what is left out of what is left out': '-(kernel -aws)',
};

/** Small enough to be asked, made to take long. */
const ASKED: Record<string, string> = {
  'many beginnings': repeat(32, (index) => `${letters(index)}*`),
  'a choice of beginnings': repeat(32, (index) => `${letters(index)}*`)
    .replaceAll(' ', ' OR ')
    .slice(0, 297),
  'a phrase of frequent words': `"${'the of and it '.repeat(20)}"`,
  'a phrase of one word, again and again': `"${'the '.repeat(70)}"`,
  'one word with a hundred hyphens': Array(100).fill('ab').join('-').slice(0, 299),
  'signs of tsquery': "kernel & ! | <-> :* 'aws' \\ a:ABCD <2> x:*",
  'signs of SQL': "kernel'; DROP TABLE posts; -- $1 %s \\",
  'signs of regular expressions': '(((x+x+)+)+)+y',
  'brackets within brackets': 'a (b OR (c (d OR (e (f OR (g (h OR -(kernel))))))))',
  'letters with hundreds of accents': `e${'\u0301'.repeat(280)}`,
  'an address with a thousand parts': `https://a.example/${'x/'.repeat(130)}`,
  'control characters': 'ker\u0000nel \u0007 a\u001bws',
  'halves of characters': 'kernel \ud800 \udc00x',
};

const search = (parameters: Record<string, string>) => searchPosts(readSearchAddress(parameters));

describe('what is too much for an alert', () => {
  test.each(Object.entries(REFUSED))('is refused with its place: %s', async (_, query) => {
    expect(await ask(query)).toEqual({ kind: 'invalid', field: 'query' });
    const { words } = await previewWords(query, '');
    expect(words).toMatchObject({ kind: 'invalid', field: 'query', message: /^.{20,200}$/u });
    expect(words.kind === 'invalid' && words.at).toBeLessThanOrEqual(query.length);
    expect(['found', 'invalid', 'too-costly']).toContain((await search({ q: query })).kind);
  });
});

describe('what is made to take long', () => {
  test.each(Object.entries(ASKED))('is like any other: %s', async (_, query) => {
    const asked = await ask(query);
    const { words, outcome } = await previewWords(query.replace(/\p{Cc}+/gu, ' '), '');
    const isRefused = words.kind === 'invalid' || outcome?.kind === 'no-word';
    expect(asked.kind).toBe(isRefused ? 'invalid' : 'asked');
    expect(['found', 'too-costly']).toContain((await search({ q: query })).kind);
  });

  test('is matched with what comes', async () => {
    const { rows: asked } = await dbPool().query<{ id: number; version: number }>(
      'SELECT id, token_version AS version FROM alerts',
    );
    for (const claim of asked) expect(await confirmAlert(claim)).toBe(true);
    await publish(
      'Another kernel',
      `Here is a b of aws, an addendum: ${'the of and it '.repeat(300)}`,
    );
    expect(await matchAlerts()).toBeGreaterThan(0);
    const { rows } = await dbPool().query<{ query: string }>(
      'SELECT query FROM alert_matches m JOIN alerts a ON a.id = m.alert_id',
    );
    const met = [
      'a choice of beginnings',
      'a phrase of frequent words',
      'brackets within brackets',
    ];
    expect(rows.map(({ query }) => query)).toEqual(
      expect.arrayContaining(met.map((name) => ASKED[name]?.trim())),
    );
  });
});

describe('a filter of a search', () => {
  test.each([
    ['author', '\u0000', 'found'],
    ['author', 'x'.repeat(10_000), 'found'],
    ['author', '"\u202e', 'found'],
    ['tag', '\u0000a', 'found'],
    ['tag', 'x'.repeat(10_000), 'found'],
    ['source', '\ud800', 'found'],
    ['lang', '\u0000', 'found'],
    ['lang', "en'", 'invalid'],
    ['lang', 'x'.repeat(10_000), 'invalid'],
    ['from', '\u0000', 'found'],
    ['year', '9'.repeat(10_000), 'invalid'],
  ])('may be anything: %s', async (name, value, kind) => {
    expect((await search({ q: 'kernel OR aws', [name]: value })).kind).toBe(kind);
  });
});

describe('a word with a letter of another alphabet', () => {
  test('finds nothing as it is, and what it seems to be is proposed', async () => {
    const query = readSearchAddress({ q: '=\u0430ws OR =\u0430wsx' });
    expect(await searchPosts(query, { proposes: true })).toMatchObject({
      total: 0,
      didYouMean: '=aws OR =awsx',
    });
  });
});
