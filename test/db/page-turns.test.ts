import { beforeEach, describe, expect, test } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import { RobotsTexts } from '../../lib/fetch/robots.ts';
import { fetchSpaced } from '../../lib/fetch/spacing.ts';
import type { ClaimedPage } from '../../lib/model/full-text.ts';
import { readFullTextCounts } from '../../lib/queries/full-texts.ts';
import { claimFeed, releaseFeed } from '../../lib/store/feed-claims.ts';
import { setFeed } from '../../lib/store/feeds.ts';
import { claimPage, releasePage } from '../../lib/store/full-text-queue.ts';
import { endTurn, tidyHosts } from '../../lib/store/host-turns.ts';
import { readPages } from '../../workers/jobs/read-pages.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { useFeedServer } from '../support/feed-server.ts';
import { addPagedFeed, pageOf, pathOf, pollPosts } from '../support/paged-feed.ts';

// Pages and polls take turns at a host together: publishers see one program.

useDatabase();
const server = useFeedServer();
const PAUSE_MS = 2000;
const TITLES = ['The pump', 'The well', 'The roof'];
let id = 0;

const spacing = (delayMs: number, slots: number) =>
  provideSettings({
    FETCH_HOST_DELAY_MS: String(delayMs),
    FETCH_HOST_CONCURRENCY: String(slots),
  });

beforeEach(async () => {
  await emptyTables(['feeds', 'hosts', 'tags', 'cache_events'], { isNumberedAnew: true });
  spacing(0, 16);
  id = await addPagedFeed(server);
  await setFeed(id, { fullText: true });
  for (const title of TITLES) server.serve(pathOf(title), pageOf(title));
  await pollPosts(server, id, TITLES);
  // The polls' turns are over.
  await dbPool().query(`UPDATE hosts SET turns = '{}', free_at = NULL`);
  spacing(PAUSE_MS, 1);
});

async function claimed(): Promise<ClaimedPage> {
  const next = await claimPage();
  if (next === undefined || 'ms' in next) throw new Error(`nothing to claim: ${next?.ms}`);
  return next.page;
}

/** Lets time pass for what hosts and pages remember. */
async function pass(ms: number): Promise<void> {
  const by = `make_interval(secs => ${ms / 1000})`;
  await dbPool().query(
    `UPDATE hosts SET free_at = free_at - ${by}, ready_at = ready_at - ${by},
       turns = ARRAY(SELECT t - ${by} FROM unnest(turns) AS t)`,
  );
  await dbPool().query(`UPDATE full_texts SET claimed_until = claimed_until - ${by}`);
}

describe('the turn of a page', () => {
  test('is the only one of its host, and the next begins after the pause', async () => {
    const first = await claimed();
    expect(await claimPage()).toMatchObject({ ms: expect.any(Number) });
    await endTurn(first);
    const next = await claimPage();
    const ms = next && 'ms' in next ? next.ms : 0;
    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThanOrEqual(PAUSE_MS);
    await pass(PAUSE_MS);
    expect((await claimed()).postId).not.toBe(first.postId);
  });

  test('keeps polls of its host waiting, as a poll’s keeps pages', async () => {
    const page = await claimed();
    expect(await claimFeed(id)).toBeUndefined();
    await endTurn(page);
    await pass(PAUSE_MS);
    const feed = await claimFeed(id);
    expect(feed).toBeDefined();
    expect(await claimPage()).toMatchObject({ ms: expect.any(Number) });
    if (feed) await releaseFeed(feed);
    await pass(PAUSE_MS);
    await claimed();
  });

  test('ends by itself when its worker dies, and the page is given to another', async () => {
    const { postId } = await claimed();
    await pass(10 * 60_000);
    const again = await claimed();
    expect(again).toMatchObject({ postId, attempts: 2 });
    await releasePage(again);
    await pass(PAUSE_MS);
    expect(await claimed()).toMatchObject({ postId, attempts: 2 });
  });

  test('may be taken where no feed is, and its host has been forgotten', async () => {
    await dbPool().query(`UPDATE full_texts SET host = 'pages.example:81'`);
    await tidyHosts();
    const page = await claimed();
    expect(page.host).toBe('pages.example:81');
    await endTurn(page);
    await tidyHosts();
    expect(await claimPage()).toMatchObject({ ms: expect.any(Number) });
  });
});

describe('workers that read pages of one host', () => {
  const read = (signal?: AbortSignal) =>
    readPages({ robots: new RobotsTexts(fetchSpaced), ...(signal ? { signal } : {}) });

  test('ask for one at a time', async () => {
    spacing(0, 1);
    let open = 0;
    let atOnceMax = 0;
    for (const title of TITLES) {
      server.serve(pathOf(title), (_, response) => {
        open++;
        atOnceMax = Math.max(atOnceMax, open);
        const { headers, body } = pageOf(title);
        response.on('close', () => open--).writeHead(200, headers);
        // Not in one go, so that another could come in between.
        response.write(body.slice(0, 50), () => setImmediate(() => response.end(body.slice(50))));
        return 'done';
      });
    }
    await Promise.all([read(), read()]);
    expect(await readFullTextCounts(id)).toMatchObject({ taken: 3 });
    expect(atOnceMax).toBe(1);
  });

  test('give a page back untouched when they are called off', async () => {
    const stop = new AbortController();
    for (const title of TITLES) {
      server.serve(pathOf(title), () => {
        stop.abort();
        return 'never';
      });
    }
    spacing(0, 1);
    await read(stop.signal);
    const { rows } = await dbPool().query(
      `SELECT attempts, claim_token FROM full_texts WHERE state = 'waiting'`,
    );
    expect(rows).toEqual(TITLES.map(() => ({ attempts: 0, claim_token: null })));
  });

  test('leave one that has ended so many of them', async () => {
    spacing(0, 1);
    await dbPool().query('UPDATE full_texts SET attempts = 5 WHERE post_id = 1');
    await read();
    expect(await readFullTextCounts(id)).toMatchObject({
      taken: 2,
      left: [{ reason: 'failed', message: '5 workers have begun with it and not come back' }],
    });
  });
});
