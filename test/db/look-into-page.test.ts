import { beforeEach, describe, expect, test } from 'vitest';
import { changeFeed, chooseFeed } from '../../lib/commands/feeds.ts';
import { dbPool } from '../../lib/db.ts';
import { listAdminFeeds } from '../../lib/queries/admin.ts';
import { getFetching } from '../../lib/queries/fetching.ts';
import { claimFeed } from '../../lib/store/feed-claims.ts';
import { addFeeds, findFeedByUrl, listFeeds } from '../../lib/store/feeds.ts';
import { pollDueFeeds, pollFeed } from '../../workers/jobs/poll-feeds.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { rss, useFeedServer } from '../support/feed-server.ts';
import { claimNow, pollNow } from '../support/poll-now.ts';

// Feeds that were added by the address of a page: a worker finds what is meant.

useDatabase();
const server = useFeedServer();

beforeEach(async () => {
  await emptyTables(['feeds', 'tags', 'cache_events'], { isNumberedAnew: true });
});

const FEED = rss('Pond News', [{ title: 'One' }, { title: 'Two' }]);
const page = (...feeds: [href: string, title: string][]) => ({
  headers: { 'content-type': 'text/html', etag: '"page"' },
  body: `<!doctype html><html><head><title>Pond</title>${feeds
    .map(
      ([href, title]) =>
        `<link rel=alternate type=application/rss+xml title="${title}" href="${href}">`,
    )
    .join('')}</head><body>Hello</body></html>`,
});

async function add(path: string): Promise<number> {
  const [added] = await addFeeds([{ url: server.at(path), tags: ['Water'] }]);
  return added?.id ?? 0;
}

const stored = async (path: string) => {
  const found = await getFetching({ url: server.at(path) });
  if (found === undefined) throw new Error(`${path} is no feed`);
  return found;
};
const asked = () => server.requests.map(({ path }) => path);

describe('a page that names one feed', () => {
  test('gives its place to that feed, which is read at once', async () => {
    const id = await add('/blog');
    server.serve('/blog', page(['/posts', 'Posts']));
    server.serve('/posts', {
      headers: { etag: '"1"', 'cache-control': 'max-age=7200' },
      body: FEED,
    });
    expect(await pollNow(id)).toMatchObject({ outcome: 'read', inserted: 2, title: 'Pond News' });
    expect(await stored('/posts')).toMatchObject({
      id,
      slug: 'pond-news',
      etag: '"1"',
      freshSeconds: 7200,
      errorText: null,
      polls: [{ status: 200, requests: 3, posts: 2, outcome: 'read' }],
    });
    expect(asked()).toEqual(['/blog', '/robots.txt', '/posts']);
    const { rows } = await dbPool().query('SELECT backfill FROM posts');
    expect(rows).toEqual([{ backfill: true }, { backfill: true }]);
    server.serve('/posts', ({ headers }) =>
      headers['if-none-match'] === '"1"' ? { status: 304 } : { body: FEED },
    );
    expect(await pollNow(id)).toMatchObject({ outcome: 'unchanged' });
    expect(asked().at(-1)).toBe('/posts');
  });

  test('says so when that feed is here already, and is asked no more', async () => {
    const known = await add('/posts');
    server.serve('/posts', { body: FEED });
    await pollNow(known);
    server.serve('/blog', page(['/posts', 'Posts']));
    expect(await pollNow(await add('/blog'))).toMatchObject({
      outcome: 'failed',
      message: `This is a web page, and its feed, ${server.at('/posts')}, is here already. This entry can go.`,
    });
    expect(await stored('/blog')).toMatchObject({ status: 'paused', errorKind: 'known-feed' });
  });

  test('makes one feed when several pages of a site name it', async () => {
    for (const path of ['/', '/blog', '/about']) {
      server.serve(path, page(['/posts', 'Posts']));
      await add(path);
    }
    server.serve('/posts', { body: FEED });
    await pollDueFeeds();
    const feeds = await listFeeds();
    expect(feeds.filter(({ url }) => url === server.at('/posts'))).toMatchObject([
      { errorText: null },
    ]);
    const others = feeds.filter(({ url }) => url !== server.at('/posts'));
    expect(others.map(({ errorKind }) => errorKind)).toEqual(['known-feed', 'known-feed']);
    expect((await dbPool().query('SELECT FROM posts')).rowCount).toBe(2);
  });

  test('is not looked into where a feed used to be', async () => {
    const id = await add('/posts');
    server.serve('/posts', { body: FEED });
    await pollNow(id);
    server.requests.length = 0;
    server.serve('/posts', page(['/elsewhere', 'Elsewhere']));
    expect(await pollNow(id)).toMatchObject({ outcome: 'failed' });
    expect(asked()).toEqual(['/posts']);
    expect(await stored('/posts')).toMatchObject({ errorKind: 'html-page' });
  });

  test('is given back untouched when the look is called off', async () => {
    const id = await add('/blog');
    server.serve('/blog', page(['/posts', 'Posts']));
    const stop = new AbortController();
    server.serve('/posts', () => {
      stop.abort();
      return 'never';
    });
    const feed = await claimNow(id);
    expect(await pollFeed(feed, stop.signal)).toBeUndefined();
    expect(await stored('/blog')).toMatchObject({ checkedAt: null, errorCount: 0, polls: [] });
    expect(await claimFeed(id)).toBeDefined();
  });
});

describe('a page that names several feeds', () => {
  const NAMED = [
    { title: 'News', href: '/news' },
    { title: 'Notes', href: '/notes' },
  ];
  let id = 0;

  beforeEach(async () => {
    id = await add('/blog');
    server.serve('/blog', page(['/news', 'News'], ['/notes', 'Notes']));
    server.serve('/notes', { body: FEED });
    await pollNow(id);
  });

  test('leaves the choice to the operator', async () => {
    const choices = NAMED.map(({ title, href }) => ({ title, url: server.at(href) }));
    expect(await stored('/blog')).toMatchObject({ errorKind: 'several-feeds', choices });
    expect(await listAdminFeeds()).toMatchObject([{ id, choices }]);
    expect(await chooseFeed(id, server.at('/notes'))).toBe('chosen');
    expect(await stored('/notes')).toMatchObject({
      id,
      choices: [],
      errorCount: 0,
      errorText: null,
    });
    await pollDueFeeds();
    expect(await stored('/notes')).toMatchObject({
      title: 'Pond News',
      lastGoodAt: expect.any(String),
    });
    expect((await findFeedByUrl(server.at('/notes')))?.feedTags).toEqual(['Water']);
  });

  test('lets nothing be chosen that it does not name', async () => {
    expect(await chooseFeed(id, server.at('/elsewhere'))).toBe('unknown');
    expect(await chooseFeed(id + 1, server.at('/notes'))).toBe('unknown');
    expect(await stored('/blog')).toMatchObject({ errorKind: 'several-feeds' });
  });

  test('goes when the chosen one is here already', async () => {
    await pollNow(await add('/notes'));
    expect(await chooseFeed(id, server.at('/notes'))).toBe('there');
    expect((await listFeeds()).map(({ url }) => url)).toEqual([server.at('/notes')]);
  });

  test('is offered anew as the page changes, and no more once it names one', async () => {
    server.serve('/blog', page(['/news', 'News'], ['/notes', 'Notes'], ['/more', 'More']));
    await pollNow(id);
    expect((await stored('/blog')).choices).toHaveLength(3);
    server.serve('/blog', page());
    await pollNow(id);
    expect(await stored('/blog')).toMatchObject({
      choices: [],
      errorKind: 'html-page',
      errorText: 'This is a web page, not a feed. It names no feed.',
    });
    server.serve('/blog', page(['/notes', 'Notes']));
    expect(await pollNow(id)).toMatchObject({ outcome: 'read' });
  });

  test('writes nothing over a choice that was made while it was asked', async () => {
    const claimed = await claimNow(id);
    await chooseFeed(id, server.at('/notes'));
    await pollFeed(claimed);
    expect(await stored('/notes')).toMatchObject({ errorText: null });
  });
});

describe('a page without a feed', () => {
  test('says what was tried, and is guessed at only once', async () => {
    const id = await add('/blog');
    server.serve('/blog', page());
    await pollNow(id);
    const { errorText } = await stored('/blog');
    expect(errorText).toContain('None is at /feed, ');
    server.requests.length = 0;
    await pollNow(id);
    expect(asked()).toEqual(['/blog']);
    expect(await stored('/blog')).toMatchObject({ errorText, errorCount: 2 });
  });

  test('rests with its site when a guess is asked to come later', async () => {
    const id = await add('/blog');
    server.serve('/blog', page());
    server.serve('/feed', { status: 429, headers: { 'retry-after': '86400' } });
    const before = Date.now();
    await pollNow(id);
    const { retryAfterUntil, nextCheckAt } = await stored('/blog');
    expect(Date.parse(retryAfterUntil ?? '')).toBeGreaterThanOrEqual(before + 86_400_000);
    expect(nextCheckAt >= (retryAfterUntil ?? '')).toBe(true);
  });

  test('can be taken away again, as long as it never was a feed', async () => {
    const id = await add('/blog');
    server.serve('/blog', page());
    await pollNow(id);
    expect(await changeFeed(id, 'remove')).toBe(true);
    expect(await changeFeed(id, 'remove')).toBe(false);
    const good = await add('/posts');
    server.serve('/posts', { body: FEED });
    await pollNow(good);
    expect(await changeFeed(good, 'remove')).toBe(false);
    expect(await listFeeds()).toHaveLength(1);
  });
});
