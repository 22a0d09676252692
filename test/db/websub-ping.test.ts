import { beforeEach, describe, expect, test } from 'vitest';
import {
  authorTag,
  latestTag,
  postTag,
  sourcesTag,
  sourceTag,
  tagTag,
} from '../../lib/cache-tags.ts';
import { provideSettings } from '../../lib/config.ts';
import { dbPool, transaction } from '../../lib/db.ts';
import { pruneCacheEvents, writeCacheEvents, writeMark } from '../../lib/store/cache-events.ts';
import { asOnly } from '../../lib/store/only-one.ts';
import { isPingDue, pingOwnHub } from '../../workers/jobs/ping-hub.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { useHub } from '../support/hub.ts';

useDatabase();
const hub = useHub();

const START = Date.now();
/** The time that the worker is told, in milliseconds after the first change. */
let atMs = 0;
let waits: number[] = [];

beforeEach(async () => {
  provideSettings({
    WEBSUB_HUB: hub.url,
    SITE_URL: 'https://planet.example',
    FETCH_ALLOW: '127.0.0.0/8',
  });
  await emptyTables(['cache_events'], { isNumberedAnew: true });
  atMs = 0;
  waits = [];
});

const ping = () =>
  pingOwnHub({
    now: () => new Date(START + atMs),
    wait: async (ms) => {
      waits.push(ms);
      atMs += ms;
    },
  });

/** Has these tags become stale at this time. */
const change = (...tags: string[]) =>
  dbPool().query('INSERT INTO cache_events (tags, created_at) VALUES ($1, $2)', [
    tags,
    new Date(START + atMs),
  ]);

const feeds = (path: string) =>
  ['xml', 'atom', 'json'].map((format) => `https://planet.example${path}/feed.${format}`);
const unpinged = async () =>
  (await dbPool().query('SELECT id FROM cache_events WHERE pinged_at IS NULL')).rowCount;

describe('the hub of our lists', () => {
  test('hears of each list that changed, in all formats, in one request', async () => {
    await change(latestTag(), tagTag('numa'), tagTag('сети'), postTag(7), sourcesTag());
    await change(sourceTag('lwn'), authorTag('ada'), tagTag('numa'), 'everything', 'tags');
    expect(await ping()).toBe(5);
    expect(hub.pings).toEqual([
      [
        ...feeds(''),
        ...feeds('/tag/numa'),
        ...feeds(`/tag/${encodeURIComponent('сети')}`),
        ...feeds('/source/lwn'),
        ...feeds('/author/ada'),
      ],
    ]);
    expect(await unpinged()).toBe(0);
  });

  test('hears of it when every site shows it, and not before', async () => {
    await change(latestTag());
    await ping();
    expect(waits).toEqual([2000]);
  });

  test('hears of a burst once, and of the rest of it ten seconds later', async () => {
    for (let n = 0; n < 20; n++) await change(tagTag('numa'));
    await ping();
    expect(hub.pings).toHaveLength(1);
    await change(tagTag('numa'));
    await change(tagTag('numa'));
    atMs += 9000;
    expect(await ping()).toBe(0);
    atMs += 1000;
    expect(await ping()).toBe(1);
    expect(hub.pings).toEqual([feeds('/tag/numa'), feeds('/tag/numa')]);
  });

  test('is told at most a hundred addresses at once', async () => {
    await change(...Array.from({ length: 80 }, (_, n) => tagTag(`tag-${n}`)));
    expect(await ping()).toBe(80);
    expect(hub.pings.map((urls) => urls.length)).toEqual([99, 99, 42]);
    expect(new Set(hub.pings.flat()).size).toBe(240);
  });

  test('does not hear of what is no list, nor of anything without the setting', async () => {
    await change(postTag(1), 'tags', 'everything');
    await writeMark();
    atMs += 60_000;
    expect(await ping()).toBe(0);
    expect(waits).toEqual([]);
    await change(latestTag());
    expect(await ping()).toBe(1);
    provideSettings({ WEBSUB_HUB: '' });
    await change(latestTag());
    atMs += 60_000;
    expect(await ping()).toBe(0);
    expect(hub.pings).toHaveLength(1);
  });

  test('is told by one worker at a time', async () => {
    await change(latestTag());
    const done = await Promise.all([ping(), ping(), ping()]);
    expect(done.sort()).toEqual([0, 0, 1]);
    await change(latestTag());
    atMs += 60_000;
    await asOnly('pinger', async () => expect(await ping()).toBe(0));
    expect(hub.pings).toHaveLength(1);
  });

  test('hears of a change whose transaction ends late', async () => {
    const release = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const slow = transaction(async (tx) => {
      await writeCacheEvents(tx, [tagTag('late')]);
      begun.resolve();
      await release.promise;
    });
    await begun.promise;
    await change(tagTag('soon'));
    await ping().finally(() => release.resolve());
    await slow;
    atMs += 60_000;
    await ping();
    expect(hub.pings).toEqual([feeds('/tag/soon'), feeds('/tag/late')]);
  });
});

describe('a hub that fails', () => {
  test('is told again with growing pauses, and nothing is lost', async () => {
    hub.mood = 'broken';
    await change(tagTag('numa'));
    expect(await ping()).toBe(0);
    await change(tagTag('kernel'));
    atMs += 9000;
    hub.mood = 'verifies';
    expect(await ping()).toBe(0);
    expect(hub.pings).toEqual([]);
    atMs += 1000;
    expect(await ping()).toBe(2);
    expect(hub.pings).toEqual([[...feeds('/tag/numa'), ...feeds('/tag/kernel')]]);
  });

  test('is tried after twice as long each time, up to ten minutes', () => {
    const first = 5000;
    const state = { waitingSince: new Date(0), pingedAt: null };
    const tries = [first];
    for (let ms = first; tries.length < 9; ms += 1000) {
      if (isPingDue({ ...state, triedAt: new Date(tries.at(-1) ?? 0) }, new Date(ms)))
        tries.push(ms);
    }
    expect(tries.map((ms) => ms / 1000)).toEqual([5, 15, 30, 60, 120, 240, 480, 960, 1560]);
  });

  test('is told of what would have been pruned without it, for a day', async () => {
    hub.mood = 'broken';
    await change(tagTag('numa'));
    await ping();
    const hoursOn = (hours: number) => new Date(START + hours * 3_600_000);
    expect(await pruneCacheEvents(hoursOn(23))).toBe(0);
    hub.mood = 'verifies';
    atMs = 23 * 3_600_000;
    expect(await ping()).toBe(1);
    expect(await pruneCacheEvents(hoursOn(23))).toBe(1);
    await change(tagTag('numa'));
    expect(await pruneCacheEvents(hoursOn(50))).toBe(1);
  });

  test('and goes on refusing a list is left alone with it after an hour', async () => {
    hub.mood = 'refuses';
    await change(tagTag('odd'));
    await ping();
    expect(await unpinged()).toBe(1);
    atMs += 3_700_000;
    await ping();
    expect(await unpinged()).toBe(0);
  });

  test('costs nothing that a worker was doing when it ended', async () => {
    await change(tagTag('numa'));
    const stop = new AbortController();
    const stopped = pingOwnHub({ signal: stop.signal, wait: async () => stop.abort() });
    expect(await stopped).toBe(0);
    expect(await unpinged()).toBe(1);
    const { rows } = await dbPool().query('SELECT ping_tried_at AS tried FROM cache_events');
    expect(rows).toEqual([{ tried: null }]);
  });
});
