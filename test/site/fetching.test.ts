import { beforeAll, describe, expect, test } from 'vitest';
import { sourceTag } from '../../lib/cache-tags.ts';
import { provideSettings } from '../../lib/config.ts';
import { dbPool, transaction } from '../../lib/db.ts';
import type { PollEntry } from '../../lib/model/fetching.ts';
import { writeCacheEvents } from '../../lib/store/cache-events.ts';
import { claimFeed } from '../../lib/store/feed-claims.ts';
import { setFeed } from '../../lib/store/feeds.ts';
import { finishPoll, type PollRecord } from '../../lib/store/finish-poll.ts';
import { useDatabase } from '../support/database.ts';
import { makeFeed, makePost } from '../support/make.ts';
import { openSite, PASSWORD } from '../support/open-site.ts';
import { readPage } from '../support/read-page.ts';
import type { Site } from '../support/site.ts';

useDatabase({ isOfSite: true });
// The polls made here follow each other at once; its site says what it is by default.
provideSettings({ FETCH_HOST_DELAY_MS: '0' });
let site: Site;
let feedId = 0;

const SAME: PollEntry = {
  outcome: 'unchanged',
  posts: 0,
  requests: 1,
  status: 304,
  isConditional: true,
  wireBytes: 0,
  bodyBytes: 0,
  ms: 31,
};

async function finish(record: Partial<PollRecord>): Promise<void> {
  // That its host rests after each poll is not what this is about.
  await dbPool().query(`UPDATE hosts SET turns = '{}', free_at = NULL`);
  const feed = await claimFeed(feedId);
  if (feed === undefined) throw new Error('the feed is claimed');
  const next = { at: new Date(Date.now() + 3_600_000), reason: 'cache' } as const;
  await finishPoll(feed, { next, isGood: true, entry: SAME, ...record });
}

beforeAll(async () => {
  feedId = await makeFeed('Pond News');
  await makePost({ feedId, title: 'A post' });
  await finish({
    validators: { etag: '"<b>v1</b>"' },
    freshSeconds: 7200,
    pace: { hints: { ttlMinutes: 30, skipHours: [3] }, rhythmMinutes: 60, newestAt: null },
    entry: {
      ...SAME,
      outcome: 'read',
      status: 200,
      isConditional: false,
      posts: 2,
      wireBytes: 2048,
      bodyBytes: 10_240,
    },
  });
  await finish({ freshSeconds: 7200 });
  site = await openSite();
});

const textOf = async (path: string) => readPage(await (await site.get(path)).text()).text;

describe('the page of how a feed is fetched', () => {
  test('shows its publisher what was asked, what came, and why we come when we do', async () => {
    const text = await textOf('/source/pond-news/fetching');
    expect(text).toMatch(/Last asked .+, answered 304: not modified\./u);
    expect(text).toContain('as its server asks (Cache-Control, Expires)');
    expect(text).toMatch(/ETag"<b>v1<\/b>".*Cache-Control, Expireskeeps for 2 httl30 min/u);
    expect(text).toContain('skipHours3:00 UTC');
    expect(text).toMatch(/2 requests50 % of the polls answered with 3042 KB received, 10 KB/u);
    expect(text).toMatch(
      /304not modified0 B0 B31 msif modified.+2002 new posts2 KB10 KB31 mswhole/u,
    );
  });

  test('is kept while polls bring nothing, and new when one brings something', async () => {
    const path = '/source/pond-news/fetching';
    const cached = async () => (await site.get(path)).headers.get('x-tagwire-cache');
    await expect.poll(cached).toBe('HIT');
    await finish({ freshSeconds: 7200 });
    expect(await cached()).toBe('HIT');
    await finish({
      isGood: false,
      error: { kind: 'http', text: 'pond: has a fault of its own (500)' },
      entry: { ...SAME, outcome: 'failed', status: 500 },
    });
    await expect.poll(() => textOf(path)).toMatch(/Not read since .+, 1 time running: pond: has/u);
  });

  test('is led to from the source', async () => {
    const page = readPage(await (await site.get('/source/pond-news')).text());
    expect(page.railLinks['What we fetched, and when']).toBe('/source/pond-news/fetching');
    expect(page.text).toMatch(/Last asked .+: /u);
  });

  test('says in the open whether the pages of posts are read, and when', async () => {
    const path = '/source/pond-news/fetching';
    expect(await textOf(path)).toContain('Pages of its postsReadnever');
    await dbPool().query(
      `INSERT INTO full_texts (post_id, feed_id, excerpt_html, excerpt_text, excerpt_words,
         excerpt_hash, item_hash, url, host, queued_at, state, reason, read_at, requests, wire_bytes)
       SELECT id, feed_id, '', '', 0, '', '', url, '', now(), 'left', 'robots', now(), 1, 2048
       FROM posts`,
    );
    await setFeed(feedId, { fullText: true });
    await expect
      .poll(() => textOf(path))
      .toMatch(
        /Readthat of each new or changed post .+, for its full text.+Last asked.+1 request, 2 KB/u,
      );
    expect(await textOf(path)).toContain('Left as excerpts1: not allowed by robots.txt');
    const source = await textOf('/source/pond-news');
    expect(source).toMatch(/we read the page of each new post for its full text, last /u);
    expect(await textOf('/bot')).toMatch(/the page of each new post, once, .+unless robots\.txt/u);
    await setFeed(feedId, { display: 'excerpt' });
    await expect.poll(() => textOf(path)).toContain('Pages of its postsReadnever');
  });

  test('is of a source that was never asked, too', async () => {
    await makeFeed('Fresh');
    expect(await textOf('/source/fresh/fetching')).toContain('It has not been asked so far.');
    for (const slug of ['none', '-', '%25']) {
      expect((await site.get(`/source/${slug}/fetching`)).status, slug).toBe(404);
    }
  });
});

test('the page about our fetcher has its rules and sums in numbers', async () => {
  const text = await textOf('/bot');
  expect(text).toContain('about 4 times in the usual time between two posts, from every 15 min');
  expect(text).toMatch(/1 request at a time for one host, 2 s between two, 20 s and 8 MB/u);
  expect(text).toMatch(/2 feeds now, and on 1 day of the last 30 about \d requests a day/u);
  expect(text).toMatch(/\d+ % of the polls were answered with 304/u);
});

test('the operator chooses among the feeds of a page', async () => {
  const id = await makeFeed('Blog');
  const choices = ['news', 'notes'].map((name) => ({
    title: `All ${name}`,
    url: `https://blog.example/${name}.xml`,
  }));
  await dbPool().query(
    `UPDATE feeds SET first_good_at = NULL, error_count = 1, choices = $2 WHERE id = $1`,
    [id, JSON.stringify(choices)],
  );
  await transaction((tx) => writeCacheEvents(tx, [sourceTag('blog')]));
  const headers = { authorization: `Basic ${btoa(`x:${PASSWORD}`)}`, origin: site.url };
  const page = await (await site.get('/admin/feeds', { headers })).text();
  expect(readPage(page).text).toContain(
    'names 2 feeds:ChooseAll newshttps://blog.example/news.xml',
  );
  const ask = async (path: string, url: string) => {
    const body = new URLSearchParams({ url });
    const answer = await site.get(path, { method: 'POST', headers, body });
    return answer.headers.get('location');
  };
  const path = `/admin/feeds/${id}/choose`;
  expect(await ask(path, 'https://evil.example/')).toBe('/admin/feeds?done=unknown');
  expect(await ask(path, choices[1]?.url ?? '')).toBe('/admin/feeds?done=chosen');
  const { rows } = await dbPool().query(
    'SELECT url, next_check_at <= now() AS due FROM feeds WHERE id = $1',
    [id],
  );
  expect(rows).toEqual([{ url: 'https://blog.example/notes.xml', due: true }]);
  expect(await ask(`/admin/feeds/${id}/remove`, '')).toBe('/admin/feeds?done=remove');
  expect(await ask('/admin/feeds/add', ' pond.example/blog ')).toBe('/admin/feeds?done=added');
  const added = await dbPool().query(`SELECT FROM feeds WHERE url = 'https://pond.example/blog'`);
  expect(added.rowCount).toBe(1);
});
