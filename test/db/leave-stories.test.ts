import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeToken } from '../../lib/alerts/tokens.ts';
import { provideSettings } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import { getPost } from '../../lib/queries/posts.ts';
import { claimFeed } from '../../lib/store/feed-claims.ts';
import { addFeeds, removeFeed } from '../../lib/store/feeds.ts';
import { indexPosts } from '../../workers/jobs/index-posts.ts';
import { pollFeed } from '../../workers/jobs/poll-feeds.ts';
import { retagPosts } from '../../workers/jobs/retag-posts.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { rss, useFeedServer } from '../support/feed-server.ts';
import { runCommand } from '../support/run-command.ts';
import { expectWords } from '../support/tagged-posts.ts';

// What stays of a feed that is taken away, in stories that another feed carries too.

useDatabase();
afterEach(expectWords);
const server = useFeedServer();
let long = 0;
let short = 0;

const LINK = 'https://essay.example/1';
const BODY = 'Every word of the essay, which took its author a year and a day.';

beforeEach(async () => {
  await emptyTables(['feeds', 'tags', 'notices', 'cache_events'], { isNumberedAnew: true });
  const added = await addFeeds([{ url: server.at('/long') }, { url: server.at('/short') }]);
  [long = 0, short = 0] = added.map((feed) => feed.id);
});

async function poll(path: string, items: Parameters<typeof rss>[1], comment = '') {
  const headers = { etag: '"same"' };
  const body = rss(path.slice(1), items) + comment;
  server.serve(path, ({ headers: asked }) =>
    asked['if-none-match'] === '"same"' ? { status: 304 } : { headers, body },
  );
  const feed = await claimFeed(path === '/long' ? long : short);
  if (feed === undefined) throw new Error('the feed is claimed');
  return pollFeed(feed);
}

const ESSAY = { title: 'The essay', link: LINK, text: BODY, author: 'Ann', tags: ['Essays'] };
const POINTER = {
  title: 'The Essay!',
  link: `${LINK}?utm_source=short`,
  text: '',
  tags: ['Links'],
};

async function pollBoth() {
  await poll('/long', [{ ...ESSAY, text: `${BODY} First draft.` }]);
  await dbPool().query('UPDATE feeds SET etag = NULL');
  await poll('/long', [ESSAY, { title: 'Another' }]);
  await poll('/short', [POINTER]);
}

async function textsOf(id: number): Promise<string> {
  const { rows } = await dbPool().query<{ all: string }>(
    `SELECT concat_ws(' ', p::text, (SELECT string_agg(v::text, ' ') FROM post_versions v)) AS all
     FROM posts p WHERE id = $1`,
    [id],
  );
  return rows[0]?.all ?? '';
}

describe('a feed that is removed', () => {
  test('takes its text along, also from a story that another feed carries', async () => {
    await pollBoth();
    expect(await removeFeed(long)).toEqual({ postIds: [2], handedOver: 1 });
    expect(await getPost(1)).toMatchObject({
      source: { title: 'short' },
      alsoIn: [],
      title: 'The Essay!',
      url: POINTER.link,
      byline: '',
      authors: [],
      bodyHtml: '',
      summaryText: '',
      wordCount: 0,
      version: 1,
      formerTitle: null,
    });
    expect(await textsOf(1)).not.toMatch(/year|draft|Ann/u);
    await retagPosts();
    expect((await getPost(1))?.tags).toMatchObject([{ name: 'Links' }]);
  });

  test('leaves the other feed to be read whole at once, and its own text to be shown', async () => {
    await pollBoth();
    await dbPool().query(`UPDATE feeds SET next_check_at = now() + interval '1 day'`);
    await removeFeed(long);
    const { rows } = await dbPool().query(
      `SELECT next_check_at <= now() AS "isDue" FROM feeds WHERE id = $1`,
      [short],
    );
    expect(rows).toEqual([{ isDue: true }]);
    const own = { ...POINTER, text: 'Somebody wrote an essay.' };
    expect(await poll('/short', [own])).toMatchObject({ outcome: 'read', updated: 1 });
    expect(await getPost(1)).toMatchObject({ summaryText: own.text, version: 1 });
    expect(await textsOf(1)).not.toMatch(/year|draft/u);
  });

  test('leaves nothing to a poll that has read the other feed before and ends later', async () => {
    await pollBoth();
    const under = await claimFeed(short);
    await removeFeed(long);
    if (under) await pollFeed(under);
    const { rows } = await dbPool().query(
      'SELECT etag, body_hash, next_check_at <= now() AS "isDue" FROM feeds WHERE id = $1',
      [short],
    );
    expect(rows).toEqual([{ etag: null, body_hash: null, isDue: true }]);
  });

  test('says how many posts went with it, and how many over to others', async () => {
    provideSettings({ MEILI_INDEX: `leave-${crypto.randomUUID()}` });
    await pollBoth();
    await indexPosts();
    expect(await runCommand(['feeds', 'remove', server.at('/long')])).toMatchObject({
      end: 'code 0',
      stderr: expect.stringContaining(
        'is removed, with 1 post; 1 post that other feeds carry went over to those',
      ),
    });
    expect(await runCommand(['feeds', 'remove', server.at('/short')])).toMatchObject({
      stderr: expect.stringMatching(/is removed, with 1 post$/mu),
    });
  });

  test('takes its tags from what it only carried as well', async () => {
    await poll('/short', [POINTER]);
    await poll('/long', [ESSAY]);
    expect(await removeFeed(long)).toEqual({ postIds: [], handedOver: 0 });
    await retagPosts();
    expect(await getPost(1)).toMatchObject({ title: POINTER.title, tags: [{ name: 'Links' }] });
  });

  test('takes its text along when its own publisher takes it out', async () => {
    await pollBoth();
    const token = makeToken('owner', { id: long, version: 1 });
    await dbPool().query('UPDATE feeds SET etag = NULL WHERE id = $1', [long]);
    expect(await poll('/long', [ESSAY], `<!-- tagwire:${token} remove -->`)).toMatchObject({
      outcome: 'gone',
    });
    expect(await getPost(1)).toMatchObject({
      source: { title: 'short' },
      bodyHtml: '',
      alsoIn: [],
    });
    expect(await getPost(2)).toBeUndefined();
    expect(await textsOf(1)).not.toMatch(/year|draft|Ann/u);
  });
});
