import { beforeEach, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { claimFeed } from '../../lib/store/feed-claims.ts';
import { setFeed } from '../../lib/store/feeds.ts';
import { finishPoll } from '../../lib/store/finish-poll.ts';
import { savePosts } from '../../lib/store/posts.ts';
import { claimPush } from '../../lib/store/websub-pushes.ts';
import { takePushes } from '../../workers/jobs/take-pushes.ts';
import { useCallbackSite } from '../support/callback-site.ts';
import { useDatabase } from '../support/database.ts';
import { useFeedServer } from '../support/feed-server.ts';
import { useHub } from '../support/hub.ts';
import {
  addSubscribed,
  clearFeeds,
  jobs,
  rssWithHub,
  subscriptionsOf,
  titles,
} from '../support/hub-feed.ts';
import { makeDraft } from '../support/make.ts';
import { pollNow } from '../support/poll-now.ts';

useDatabase();
const server = useFeedServer();
const hub = useHub();
useCallbackSite();

let feedId = 0;
const waiting = async () =>
  (await dbPool().query('SELECT attempts FROM websub_pushes ORDER BY id')).rows;
const feed = async () => {
  const { rows } = await dbPool().query(
    `SELECT next_check_at AS "nextCheckAt", check_reason AS reason, etag, body_hash AS hash,
            changed_at AS "changedAt"
     FROM feeds WHERE id = $1`,
    [feedId],
  );
  return rows[0];
};
const withItems = (...given: string[]) =>
  rssWithHub(
    given.map((title) => ({ title })),
    [hub.url],
    server.at('/a'),
  );
/** As if the last poll had been some minutes ago. */
const letPass = (minutes: number) =>
  dbPool().query(`UPDATE feeds SET checked_at = checked_at - make_interval(mins => $1)`, [minutes]);

beforeEach(async () => {
  await clearFeeds();
  feedId = await addSubscribed(server, hub);
});

describe('a push', () => {
  test('is kept as it came, and its posts are stored as a poll would store them', async () => {
    await dbPool().query('SELECT graphile_worker.remove_job(key) FROM graphile_worker.jobs');
    const body = withItems('New');
    expect(await hub.push(body, { contentType: 'application/rss+xml; charset=utf-8' })).toEqual([
      202,
    ]);
    const { rows } = await dbPool().query('SELECT * FROM websub_pushes');
    expect(rows).toMatchObject([{ content_type: 'application/rss+xml; charset=utf-8' }]);
    expect(rows[0].body.toString()).toBe(body);
    expect(await jobs()).toEqual(['take-pushes']);
    expect(await takePushes()).toMatchObject([{ outcome: 'saved', inserted: 1 }]);
    expect(await titles()).toEqual(['Old', 'New']);
    expect(await jobs()).toEqual(['index-posts', 'match-alerts', 'take-pushes']);
    expect(await waiting()).toEqual([]);
    const { rows: posts } = await dbPool().query('SELECT backfill FROM posts ORDER BY id');
    expect(posts.map(({ backfill }) => backfill)).toEqual([true, false]);
    expect((await subscriptionsOf(feedId))[0].pushedAt).toEqual(rows[0].received_at);
  });

  test.each(['sha1', 'sha256', 'sha384', 'sha512'])(
    'signed with %s is taken',
    async (algorithm) => {
      expect(await hub.push(withItems('New'), { algorithm })).toEqual([202]);
      expect(await waiting()).toHaveLength(1);
    },
  );

  test.each([
    ['a wrong signature', { secret: 'another' }],
    ['a hash that nobody should use', { algorithm: 'md5' }],
    ['no signature', { signature: null }],
    ['a cut signature', { signature: 'sha256=00ff' }],
    ['another method than it says', { signature: `sha512=${'0'.repeat(64)}` }],
  ])('with %s is answered like any, and forgotten', async (_, options) => {
    expect(await hub.push(withItems('Forged'), options)).toEqual([202]);
    expect(await waiting()).toEqual([]);
  });

  test('brings nothing new to a poll that follows, nor to the same push again', async () => {
    await hub.push(withItems('New', 'Old'));
    await hub.push(withItems('New'));
    expect(await takePushes()).toMatchObject([{ outcome: 'saved' }, { outcome: 'unchanged' }]);
    const before = await dbPool().query('SELECT * FROM posts ORDER BY id');
    server.serve('/a', { body: withItems('New', 'Old') });
    expect(await pollNow(feedId)).toMatchObject({ outcome: 'read', inserted: 0, updated: 0 });
    expect((await dbPool().query('SELECT * FROM posts ORDER BY id')).rows).toEqual(before.rows);
  });

  test('of an older edition is mended by the next poll', async () => {
    const date = new Date(Date.now() - 60_000).toISOString();
    const edition = (text: string) =>
      rssWithHub([{ title: 'Old', text, date }], [hub.url], server.at('/a'));
    server.serve('/a', ({ headers }) =>
      headers['if-none-match']
        ? { status: 304 }
        : { headers: { etag: '"2"' }, body: edition('The second edition.') },
    );
    await pollNow(feedId);
    await hub.push(edition('The first edition.'));
    await takePushes();
    expect(await feed()).toMatchObject({ etag: null, hash: null });
    expect(await pollNow(feedId)).toMatchObject({ outcome: 'read', updated: 1 });
    const { rows } = await dbPool().query('SELECT body_text AS text FROM posts');
    expect(rows).toEqual([{ text: 'The second edition.' }]);
  });

  test('and a poll at the same moment lose and double nothing', async () => {
    const both = Array.from({ length: 12 }, (_, n) => `Story ${n}`);
    server.serve('/a', { body: withItems(...both.slice(0, 9)) });
    await hub.push(withItems(...both.slice(6)));
    await hub.push(withItems(...both.slice(3, 7)));
    await Promise.all([pollNow(feedId), takePushes(), takePushes()]);
    expect((await titles()).sort()).toEqual(['Old', ...both].sort());
    expect(await waiting()).toEqual([]);
    const { rows } = await dbPool().query(
      'SELECT FROM posts p WHERE NOT EXISTS (SELECT FROM post_sources s WHERE s.post_id = p.id)',
    );
    expect(rows).toEqual([]);
  });

  test.each(['paused', 'gone'])('of a feed that is %s is dropped', async (status) => {
    await hub.push(withItems('New'));
    await dbPool().query(`UPDATE feeds SET status = $1::"FeedStatus"`, [status]);
    expect(await takePushes()).toMatchObject([{ outcome: 'dropped' }]);
    expect(await titles()).toEqual(['Old']);
  });

  test('of a subscription that is being ended is acknowledged and not kept', async () => {
    await setFeed(feedId, { status: 'paused' });
    expect(await hub.push(withItems('New'))).toEqual([202]);
    expect(await waiting()).toEqual([]);
  });
});

test('items of one guid that two transactions save at once are one post, however they differ', async () => {
  const { rows } = await dbPool().query('SELECT slug FROM feeds WHERE id = $1', [feedId]);
  const saving = { id: feedId, slug: rows[0].slug, firstGoodAt: new Date(0), feedTags: [] };
  const save = (title: string, url: string) =>
    savePosts(saving, [makeDraft({ title, url, guid: 'one' })], { now: new Date() });
  await Promise.all(
    ['a', 'b', 'c', 'd'].map((name) => save(`Title ${name}`, `https://example.org/${name}`)),
  );
  expect(await titles()).toHaveLength(2);
});

describe('a push that says only that there is news', () => {
  test.each([
    ['nothing', ''],
    ['what is no feed', '<html><body>Sorry</body></html>'],
  ])('(it holds %s) leads to a poll at once, and is no reason to poll less', async (_, body) => {
    await letPass(5);
    await hub.push(body);
    expect(await takePushes()).toMatchObject([{ outcome: body === '' ? 'empty' : 'unreadable' }]);
    expect((await feed()).nextCheckAt.getTime()).toBeLessThanOrEqual(Date.now());
    expect((await subscriptionsOf(feedId))[0].pushedAt).toBeNull();
  });

  test('makes nobody poll more than once a minute', async () => {
    await hub.push('');
    await takePushes();
    const { rows } = await dbPool().query(
      'SELECT next_check_at - checked_at AS pause FROM feeds WHERE id = $1',
      [feedId],
    );
    expect(rows[0].pause).toMatchObject({ minutes: 1 });
  });

  test('is not forgotten for a poll that was under way', async () => {
    await letPass(5);
    const claimed = await claimFeed(feedId);
    if (claimed === undefined) throw new Error('not claimed');
    await hub.push('');
    await takePushes();
    const next = { at: new Date(Date.now() + 3_600_000), reason: 'base' as const };
    expect(await finishPoll(claimed, { next, isGood: true })).toBe(true);
    expect((await feed()).nextCheckAt.getTime()).toBeLessThanOrEqual(Date.now());
  });

  test('is what a flood of pushes becomes: twenty wait, for the rest the feed is polled', async () => {
    await letPass(5);
    for (let n = 0; n < 22; n++) expect(await hub.push(withItems(`New ${n}`))).toEqual([202]);
    expect(await waiting()).toHaveLength(20);
    expect((await feed()).nextCheckAt.getTime()).toBeLessThanOrEqual(Date.now());
  });
});

describe('pushes of one feed', () => {
  test('are read in their order, one at a time; those of others go on', async () => {
    const other = await addSubscribed(server, hub, '/b');
    const [first] = await subscriptionsOf(feedId);
    const [second] = await subscriptionsOf(other);
    for (let n = 0; n < 2; n++) await hub.push(withItems(`New ${n}`));
    const claims = await Promise.all([1, 2, 3, 4].map(() => claimPush(new Date())));
    const taken = claims.flatMap((push) => push?.subscriptionId ?? []);
    expect(taken.sort()).toEqual([first.id, second.id].sort());
  });

  test('that broke a worker off are tried by others, and at last become a poll', async () => {
    await letPass(5);
    await hub.push(withItems('New'));
    for (let n = 1; n <= 3; n++) {
      const later = new Date(Date.now() + n * 3 * 60_000);
      expect(await claimPush(later)).toMatchObject({ attempts: n });
      expect(await claimPush(later)).toBeUndefined();
    }
    await dbPool().query('UPDATE websub_pushes SET claimed_until = NULL');
    expect(await takePushes()).toMatchObject([{ outcome: 'unreadable' }]);
    expect(await waiting()).toEqual([]);
  });
});

describe('the pace of polls', () => {
  const minutesTo = async () => ((await feed()).nextCheckAt.getTime() - Date.now()) / 60_000;

  test('is half a day once pushes come', async () => {
    expect(await minutesTo()).toBeLessThan(90);
    await hub.push(withItems('New'));
    await takePushes();
    await pollNow(feedId);
    expect((await feed()).reason).toBe('push');
    expect(await minutesTo()).toBeGreaterThan(12 * 60 - 1);
  });

  test('is what it was when a poll finds what no push has brought, until one does', async () => {
    await hub.push(withItems('New'));
    await takePushes();
    const { rowCount } = await dbPool().query(
      `UPDATE websub_subscriptions SET active_since = now() - interval '1 day'`,
    );
    expect(rowCount).toBe(1);
    const missed = { title: 'Missed', date: new Date(Date.now() - 2 * 3_600_000).toISOString() };
    server.serve('/a', { body: rssWithHub([missed], [hub.url], server.at('/a')) });
    await pollNow(feedId);
    expect((await subscriptionsOf(feedId))[0].missedAt).not.toBeNull();
    expect(await minutesTo()).toBeLessThan(90);
    server.serve('/a', { body: withItems('Just now') });
    await pollNow(feedId);
    expect(await minutesTo()).toBeLessThan(90);
    await hub.push(withItems('Pushed'));
    await takePushes();
    await pollNow(feedId);
    expect((await feed()).reason).toBe('push');
  });

  test('does not mind what was there before the lease, or came within the hour', async () => {
    await hub.push(withItems('New'));
    await takePushes();
    const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
    server.serve('/a', {
      body: rssWithHub(
        [
          { title: 'Before', date: ago(2) },
          { title: 'Within', date: ago(0.5) },
        ],
        [hub.url],
        server.at('/a'),
      ),
    });
    expect(await pollNow(feedId)).toMatchObject({ inserted: 2 });
    expect((await subscriptionsOf(feedId))[0].missedAt).toBeNull();
    expect((await feed()).reason).toBe('push');
  });
});
