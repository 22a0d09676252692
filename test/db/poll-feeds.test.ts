import { beforeEach, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { listPosts } from '../../lib/queries/posts.ts';
import { findTag } from '../../lib/queries/tags.ts';
import { claimDueFeed, claimFeed } from '../../lib/store/feed-claims.ts';
import { addFeeds, type FeedRow, findFeedByUrl, setFeed } from '../../lib/store/feeds.ts';
import { finishPoll } from '../../lib/store/finish-poll.ts';
import { pollAll, pollDueFeeds, pollFeed } from '../../workers/jobs/poll-feeds.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { atom, rss, useFeedServer } from '../support/feed-server.ts';

useDatabase();
const server = useFeedServer();

const WAIT_MS_MAX = 10_000;

beforeEach(async () => {
  await emptyTables(['feeds', 'tags', 'cache_events'], { isNumberedAnew: true });
});

async function addFeed(path: string): Promise<string> {
  const url = server.at(path);
  await addFeeds([{ url }]);
  return url;
}

async function stored(path: string): Promise<FeedRow> {
  const feed = await findFeedByUrl(server.at(path));
  if (feed === undefined) throw new Error(`${path} is no feed`);
  return feed;
}

/** Polls whatever the next check time says, as the command does. */
async function pollNow(path: string) {
  const feed = await claimFeed((await stored(path)).id);
  if (feed === undefined) throw new Error(`${path} is claimed`);
  return pollFeed(feed);
}

async function rows<T extends object>(sql: string): Promise<T[]> {
  return (await dbPool().query<T>(sql)).rows;
}

describe('a poll', () => {
  test('stores the posts, then asks only for what has changed', async () => {
    await addFeed('/a');
    const headers = { etag: '"v1"', 'last-modified': 'Fri, 01 May 2026 10:00:00 GMT' };
    server.serve('/a', ({ headers: asked }) =>
      asked['if-none-match'] === '"v1"'
        ? { status: 304 }
        : { headers, body: rss('Pond News', [{ title: 'One' }, { title: 'Two' }]) },
    );
    expect(await pollNow('/a')).toMatchObject({ outcome: 'read', inserted: 2 });
    expect(await stored('/a')).toMatchObject({ slug: 'pond-news', title: 'Pond News' });
    expect(await pollNow('/a')).toMatchObject({ outcome: 'unchanged', inserted: 0 });
    expect(server.requests[1]?.headers).toMatchObject({
      'if-none-match': '"v1"',
      'if-modified-since': headers['last-modified'],
    });
  });

  test('keeps what its headers say of use by robots, until a whole answer says otherwise', async () => {
    await addFeed('/a');
    const body = rss('Reserved', [{ title: 'One' }]);
    const use = () => rows('SELECT use_wish FROM feeds');
    const told = () => rows(`SELECT id FROM cache_events WHERE 'use:reserved' = ANY(tags)`);
    server.serve('/a', (_, response) => {
      response.setHeader('x-robots-tag', ['gptbot: nosnippet', 'noai']);
      return { headers: { 'content-usage': 'train-ai=n' }, body };
    });
    await pollNow('/a');
    const wish = {
      robots: ['noai'],
      byRobot: { gptbot: ['nosnippet'] },
      contentUsage: 'train-ai=n',
    };
    expect(await use()).toEqual([{ use_wish: wish }]);
    server.serve('/a', { status: 503 });
    await pollNow('/a');
    expect(await use()).toEqual([{ use_wish: wish }]);
    await dbPool().query('DELETE FROM cache_events');
    server.serve('/a', { body });
    expect(await pollNow('/a')).toMatchObject({ outcome: 'unchanged' });
    expect(await use()).toEqual([{ use_wish: {} }]);
    expect(await told()).toHaveLength(1);
    await pollNow('/a');
    expect(await told()).toHaveLength(1);
  });

  test('of a server without validators knows the same bytes again', async () => {
    await addFeed('/a');
    server.serve('/a', { body: rss('Plain', [{ title: 'One' }]) });
    await pollNow('/a');
    expect(await pollNow('/a')).toMatchObject({ outcome: 'unchanged' });
    server.serve('/a', { body: rss('Plain', [{ title: 'Two' }, { title: 'One' }]) });
    expect(await pollNow('/a')).toMatchObject({ outcome: 'read', inserted: 1, updated: 0 });
  });

  test('is backfill the first time only', async () => {
    await addFeed('/a');
    server.serve('/a', { body: rss('Plain', [{ title: 'Old' }]) });
    await pollNow('/a');
    server.serve('/a', { body: rss('Plain', [{ title: 'New' }, { title: 'Old' }]) });
    await pollNow('/a');
    expect(await rows('SELECT title, backfill FROM posts ORDER BY id')).toEqual([
      { title: 'Old', backfill: true },
      { title: 'New', backfill: false },
    ]);
  });

  test('that fails says why, waits longer each time, and is forgotten when it goes well', async () => {
    await addFeed('/a');
    server.serve('/a', { status: 500 });
    expect(await pollNow('/a')).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('500'),
    });
    const first = await stored('/a');
    await pollNow('/a');
    const second = await stored('/a');
    expect(second).toMatchObject({
      errorCount: 2,
      errorKind: 'http',
      errorSince: first.errorSince,
    });
    expect(second.nextCheckAt.getTime()).toBeGreaterThan(first.nextCheckAt.getTime());
    server.serve('/a', { body: rss('Well', []) });
    await pollNow('/a');
    expect(await stored('/a')).toMatchObject({ errorCount: 0, errorText: null, errorSince: null });
  });

  test('of a page that is no feed says so, and does not keep its validators', async () => {
    await addFeed('/a');
    const body = '<!doctype html><html><title>Our blog</title><body><h1>Hello</h1></body></html>';
    server.serve('/a', { headers: { etag: '"page"', 'content-type': 'text/html' }, body });
    expect(await pollNow('/a')).toMatchObject({ outcome: 'failed' });
    expect(await stored('/a')).toMatchObject({ errorKind: 'html-page', firstGoodAt: null });
    await pollNow('/a');
    expect(server.requests[1]?.headers['if-none-match']).toBeUndefined();
  });

  test('rests until the time that a server asked for, also when it is to be polled now', async () => {
    await addFeed('/a');
    server.serve('/a', { status: 429, headers: { 'retry-after': '7200' } });
    const before = Date.now();
    expect(await pollNow('/a')).toMatchObject({ outcome: 'rate-limited' });
    const feed = await stored('/a');
    await setFeed(feed.id, { pollNow: true });
    const { nextCheckAt } = await stored('/a');
    expect(nextCheckAt.getTime()).toBeGreaterThanOrEqual(before + 7_200_000);
    expect(await claimDueFeed()).toBeUndefined();
  });
});

describe('a guid that comes again', () => {
  const item = (n: number, over: { title?: string; text?: string } = {}) => {
    const texts = ['Herons nest beside our pond again', 'Somebody repaired an old pump'];
    return `<rss version="2.0"><channel><title>One item</title><item><guid>same</guid>
      <link>https://pond.example/${n}</link><title>${over.title ?? texts[n - 1]}</title>
      <pubDate>Fri, 0${n} May 2026 10:00:00 GMT</pubDate>
      <description>${over.text ?? `${texts[n - 1]}.`}</description></item></channel></rss>`;
  };
  const titles = async () =>
    (await rows<{ title: string }>('SELECT title FROM posts ORDER BY id')).map((row) => row.title);

  test('with another address, title, time and text is a new item, from then on', async () => {
    await addFeed('/a');
    server.serve('/a', { body: item(1) });
    await pollNow('/a');
    server.serve('/a', { body: item(2) });
    expect(await pollNow('/a')).toMatchObject({ inserted: 1, updated: 0 });
    expect(await titles()).toEqual([
      'Herons nest beside our pond again',
      'Somebody repaired an old pump',
    ]);
    expect(await rows('SELECT matched_at FROM posts WHERE id = 2')).toEqual([{ matched_at: null }]);
    expect(await rows('SELECT divides_guids FROM feeds')).toEqual([{ divides_guids: true }]);
    server.serve('/a', { body: item(2, { text: 'Somebody repaired an old pump, twice.' }) });
    expect(await pollNow('/a')).toMatchObject({ inserted: 0, updated: 1 });
    expect(await rows('SELECT FROM post_sources')).toHaveLength(2);
  });

  test('is an edit while it has its address, whatever else has changed', async () => {
    await addFeed('/a');
    server.serve('/a', { body: item(1) });
    await pollNow('/a');
    server.serve('/a', { body: item(1, { title: 'Quite another', text: 'Nothing of before.' }) });
    expect(await pollNow('/a')).toMatchObject({ inserted: 0, updated: 1 });
    expect(await titles()).toEqual(['Quite another']);
    expect(await rows('SELECT divides_guids FROM feeds')).toEqual([{ divides_guids: false }]);
  });
});

describe('many polls at once', () => {
  test('give feeds of one title addresses of their own', async () => {
    const paths = ['/1', '/2', '/3', '/4', '/5', '/6'];
    for (const path of paths) {
      await addFeed(path);
      server.serve(path, { body: rss('Notes', [{ title: `From ${path}`, author: 'Sam Doe' }]) });
    }
    await pollDueFeeds();
    const slugs = (await rows<{ slug: string }>('SELECT slug FROM feeds')).map((row) => row.slug);
    expect(slugs.sort()).toEqual(['notes', 'notes-2', 'notes-3', 'notes-4', 'notes-5', 'notes-6']);
    expect(await rows('SELECT FROM authors')).toHaveLength(6);
  });

  test('ask each due feed once, however many workers there are', async () => {
    const paths = Array.from({ length: 40 }, (_, n) => `/${n}`);
    for (const path of paths) {
      await addFeed(path);
      server.serve(path, { body: rss(`Feed ${path}`, [{ title: 'Hello' }]) });
    }
    await Promise.all([pollDueFeeds(), pollDueFeeds(), pollDueFeeds()]);
    expect(server.requests.map((request) => request.path).sort()).toEqual(paths.sort());
    expect(await rows('SELECT FROM feeds WHERE claim_token IS NOT NULL')).toEqual([]);
  });

  test('that are called off give their feeds back untouched', async () => {
    for (const path of ['/1', '/2', '/3']) {
      await addFeed(path);
      server.serve(path, () => 'never');
    }
    const stop = new AbortController();
    const polling = pollDueFeeds(stop.signal);
    await expect.poll(() => server.requests.length, { timeout: WAIT_MS_MAX }).toBe(3);
    stop.abort();
    await polling;
    const untouched = { claim_token: null, checked_at: null, error_count: 0 };
    expect(await rows('SELECT claim_token, checked_at, error_count FROM feeds')).toEqual([
      untouched,
      untouched,
      untouched,
    ]);
  });

  test('report a failure of ours, and end', async () => {
    const broken = pollAll(() => Promise.reject(new Error('the database is away')));
    await expect(broken).rejects.toThrow('the database is away');
  });
});

describe('a claim', () => {
  const record = { next: { at: new Date(), reason: 'base' as const }, isGood: true, bodyHash: 'x' };

  test('is for one worker alone', async () => {
    await addFeed('/a');
    const claims = await Promise.all([claimDueFeed(), claimDueFeed(), claimDueFeed()]);
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
    expect(await claimFeed((await stored('/a')).id)).toBeUndefined();
  });

  test('whose lease ran out writes nothing over its successor', async () => {
    await addFeed('/a');
    const slow = await claimDueFeed();
    await dbPool().query(`UPDATE feeds SET claimed_until = now() - interval '1 second'`);
    const next = await claimDueFeed();
    if (!slow || !next) throw new Error('not claimed');
    expect(await finishPoll(slow, record)).toBe(false);
    expect(await finishPoll(next, record)).toBe(true);
  });
});

test('several feeds make one tag archive, newest first, each post once', async () => {
  const shared = 'https://example.org/shared-story';
  server.serve('/rss', {
    body: rss('Pond News', [
      { title: 'Third', date: '2026-05-03T10:00:00Z', tags: ['Water', 'Fish'], author: 'Ada' },
      { title: 'First', date: '2026-05-01T10:00:00Z', tags: ['water'] },
      { title: 'Elsewhere', date: '2026-05-04T10:00:00Z', tags: ['Fish'] },
    ]),
  });
  server.serve('/atom', {
    body: atom('Reed Weekly', [
      { title: 'Second', date: '2026-05-02T10:00:00Z', tags: ['WATER'], author: 'Grace' },
      { title: 'Shared story', date: '2026-04-30T10:00:00Z', tags: ['Water'], link: shared },
    ]),
  });
  server.serve('/copy', {
    body: rss('Copies', [
      { title: 'Shared story', date: '2026-05-05T10:00:00Z', tags: ['Water'], link: shared },
    ]),
  });
  for (const path of ['/rss', '/atom']) await addFeed(path);
  await pollDueFeeds();
  await addFeed('/copy');
  await pollDueFeeds();
  const tag = await findTag('water');
  if (tag?.kind !== 'tag') throw new Error('there is no tag water');
  const { posts } = await listPosts({ kind: 'tag', id: tag.id });
  expect(
    posts.map((post) => [post.title, post.byline, post.url, post.alsoIn.map((one) => one.title)]),
  ).toEqual([
    ['Third', 'Ada', 'https://example.org/pond-news/third', []],
    ['Second', 'Grace', 'https://example.org/reed-weekly/second', []],
    ['First', '', 'https://example.org/pond-news/first', []],
    ['Shared story', '', shared, ['Copies']],
  ]);
});
