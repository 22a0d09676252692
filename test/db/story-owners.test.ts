import { beforeEach, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { getPost } from '../../lib/queries/posts.ts';
import { savePosts } from '../../lib/store/posts.ts';
import { useDatabase } from '../support/database.ts';
import { makeDraft, makeFeed } from '../support/make.ts';

// Whose words are shown of a story that several feeds carry.

useDatabase();

const NOW = new Date('2026-06-01T00:00:00Z');
const ids = new Map<string, number>();

beforeEach(async () => {
  await dbPool().query('TRUNCATE feeds, tags, cache_events RESTART IDENTITY CASCADE');
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
