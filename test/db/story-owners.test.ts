import fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dbPool, transaction } from '../../lib/db.ts';
import { getPost } from '../../lib/queries/posts.ts';
import { savePosts } from '../../lib/store/posts.ts';
import { canonicalisePosts } from '../../workers/jobs/canonicalise-posts.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { makeDraft, makeFeed } from '../support/make.ts';
import { expectWords } from '../support/tagged-posts.ts';

// Whose words are shown of a story that several feeds carry.

useDatabase();
afterEach(expectWords);

const NOW = new Date('2026-06-01T00:00:00Z');
const ids = new Map<string, number>();

beforeEach(async () => {
  await emptyTables(['feeds', 'tags', 'cache_events'], { isNumberedAnew: true });
  ids.clear();
  for (const name of ['Alice', 'Linkblog', 'Mirror']) ids.set(name, await makeFeed(name));
});

type Wish = Partial<Parameters<typeof makeDraft>[0]>;

const TITLE = 'My confession about databases';

/** Saves what a feed says of Alice's story. */
async function save(name: string, wish: Wish = {}) {
  const feed = { id: ids.get(name) ?? 0, slug: name.toLowerCase(), firstGoodAt: NOW, feedTags: [] };
  const said = {
    title: TITLE,
    url: 'https://alice.example/1',
    guid: `${name} 1`,
    authors: [{ name: `${name} Writer` }],
    ...wish,
  };
  return savePosts(feed, [makeDraft(said)], { now: NOW });
}

const LONG = `BUY CHEAP ${'and never pay again for what you want '.repeat(40)}`;

describe('what is shown as a publisher’s', () => {
  test('is never the text of another feed, however much longer that is', async () => {
    await save('Alice', { bodyText: 'I used a spreadsheet.' });
    await save('Mirror', { bodyText: LONG });
    expect(await getPost(1)).toMatchObject({
      source: { title: 'Alice' },
      summaryText: 'I used a spreadsheet.',
      bodyHtml: '<p>I used a spreadsheet.</p>',
    });
  });

  test('follows the publisher’s corrections, also when another feed has more text', async () => {
    await save('Alice', { bodyText: 'I used a spreadsheet.' });
    await save('Mirror', { bodyText: LONG });
    await save('Alice', { bodyText: 'I used two spreadsheets.' });
    expect(await getPost(1)).toMatchObject({
      bodyHtml: '<p>I used two spreadsheets.</p>',
      version: 2,
    });
  });
});

describe('a story that another feed linked to first', () => {
  const COMMENT = 'A fine read, says this link blog, which has an opinion on everything.';
  const ESSAY = 'I used a spreadsheet, and this is how it came about.';

  test('becomes the author’s when the author’s feed brings it, text, byline and all', async () => {
    await save('Linkblog', { bodyText: COMMENT, language: 'de', licence: { text: 'Ours' } });
    await dbPool().query('UPDATE posts SET matched_at = now(), indexed_at = now()');
    expect(await save('Alice', { bodyText: ESSAY, categories: ['Databases'] })).toMatchObject({
      inserted: [],
      updated: [1],
    });
    expect(await getPost(1)).toMatchObject({
      source: { title: 'Alice' },
      alsoIn: [{ title: 'Linkblog' }],
      byline: 'Alice Writer',
      authors: [{ name: 'Alice Writer' }],
      bodyHtml: `<p>${ESSAY}</p>`,
      language: null,
      licence: null,
      version: 1,
      formerTitle: null,
    });
    const { rows } = await dbPool().query(
      `SELECT indexed_at, matched_at IS NULL AS "isToBeMatched",
              words @@ to_tsquery('simple', 'opinion') AS "hasTheirWords",
              words @@ to_tsquery('simple', 'came') AS "hasItsWords" FROM posts`,
    );
    expect(rows).toEqual([
      { indexed_at: null, isToBeMatched: false, hasTheirWords: false, hasItsWords: true },
    ]);
    const { rows: versions } = await dbPool().query('SELECT FROM post_versions');
    expect(versions).toEqual([]);
    const { rows: events } = await dbPool().query<{ tags: string[] }>(
      'SELECT tags FROM cache_events ORDER BY id DESC LIMIT 1',
    );
    expect(events[0]?.tags).toEqual(
      expect.arrayContaining([
        'post:1',
        'latest',
        'source:alice',
        'source:linkblog',
        'author:alice-writer',
        'author:linkblog-writer',
      ]),
    );
  });

  test('follows the author’s edits from then on, and the link blog’s no more', async () => {
    await save('Linkblog', { bodyText: COMMENT });
    await save('Alice', { bodyText: ESSAY });
    await save('Linkblog', { bodyText: `${COMMENT} Again.` });
    await save('Alice', { bodyText: `${ESSAY} Mended.` });
    expect(await getPost(1)).toMatchObject({
      source: { title: 'Alice' },
      bodyHtml: `<p>${ESSAY} Mended.</p>`,
      version: 2,
    });
    const { rows } = await dbPool().query('SELECT body_text FROM post_versions');
    expect(rows).toEqual([{ body_text: ESSAY }]);
  });

  test('becomes the author’s by an edit, where both had it before', async () => {
    await save('Linkblog', { bodyText: COMMENT });
    await save('Alice', { bodyText: ESSAY });
    await dbPool().query('UPDATE posts SET feed_id = $1', [ids.get('Linkblog')]);
    await save('Alice', { bodyText: `${ESSAY} Mended.` });
    expect(await getPost(1)).toMatchObject({ source: { title: 'Alice' }, byline: 'Alice Writer' });
  });

  test('becomes the author’s when it only later turns out to be the same story', async () => {
    const older = { canonicalVersion: 1 };
    const url = 'https://alice.example/1?utm_source=linkblog';
    await save('Linkblog', { ...older, url, canonicalUrl: url, bodyText: COMMENT });
    await save('Alice', { ...older, bodyText: ESSAY });
    expect(await canonicalisePosts()).toMatchObject({ merged: 1 });
    expect(await getPost(1)).toMatchObject({ source: { title: 'Linkblog' } });
    await save('Alice', { ...older, bodyText: ESSAY });
    expect(await getPost(1)).toMatchObject({
      source: { title: 'Alice' },
      bodyHtml: `<p>${ESSAY}</p>`,
    });
  });

  test('stays whose it is when the other feed only claims to be of the author’s site', async () => {
    await dbPool().query(`UPDATE feeds SET site_url = 'https://alice.example/'`);
    await save('Linkblog', { bodyText: COMMENT });
    await save('Mirror', { bodyText: ESSAY });
    expect(await getPost(1)).toMatchObject({ source: { title: 'Linkblog' } });
  });

  test('stays the author’s when that one was first, whoever links to it', async () => {
    await save('Alice', { bodyText: ESSAY });
    await save('Linkblog', { bodyText: COMMENT });
    expect(await getPost(1)).toMatchObject({
      source: { title: 'Alice' },
      bodyHtml: `<p>${ESSAY}</p>`,
    });
  });

  test('stays away when the operator had withdrawn it', async () => {
    await save('Linkblog', { bodyText: COMMENT });
    await dbPool().query(`UPDATE posts SET withdrawn_at = now(), withdrawn_by = 'operator'`);
    await save('Alice', { bodyText: ESSAY });
    expect(await getPost(1)).toBeUndefined();
  });

  test('is not taken for a comment on it, from its own site', async () => {
    await save('Linkblog', { bodyText: '' });
    await save('Alice', { title: 'Carol on My confession', bodyText: 'First!' });
    expect(await getPost(1)).toMatchObject({ source: { title: 'Linkblog' }, title: TITLE });
  });
});

const MIGRATION = new URL(
  '../../prisma/migrations/20261126008100_stories_read_again/migration.sql',
  import.meta.url,
);

test('a story with another feed’s text from before gets its own at the next poll', async () => {
  await save('Alice', { bodyText: 'I used a spreadsheet.' });
  await save('Mirror', { bodyText: LONG });
  await save('Alice', { url: 'https://alice.example/2', title: 'Of one source', guid: 'two' });
  await dbPool().query('UPDATE posts SET body_html = $1, body_text = $1 WHERE id = 1', [LONG]);
  await transaction((tx) => tx.query(fs.readFileSync(MIGRATION, 'utf8')));
  expect((await save('Alice', { bodyText: 'I used a spreadsheet.' })).updated).toEqual([1]);
  expect(await getPost(1)).toMatchObject({ summaryText: 'I used a spreadsheet.', version: 1 });
  const { rows } = await dbPool().query(
    `SELECT post_id, draft_hash = '' AS "isToBeRead" FROM post_sources ORDER BY guid`,
  );
  expect(rows).toEqual([
    { post_id: 1, isToBeRead: false },
    { post_id: 1, isToBeRead: true },
    { post_id: 2, isToBeRead: false },
  ]);
});
