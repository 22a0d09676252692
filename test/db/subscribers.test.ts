import { describe, expect, test, vi } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { parseQuery } from '../../lib/model/query/parse-query.ts';
import { previewAlert } from '../../lib/queries/alert-preview.ts';
import { getSubscriber, listAlerts } from '../../lib/queries/alerts.ts';
import {
  changeAlert,
  confirmAlert,
  deleteSubscriber,
  rotateSubscriber,
} from '../../lib/store/alerts.ts';
import { countSearchWords } from '../../lib/store/search-words.ts';

import { deliverMail } from '../../workers/jobs/deliver-mail.ts';
import { matchAlerts } from '../../workers/jobs/match-alerts.ts';
import { useDatabase } from '../support/database.ts';
import { useMailbox } from '../support/mail.ts';
import { useWatchers } from '../support/watchers.ts';

useDatabase();
useMailbox();
const watchers = useWatchers();
const { ask, watch, publish, matches } = watchers;

const HOUR_MS = 3_600_000;

async function preview(query: string) {
  const parsed = parseQuery(query);
  if (parsed.kind !== 'query') throw new Error(parsed.message);
  const outcome = await previewAlert(parsed.tree);
  if (outcome.kind !== 'preview') throw new Error(outcome.kind);
  return outcome.preview;
}

describe('a preview', () => {
  test('counts the weeks, and says what to leave out where there is too much', async () => {
    const days = (n: number) => new Date(Date.now() - n * 24 * HOUR_MS);
    const webinar = [{ slug: 'webinar', name: 'Webinar' }];
    await publish(
      ...Array.from({ length: 220 }, (_, n) => ({
        title: `Cloud ${n}`,
        url: `https://example.org/${n}`,
        publishedAt: days(n % 80),
        tags: n % 4 === 0 ? [] : webinar,
      })),
    );
    const { posts, weeks, proposals } = await preview('cloud');
    expect(posts).toBe(220);
    expect(weeks).toHaveLength(12);
    expect(weeks.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(180);
    expect(proposals).toEqual([
      { kind: 'exclude', of: 'tag', name: 'Webinar', posts: 165, query: 'cloud -tag:webinar' },
    ]);
    expect((await preview('cloud -tag:webinar')).posts).toBe(55);
  });

  test('says what would be found by asking for less where there is nothing', async () => {
    await publish({ title: 'A dictionary of data', publishedAt: new Date() });
    expect((await preview('"data dictionary"')).proposals).toEqual([
      { kind: 'wider', posts: 1, query: 'data dictionary' },
    ]);
    expect((await preview('dictio')).proposals).toEqual([
      { kind: 'wider', posts: 1, query: 'dictio*' },
    ]);
    expect((await preview('dictionary zebra')).proposals).toEqual([
      { kind: 'wider', posts: 1, query: 'dictionary' },
    ]);
    expect((await preview('zebra')).proposals).toEqual([]);
    expect((await preview('dictionary')).proposals).toEqual([]);
  });

  test('asks whether something near was meant where nothing is spelt as it was typed', async () => {
    await publish(
      { title: 'A dictionary of data', categories: ['Databases'], publishedAt: new Date() },
      { title: 'Another dictionary', publishedAt: new Date() },
    );
    await countSearchWords();
    expect((await preview('dictoinary -zebra')).proposals[0]).toEqual({
      kind: 'near',
      posts: 2,
      query: '-zebra dictionary',
    });
    expect((await preview('tag:databses')).proposals).toEqual([
      { kind: 'near', posts: 1, query: 'tag:databases' },
    ]);
    expect((await preview('xylophone')).proposals).toEqual([]);
  });
});

describe('a subscriber', () => {
  test('has a page whose older links end when it gets a new address', async () => {
    await watch('kernel');
    expect(await getSubscriber({ id: 1, version: 1 })).toMatchObject({
      email: 'reader@example.org',
      alerts: [{ query: 'kernel', status: 'active' }],
    });
    expect(await rotateSubscriber(1)).toBe(2);
    expect(await getSubscriber({ id: 1, version: 1 })).toBeUndefined();
    expect(await getSubscriber({ id: 1, version: 2 })).toBeDefined();
  });

  test('sees of each alert how many posts it found, and the last that is still there', async () => {
    await watch('kernel');
    await watch('scheduler');
    await publish({ title: 'Kernel one' }, { title: 'Kernel two' });
    await matchAlerts();
    await dbPool().query(`UPDATE posts SET withdrawn_at = now() WHERE title = 'Kernel two'`);
    await deliverMail();
    const page = await getSubscriber({ id: 1, version: 1 });
    expect(page?.alerts).toMatchObject([
      { query: 'scheduler', hits: 0, lastHit: null, lastMailAt: null },
      { query: 'kernel', hits: 2, lastHit: { title: 'Kernel one' } },
    ]);
    expect(page?.alerts[1]?.lastMailAt).not.toBeNull();
    expect(await listAlerts()).toMatchObject([
      { query: 'scheduler', email: 'reader@example.org' },
      { query: 'kernel' },
    ]);
  });

  test('that gave its page a new address cannot be reached by an older confirmation', async () => {
    await watch('kernel');
    await ask('scheduler');
    await rotateSubscriber(1);
    expect(await confirmAlert({ id: 2, version: 1 })).toBe(false);
    expect(await changeAlert(1, { version: 1 }, { status: 'ended' })).toBe(true);
  });

  test('who is forgotten while posts are matched ends no matching', async () => {
    await watch('kernel');
    await watch('kernel', { email: 'other@example.org' });
    await publish({ title: 'A new kernel' });
    const client = await dbPool().connect();
    await client.query('BEGIN');
    await client.query('DELETE FROM subscribers WHERE id = 1');
    const matched = matchAlerts();
    await vi.waitFor(async () => {
      const sql = `SELECT FROM pg_locks WHERE NOT granted`;
      expect((await dbPool().query(sql)).rows).toHaveLength(1);
    }, 5000);
    await client.query('COMMIT');
    client.release();
    expect(await matched).toBe(1);
    expect(await matches()).toEqual(['A new kernel']);
  });

  test('can be forgotten, with everything', async () => {
    await watch('kernel');
    await publish({ title: 'A new kernel' });
    await matchAlerts();
    await deleteSubscriber(1);
    for (const table of ['subscribers', 'alerts', 'alert_matches', 'deliveries']) {
      expect((await dbPool().query(`SELECT FROM ${table}`)).rows).toEqual([]);
    }
  });
});

describe('the preview', () => {
  const lookFor = (query: string, now?: Date) => {
    const parsed = parseQuery(query);
    if (parsed.kind !== 'query') throw new Error(parsed.message);
    return previewAlert(parsed.tree, now);
  };

  test('ends when it takes too long, and takes part of the connections only', async () => {
    const client = await dbPool().connect();
    await client.query('BEGIN');
    await client.query('LOCK TABLE posts');
    const early = [1, 2, 3].map(() => lookFor('kernel'));
    const late = lookFor('kernel');
    expect(await Promise.race([...early, late.then(() => 'late')])).toBe('late');
    for (const each of [...early, late]) expect(await each).toEqual({ kind: 'too-costly' });
    await client.query('ROLLBACK');
    client.release();
    expect(await lookFor('kernel')).toMatchObject({ kind: 'preview' });
  });

  test('counts what would have been found lately, and shows the latest', async () => {
    const now = new Date();
    const at = (days: number) => new Date(now.getTime() - days * 24 * HOUR_MS);
    watchers.feed = { ...watchers.feed, firstGoodAt: null };
    await publish(
      { title: 'Kernel one', publishedAt: at(1), bodyText: 'First. A kernel here. Last.' },
      { title: 'Kernel two', publishedAt: at(80) },
      { title: 'Kernel three', publishedAt: at(100) },
    );
    const outcome = await lookFor('kernel', now);
    const preview = outcome.kind === 'preview' ? outcome.preview : undefined;
    expect(preview).toMatchObject({ posts: 2, days: 90 });
    expect(preview?.latest.map((hit) => hit.title.map((p) => p.text).join(''))).toEqual([
      'Kernel one',
      'Kernel two',
    ]);
    expect(preview?.latest[0]?.sentence).toEqual([
      { text: 'A ', isMatch: false },
      { text: 'kernel', isMatch: true },
      { text: ' here.', isMatch: false },
    ]);
  });
});
