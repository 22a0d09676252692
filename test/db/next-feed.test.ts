import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import type { PollReport } from '../../lib/model/feed.ts';
import { claimFeed, releaseFeed } from '../../lib/store/feed-claims.ts';
import { addFeeds, listFeeds, removeFeed, setFeed } from '../../lib/store/feeds.ts';
import { refreshFeedCount } from '../../workers/feed-count.ts';
import { POLLS_AT_ONCE_MAX, pollAll, pollDueFeeds } from '../../workers/jobs/poll-feeds.ts';
import { ChosenFeeds, nextDueFeed, type PassedOver } from '../../workers/next-feed.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { useFeedServer } from '../support/feed-server.ts';
import { type HostFarm, startHostFarm } from '../support/host-farm.ts';
import { waitFor } from '../support/processes.ts';

useDatabase();
const server = useFeedServer();
/** More than one worker polls at once. */
const OF_SLOW = POLLS_AT_ONCE_MAX + 2;
const OF_OTHERS = 12;
let farm: HostFarm;
let slow: string;

beforeAll(async () => {
  farm = await startHostFarm([OF_SLOW, OF_OTHERS / 2, OF_OTHERS / 2]);
  slow = new URL(farm.urls[0] ?? '').host;
});
beforeEach(async () => {
  provideSettings({ FETCH_HOST_CONCURRENCY: '1', FETCH_HOST_DELAY_MS: '1' });
  await emptyTables(['feeds', 'hosts'], { isNumberedAnew: true });
  farm.requests.length = 0;
});
afterAll(() => farm.stop());

const ofSlow = (urls: { url: string }[]) => urls.filter(({ url }) => new URL(url).host === slow);

/** What was passed over, by the path of its feed. */
function choose(feeds: ConstructorParameters<typeof ChosenFeeds>[0]) {
  const passed: [string, PassedOver['kind']][] = [];
  const chosen = new ChosenFeeds(feeds, (feed, why) =>
    passed.push([new URL(feed.url).pathname, why.kind]),
  );
  return { passed, next: () => chosen.next() };
}

describe.each([
  ['due', async () => nextDueFeed],
  ['chosen', async () => choose(await listFeeds()).next],
] as const)('feeds that are %s', (_, start) => {
  test('of one slow host do not hold up those of others', async () => {
    await addFeeds(farm.urls.map((url) => ({ url })));
    await dbPool().query(`UPDATE feeds SET next_check_at = now() - interval '1 second'`);
    farm.hold(slow);
    const reports: PollReport[] = [];
    const polls = pollAll(await start(), { onReport: (report) => reports.push(report) });
    await waitFor('the polls of the other hosts', () => reports.length === OF_OTHERS);
    expect(ofSlow(reports)).toEqual([]);
    expect(farm.open()).toHaveLength(1);
    expect(ofSlow(farm.requests)).toHaveLength(1);
    farm.answer();
    await polls;
    expect(reports).toHaveLength(OF_SLOW + OF_OTHERS);
    expect(farm.requests).toHaveLength(OF_SLOW + OF_OTHERS);
    expect(farm.atOnceMax).toBe(1);
  });
});

describe('feeds that are chosen', () => {
  const add = async (...paths: string[]) => {
    await addFeeds(paths.map((path) => ({ url: server.at(path) })));
    return listFeeds();
  };

  test('are asked no more when their server wants rest', async () => {
    const { passed, next } = choose(await add('/1', '/2', '/3'));
    const answer = { status: 429, headers: { 'retry-after': '3600' } };
    for (const path of ['/1', '/2', '/3']) server.serve(path, answer);
    await pollAll(next);
    expect(server.requests).toHaveLength(1);
    expect(passed.map(([, why]) => why)).toEqual(['resting', 'resting']);
  });

  test('wait for the worker that holds one, while the others go', async () => {
    const feeds = await add('/1', '/2');
    const held = await claimFeed(feeds[0]?.id ?? 0);
    if (held === undefined) throw new Error('not claimed');
    provideSettings({ FETCH_HOST_CONCURRENCY: '2' });
    const reports: PollReport[] = [];
    const polls = pollAll(choose(feeds).next, { onReport: (report) => reports.push(report) });
    await waitFor('the other poll', () => reports.length === 1);
    expect(reports[0]?.feedId).toBe(feeds[1]?.id);
    await releaseFeed(held);
    await polls;
    expect(reports.map(({ feedId }) => feedId)).toContain(held.id);
  });

  test('that are removed meanwhile are passed over', async () => {
    const feeds = await add('/1', '/2');
    const { passed, next } = choose(feeds);
    await removeFeed(feeds[0]?.id ?? 0);
    await pollAll(next);
    expect(passed).toEqual([['/1', 'removed']]);
    expect(server.requests.map(({ path }) => path)).toEqual(['/2']);
  });
});

test('a run ends when nothing is due, though hosts still rest', async () => {
  provideSettings({ FETCH_HOST_DELAY_MS: '600000' });
  await addFeeds([{ url: server.at('/1') }]);
  await pollDueFeeds();
  expect(server.requests).toHaveLength(1);
});

test.each([
  [1, '1 feed'],
  [3, '3 feeds'],
])('the user agent says how many feeds are polled: %i', async (polled, words) => {
  const paths = Array.from({ length: polled + 1 }, (_, i) => `/${i}`);
  const [paused] = await addFeeds(paths.map((path) => ({ url: server.at(path) })));
  await setFeed(paused?.id ?? 0, { status: 'paused' });
  await refreshFeedCount();
  await pollDueFeeds();
  expect(server.requests).toHaveLength(polled);
  expect(server.requests[0]?.headers['user-agent']).toMatch(new RegExp(`; ${words}\\)$`, 'u'));
});
