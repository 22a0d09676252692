import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { config, provideSettings } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import { startMeilisearch } from '../../lib/embedded/meilisearch.ts';
import { searchPosts } from '../../lib/queries/search.ts';
import { countPostsToIndex } from '../../lib/store/search-queue.ts';
import { indexPosts } from '../../workers/jobs/index-posts.ts';
import { useDatabase } from '../support/database.ts';
import { startLyingServer } from '../support/lying-server.ts';
import { makeFeed, makePost } from '../support/make.ts';

useDatabase();

const POSTS = 3000;
let dataDir: string;
let stop: () => Promise<void>;

/** A Meilisearch of this file alone, which may be stopped; the same data each time. */
async function start(): Promise<void> {
  const server = await startMeilisearch({ dataDir });
  if (server.kind !== 'running') throw new Error(server.message);
  stop = server.stop;
  provideSettings({ MEILI_URL: server.url, MEILI_KEY: server.key });
}

beforeAll(async () => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwire-outage-'));
  await start();
  const feedId = await makeFeed('Steady Feed');
  await makePost({ feedId, title: 'Post 1', text: 'word '.repeat(40) });
  await dbPool().query(
    `INSERT INTO posts (feed_id, canonical_url, url, title, body_html, body_text, summary_text,
                        word_count, content_hash, sort_at)
     SELECT feed_id, url || n, url || n, 'Post ' || n, body_html, body_text, summary_text,
            word_count, content_hash || n, sort_at
     FROM posts, generate_series(2, $1::int) AS n`,
    [POSTS],
  );
});

afterAll(async () => {
  await stop();
  fs.rmSync(dataDir, { recursive: true });
});

/** Resolves when Meilisearch has taken a batch: some posts are indexed, others wait. */
async function untilSomeAreIndexed(): Promise<void> {
  const deadline = Date.now() + 20_000;
  while ((await countPostsToIndex()).waiting === POSTS) {
    if (Date.now() > deadline) throw new Error('nothing was indexed');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('stopped in the middle and started again, Meilisearch ends up with every post', async () => {
  const broken = indexPosts().catch((error: Error) => error);
  await untilSomeAreIndexed();
  await stop();
  expect(await broken).toMatchObject({ name: 'SearchUnavailable' });
  const { waiting } = await countPostsToIndex();
  expect(waiting).toBeGreaterThan(0);
  // Postgres answers meanwhile: of these posts it has the words of one.
  expect(await searchPosts({ q: 'post' })).toMatchObject({
    kind: 'found',
    answeredBy: { by: 'database', why: 'away' },
    total: 1,
  });

  await start();
  expect(await indexPosts()).toBe(waiting);
  expect((await countPostsToIndex()).waiting).toBe(0);
  const found = await searchPosts({ q: '' });
  expect(found).toMatchObject({
    kind: 'found',
    facets: { source: [{ slug: 'steady-feed', posts: POSTS }] },
  });
});

test('with its data lost, Meilisearch gets everything again by itself', async () => {
  await stop();
  fs.rmSync(dataDir, { recursive: true });
  fs.mkdirSync(dataDir);
  await start();
  expect(await searchPosts({ q: 'post' })).toMatchObject({ answeredBy: { why: 'away' } });
  expect(await indexPosts()).toBe(POSTS);
  expect(await searchPosts({ q: '' })).toMatchObject({
    facets: { source: [{ slug: 'steady-feed', posts: POSTS }] },
  });
});

test('while Meilisearch accepts and says nothing, one search waits and the next ones do not', async () => {
  const { meiliUrl } = config();
  const silent = await startLyingServer({ '*': () => {} });
  provideSettings({ MEILI_URL: silent.url });
  try {
    const away = { kind: 'found', answeredBy: { by: 'database', why: 'away' }, total: 1 };
    expect(await searchPosts({ q: 'post' })).toMatchObject(away);
    expect(silent.requests).toHaveLength(1);
    for (let n = 0; n < 3; n++) expect(await searchPosts({ q: 'post' })).toMatchObject(away);
    expect(silent.requests).toHaveLength(1);
    // It is this server that is left alone, not another in its place.
    provideSettings({ MEILI_URL: meiliUrl ?? '' });
    expect(await searchPosts({ q: 'post' })).toMatchObject({ answeredBy: { by: 'index' } });
  } finally {
    provideSettings({ MEILI_URL: meiliUrl ?? '' });
    await silent.stop();
  }
});
