import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { childEnvironment, ROOT } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import { ended } from '../../lib/embedded/process.ts';
import { addFeeds } from '../../lib/store/feeds.ts';
import { POLLS_AT_ONCE_MAX } from '../../workers/jobs/poll-feeds.ts';
import { useDatabase } from '../support/database.ts';
import { type HostFarm, startHostFarm } from '../support/host-farm.ts';
import { waitFor } from '../support/processes.ts';

useDatabase();

/** More than two workers ask at once, so that the third has some to ask. */
const HOSTS = 2 * POLLS_AT_ONCE_MAX + 8;
const FEEDS = 2 * HOSTS;
/** Mostly some seconds; on a machine that has other work, much longer. */
const ALL_MS_MAX = 120_000;
const TEST_MS_MAX = 200_000;
let farm: HostFarm;
const NAMES = ['one@example.org', 'two@example.org', 'three@example.org'];
let workers: { name: string; child: ChildProcess }[] = [];

beforeAll(async () => {
  farm = await startHostFarm(Array(HOSTS).fill(FEEDS / HOSTS));
  await addFeeds(farm.urls.map((url) => ({ url })));
  // As after a first poll: what a feed's name costs, it costs once.
  await dbPool().query(
    `UPDATE feeds SET first_good_at = now(), next_check_at = now() + interval '1 hour'`,
  );
  await dbPool().query(
    `INSERT INTO site_wishes SELECT DISTINCT f.site_origin, '{}'::jsonb, now() + interval '1 day' FROM feeds f`,
  );
  workers = await Promise.all(NAMES.map(startWorker));
});
afterAll(async () => {
  for (const { child } of workers) child.kill('SIGTERM');
  await Promise.all(workers.map(({ child }) => ended(child)));
  await farm.stop();
});

/** Starts a worker with a contact of its own in its user agent; resolves when it runs. */
async function startWorker(name: string): Promise<{ name: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [path.join(ROOT, 'bin/tagwire'), 'worker'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: childEnvironment({
      OPERATOR_CONTACT: name,
      LOG_LEVEL: 'info',
      MEILI_URL: '',
      FETCH_ALLOW: '127.0.0.0/8',
      FETCH_HOST_DELAY_MS: '10',
      FETCH_HOST_CONCURRENCY: '1',
    }),
  });
  let isStarted = false;
  child.stderr.on('data', (text: Buffer) => {
    isStarted ||= text.includes('worker.started');
  });
  await waitFor(`worker ${name}`, () => isStarted, ALL_MS_MAX);
  return { name, child };
}

async function number(sql: string): Promise<number> {
  const { rows } = await dbPool().query<{ n: number }>(`SELECT count(*)::int AS n FROM ${sql}`);
  return rows[0]?.n ?? 0;
}

const allPolled = async () =>
  (await number(`feeds WHERE next_check_at > now() AND claim_token IS NULL`)) === FEEDS;
const timesAsked = () => {
  const times = new Map<string, number>();
  for (const { url } of farm.requests) times.set(url, (times.get(url) ?? 0) + 1);
  return times;
};

/** Makes all feeds due, with one more item each, and forgets what was asked before. */
async function nextRound(): Promise<void> {
  farm.publish();
  farm.requests.length = 0;
  await dbPool().query('UPDATE feeds SET next_check_at = now()');
}

test(
  'three workers ask each feed once, and no host for two at a time',
  async () => {
    farm.hold();
    await nextRound();
    await waitFor('a request at every host', () => farm.open().length === HOSTS, ALL_MS_MAX);
    farm.answer();
    await waitFor('the polls of all feeds', allPolled, ALL_MS_MAX);
    expect(farm.requests).toHaveLength(FEEDS);
    expect(timesAsked().size).toBe(FEEDS);
    expect(farm.atOnceMax).toBe(1);
    // They share the work: none of them has done it alone.
    expect(new Set(farm.requests.map(({ by }) => by)).size).toBe(NAMES.length);
    expect(await number('posts')).toBe(2 * FEEDS);
  },
  TEST_MS_MAX,
);

test(
  'one that is killed in the middle loses nothing and doubles nothing',
  async () => {
    await nextRound();
    await waitFor('a tenth of the polls', () => farm.requests.length > FEEDS / 10, ALL_MS_MAX);
    farm.hold();
    // Every claim is a request that waits: nobody is reading or saving.
    const isStill = async () =>
      farm.open().length === HOSTS && (await number('feeds WHERE claimed_until > now()')) === HOSTS;
    await waitFor('a request at every host', isStill, ALL_MS_MAX);
    const [victim] = workers;
    if (victim === undefined) throw new Error('no worker was started');
    const abandoned = farm.open().filter(({ by }) => by === victim.name);
    expect(abandoned.length).toBeGreaterThan(0);
    victim.child.kill('SIGKILL');
    await waitFor('its connections to close', () => farm.open().every((r) => r.by !== victim.name));
    // Lets the time pass that its leases and turns have left.
    const urls = abandoned.map(({ url }) => url);
    await dbPool().query(`UPDATE feeds SET claimed_until = now() WHERE url = ANY($1)`, [urls]);
    await dbPool().query(
      `UPDATE hosts SET turns = '{}', free_at = now(), ready_at = now()
     WHERE host IN (SELECT host FROM feeds WHERE url = ANY($1))`,
      [urls],
    );
    farm.answer();
    const isOver = async () => (await number(`feeds WHERE next_check_at > now()`)) === FEEDS;
    await waitFor('the polls of all feeds', isOver, ALL_MS_MAX);
    await waitFor('the last claims', allPolled);
    const twice = [...timesAsked()].filter(([, times]) => times > 1);
    expect(twice.sort()).toEqual(urls.map((url) => [url, 2]).sort());
    expect(timesAsked().size).toBe(FEEDS);
    expect(farm.atOnceMax).toBe(1);
    expect(await number('posts')).toBe(3 * FEEDS);
  },
  TEST_MS_MAX,
);
