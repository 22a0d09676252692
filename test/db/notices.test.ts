import os from 'node:os';
import { beforeEach, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { FAILING_DAYS_TOLD, writeNotice } from '../../lib/model/notice.ts';
import { listNotices } from '../../lib/queries/notices.ts';
import { getSource } from '../../lib/queries/sources.ts';
import { addFeeds, removeFeed, setFeed } from '../../lib/store/feeds.ts';
import { pruneNotices } from '../../lib/store/notices.ts';
import { endOutage, endSilentOutage, reportOutage } from '../../lib/store/outages.ts';
import { pollDueFeeds } from '../../workers/jobs/poll-feeds.ts';
import { OUTAGES } from '../../workers/network-watch.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { rss, useFeedServer } from '../support/feed-server.ts';
import { pollNow } from '../support/poll-now.ts';
import { runCommand } from '../support/run-command.ts';

useDatabase();
const server = useFeedServer();
let feedId = 0;

beforeEach(async () => {
  await emptyTables(['feeds', 'notices', 'deliveries', 'subscribers'], { isNumberedAnew: true });
  const [added] = await addFeeds([{ url: server.at('/a'), title: 'Pond News' }]);
  feedId = added?.id ?? 0;
});

const poll = (id = feedId) => pollNow(id);

/** Lets `days` pass for what the feed's row remembers. */
const age = (column: string, days: number) =>
  dbPool().query(`UPDATE feeds SET ${column} = ${column} - make_interval(days => $1)`, [days]);

/** Kinds of all notices, newest first, with whether they are open. */
const told = async () =>
  (await listNotices({ all: true })).map(({ kind, endedAt }) =>
    endedAt === null ? kind : `${kind}, over`,
  );

const wordsOf = async () => {
  const [notice] = await listNotices();
  if (notice === undefined) throw new Error('nothing was told');
  return writeNotice(notice, (iso) => iso.slice(0, 10));
};

describe('a feed that fails', () => {
  beforeEach(async () => {
    server.serve('/a', { status: 500 });
    await poll();
  });

  test('is told after 60 days, once, with its error and what to do', async () => {
    await age('error_since', FAILING_DAYS_TOLD - 1);
    await poll();
    expect(await told()).toEqual([]);
    expect((await getSource('pond-news'))?.failsForLong).toBe(false);
    await age('error_since', 1);
    await poll();
    await poll();
    expect(await told()).toEqual(['failing']);
    expect((await getSource('pond-news'))?.failsForLong).toBe(true);
    const { what, next, commands } = await wordsOf();
    expect(commands).toEqual([`bin/tagwire feeds remove '${server.at('/a')}'`]);
    expect(what).toMatch(/^Pond News \(http:.+\/a\) has not been read since \d{4}-.+fault.+500/u);
    expect(next).toContain('once a week');
  });

  test('is over when it is read again, and told anew when it fails as long again', async () => {
    await age('error_since', FAILING_DAYS_TOLD);
    await poll();
    server.serve('/a', { body: rss('Pond News', []) });
    await poll();
    expect(await told()).toEqual(['failing, over']);
    server.serve('/a', { status: 404 });
    await poll();
    await age('error_since', FAILING_DAYS_TOLD);
    await poll();
    expect(await told()).toEqual(['failing', 'failing, over']);
  });

  test('is over when the operator pauses it, and goes with the feed', async () => {
    await age('error_since', FAILING_DAYS_TOLD);
    await poll();
    await setFeed(feedId, { display: 'link' });
    expect(await told()).toEqual(['failing']);
    await setFeed(feedId, { status: 'paused' });
    expect(await told()).toEqual(['failing, over']);
    await removeFeed(feedId);
    expect(await told()).toEqual([]);
  });
});

describe('a feed that has gone', () => {
  test('is told when that is certain, and over when it is taken up again', async () => {
    server.serve('/a', { status: 410 });
    await poll();
    expect(await told()).toEqual([]);
    await age('gone_since', 1);
    await poll();
    expect(await told()).toEqual(['gone']);
    expect((await wordsOf()).commands[0]).toContain('feeds resume');
    await setFeed(feedId, { status: 'active' });
    expect(await told()).toEqual(['gone, over']);
  });
});

describe('a feed that has moved for good', () => {
  const settle = async () => {
    await poll();
    await age('moved_since', 7);
    await poll();
  };
  beforeEach(() => {
    server.serve('/a', { status: 301, headers: { location: '/b' } });
    server.serve('/b', { body: rss('Pond News', []) });
  });

  test('is told with both addresses, and nothing is left to do', async () => {
    await settle();
    await poll();
    expect(await told()).toEqual(['moved, over']);
    const { what, next } = await wordsOf();
    expect(what).toContain(`from ${server.at('/a')} to ${server.at('/b')}, and is read there now`);
    expect(next).toBeUndefined();
  });

  test('to where another feed is already, is told once, until one of them is gone', async () => {
    const [other] = await addFeeds([{ url: server.at('/b') }]);
    await settle();
    await settle();
    expect(await told()).toEqual(['moved']);
    expect((await wordsOf()).commands[0]).toContain(`feeds remove '${server.at('/a')}'`);
    await removeFeed(other?.id ?? 0);
    await settle();
    expect(await told()).toEqual(['moved, over', 'moved, over']);
  });
});

describe('an outage of our own network', () => {
  test('is one notice for all workers of all machines, and over when none sees it', async () => {
    await reportOutage('alpha', 5);
    await reportOutage('alpha', 8);
    await reportOutage('beta', 6);
    expect(await told()).toEqual(['network']);
    expect((await wordsOf()).what).toMatch(/^8 different hosts.+ from alpha, beta/u);
    await endOutage('alpha');
    await endOutage('gamma');
    expect(await told()).toEqual(['network']);
    await endOutage('beta');
    expect(await told()).toEqual(['network, over']);
    await reportOutage('alpha', 5);
    expect(await told()).toEqual(['network', 'network, over']);
  });

  test('that nobody has seen for long is over: who saw it is not there any more', async () => {
    await reportOutage('alpha', 5);
    await endSilentOutage();
    expect(await told()).toEqual(['network']);
    await dbPool().query(
      `UPDATE notices SET data = jsonb_set(data, '{machines,alpha}', to_jsonb(now() - interval '91 minutes'))`,
    );
    await endSilentOutage();
    expect(await told()).toEqual(['network, over']);
  });

  test('is found by polls, and its end by later ones', async () => {
    await addFeeds([1, 2, 3, 4, 5, 6].map((n) => ({ url: `http://host${n}.invalid/feed` })));
    await dbPool().query('UPDATE feeds SET next_check_at = now() + $1 WHERE id = $2', [
      '1 hour',
      feedId,
    ]);
    await pollDueFeeds();
    expect(await told()).toEqual(['network']);
    expect((await wordsOf()).what).toContain(`${os.hostname()} (command)`);
    // A worker that gets through says nothing of where others stand.
    await OUTAGES.up();
    expect(await told()).toEqual(['network']);
    server.serve('/a', { body: rss('Pond News', []) });
    await dbPool().query('UPDATE feeds SET next_check_at = now() WHERE id = $1', [feedId]);
    await pollDueFeeds();
    expect(await told()).toEqual(['network, over']);
  });
});

describe('notices', () => {
  test('of what is over are listed for a month, and kept for a year', async () => {
    await reportOutage('alpha', 5);
    await endOutage('alpha');
    const over = (days: number) =>
      dbPool().query(`UPDATE notices SET ended_at = now() - make_interval(days => $1)`, [days]);
    await over(29);
    expect(await listNotices()).toHaveLength(1);
    await over(31);
    expect(await listNotices()).toEqual([]);
    await pruneNotices();
    expect(await listNotices({ all: true })).toHaveLength(1);
    await over(366);
    await pruneNotices();
    expect(await listNotices({ all: true })).toEqual([]);
  });

  test('are listed by a command, for people and for programs', async () => {
    await reportOutage('alpha', 5);
    const { end, stdout, stderr } = await runCommand(['notices', 'list']);
    expect(end).toBe('code 0');
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\d {2}Network down {2}open\n {2}5 different hosts/u);
    expect(stderr).toContain('1 notice, 1 of them open');
    const json = await runCommand(['notices', 'list', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject([{ kind: 'network', data: { hosts: 5 } }]);
  });
});
