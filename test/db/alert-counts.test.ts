import { describe, expect, test } from 'vitest';
import { ATTRIBUTES as POST_ATTRIBUTES, toAttributes } from '../../lib/alerts/post-attributes.ts';
import { dbPool, transaction } from '../../lib/db.ts';
import { type AlertCounts, NO_COUNTS } from '../../lib/model/alert-counts.ts';
import { ATTRIBUTES, type AttributeName } from '../../lib/model/policy/policy.ts';
import { readCounts, readCountsOfAlerts, readCountTotals } from '../../lib/queries/alert-counts.ts';
import { foldAlertCounts, pruneAlertCounts } from '../../lib/store/alert-counts.ts';
import { changeAlert } from '../../lib/store/alerts.ts';
import {
  claimDelivery,
  finishDelivery,
  giveUpDelivery,
  postponeDelivery,
} from '../../lib/store/deliveries.ts';
import { finishMailReport } from '../../lib/store/mail-reports.ts';
import {
  claimEvent,
  endWebhook,
  finishEvent,
  postponeEvent,
} from '../../lib/store/webhook-events.ts';
import { matchAlerts } from '../../workers/jobs/match-alerts.ts';
import { useDatabase } from '../support/database.ts';
import { useWatchers } from '../support/watchers.ts';

useDatabase();
const { watch, publish } = useWatchers();

/** What grew while something was done: counts go on from test to test. */
async function grown(work: () => Promise<unknown>): Promise<AlertCounts> {
  const before = await readCountTotals();
  await work();
  const after = await readCountTotals();
  const names = Object.keys(after) as (keyof AlertCounts)[];
  return Object.fromEntries(
    names.map((name) => [name, after[name] - before[name]]),
  ) as unknown as AlertCounts;
}

async function ofAlert(id: number): Promise<AlertCounts> {
  const series = (await readCountsOfAlerts([id], '1h')).get(id);
  return series?.total ?? NO_COUNTS;
}

const filterPolicy = (policy: object) => ({ policy: JSON.stringify(policy) });

describe('what a policy needs', () => {
  const needs = async (policy: string) =>
    (await dbPool().query('SELECT policy_needs($1) AS needs', [policy])).rows[0].needs;

  test('is a bit for each attribute, in the order in which they are declared', async () => {
    for (const [i, name] of Object.keys(ATTRIBUTES).entries()) {
      expect(await needs(`{"${name}": [{"exists": true}]}`)).toEqual([1 << i]);
    }
    expect(await needs('{"tag": ["a"], "enclosure": [{"exists": false}, "b"]}')).toEqual([1]);
    expect(await needs('{"tag": ["a"], "$or": [{"source": ["b"]}, {"author": ["c"]}]}')).toEqual([
      3, 5,
    ]);
    expect(await needs('{"words": [true, null]}')).toEqual([512 * 1025]);
    expect(await needs('{"words": [true, 3]}')).toEqual([512]);
    for (const broken of ['', '[1]', '{"tag": "\\u0000"}']) expect(await needs(broken)).toEqual([]);
  });

  test('is what the post of a batch has or lacks, as policies see it', async () => {
    await watch('kernel');
    await publish({ title: 'A kernel', authors: [], language: null, publishedAt: null });
    await matchAlerts();
    const { rows } = await dbPool().query(
      `SELECT array_agg(name) AS lacks FROM alert_posts,
         unnest($1::text[]) WITH ORDINALITY AS x (name, n) WHERE lacks & (1 << (n::int - 1)) <> 0`,
      [Object.keys(ATTRIBUTES)],
    );
    const attributes = await dbPool().query(POST_ATTRIBUTES, [
      (await dbPool().query('SELECT post_id FROM alert_posts')).rows.map((row) => row.post_id),
    ]);
    const seen = toAttributes(attributes.rows[0]);
    const missing = (Object.keys(ATTRIBUTES) as AttributeName[]).filter(
      (name) => (seen[name] ?? []).length === 0,
    );
    expect(missing).toContain('published');
    expect(rows[0].lacks).toEqual(missing);
  });
});

describe('posts and alerts', () => {
  test('are counted as published, matched and filtered out, for each alert and in all', async () => {
    const kernel = await watch('kernel');
    const rust = await watch('rust');
    const all = await grown(async () => {
      await publish({ title: 'A new kernel' }, { title: 'Nothing of note' }, { title: 'A kernel' });
      await matchAlerts();
    });
    expect(all).toEqual({ ...NO_COUNTS, published: 3, matched: 2, filteredByQuery: 4 });
    const mine = { ...NO_COUNTS, published: 3 };
    expect(await ofAlert(kernel)).toEqual({ ...mine, matched: 2, filteredByQuery: 1 });
    expect(await ofAlert(rust)).toEqual({ ...mine, filteredByQuery: 3 });
  });

  test('are counted by what kept them back: a missing attribute, one of another type', async () => {
    const heard = await watch('', filterPolicy({ enclosure: [{ prefix: 'audio/' }] }));
    const never = await watch('', filterPolicy({ title: [true] }));
    const either = await watch(
      '',
      filterPolicy({ $or: [{ enclosure: [{ exists: true }] }, { title: [{ prefix: 'A' }] }] }),
    );
    const silent = await watch('', filterPolicy({ enclosure: [{ exists: false }] }));
    const audio = [{ url: 'https://example.org/a.mp3', type: 'audio/mpeg', length: 9 }];
    const video = [{ url: 'https://example.org/a.mp4', type: 'video/mp4', length: 9 }];
    const all = await grown(async () => {
      await publish(
        { title: 'A talk', enclosures: audio },
        { title: 'B', enclosures: video },
        { title: 'C' },
      );
      await matchAlerts();
    });
    const three = { ...NO_COUNTS, published: 3 };
    const counts = await Promise.all([heard, never, either, silent].map(ofAlert));
    expect(counts).toEqual([
      { ...three, matched: 1, filteredByQuery: 1, filteredByMissing: 1 },
      { ...three, filteredByInvalid: 3 },
      { ...three, matched: 2, filteredByQuery: 1 },
      { ...three, matched: 1, filteredByQuery: 2 },
    ]);
    for (const name of [
      'matched',
      'filteredByQuery',
      'filteredByMissing',
      'filteredByInvalid',
    ] as const) {
      expect(all[name]).toBe(counts.reduce((sum, each) => sum + each[name], 0));
    }
  });

  test('are compared with alerts in force alone: not before they began, nor while they rest', async () => {
    const early = await watch('kernel');
    await publish({ title: 'kernel, first' });
    await matchAlerts();
    await publish({ title: 'kernel, before the second alert, matched after' });
    const late = await watch('kernel OR rust', { now: new Date(Date.now() + 5) });
    expect(await grown(matchAlerts)).toMatchObject({
      published: 1,
      matched: 1,
      filteredByQuery: 0,
    });
    expect(await ofAlert(late)).toEqual(NO_COUNTS);
    expect(await ofAlert(early)).toMatchObject({ published: 2, matched: 2 });
    await changeAlert(early, { version: 1 }, { status: 'paused' });
    await publish({ title: 'rust' });
    expect(await grown(matchAlerts)).toMatchObject({ published: 1, filteredByQuery: 0 });
    expect(await ofAlert(early)).toEqual(NO_COUNTS);
    await dbPool().query('DELETE FROM subscribers');
    await publish({ title: 'rust again' });
    expect(await grown(matchAlerts)).toEqual({ ...NO_COUNTS, published: 1 });
  });

  test('are counted once, though the batch was rolled back or the post is matched again', async () => {
    await watch('kernel');
    await publish({ title: 'A kernel' });
    const broken = transaction(async (tx) => {
      await tx.query(`INSERT INTO alert_counts (measure, number) VALUES ('published', 1)`);
      throw new Error('the worker died');
    });
    await expect(broken).rejects.toThrow('died');
    // What the batch writes last fails: nothing of it is counted.
    await dbPool().query(
      `ALTER TABLE posts ADD CONSTRAINT never CHECK (matched_at IS NULL) NOT VALID`,
    );
    expect(await grown(() => expect(matchAlerts()).rejects.toThrow('never'))).toEqual(NO_COUNTS);
    await dbPool().query('ALTER TABLE posts DROP CONSTRAINT never');
    const again = async () => {
      await matchAlerts();
      await dbPool().query('UPDATE posts SET matched_at = NULL');
      await matchAlerts();
    };
    expect(await grown(again)).toEqual({ ...NO_COUNTS, published: 1, matched: 1 });
  });

  test('are counted once by two workers, and as one before and after minutes are added up', async () => {
    await watch('kernel');
    const titles = Array.from({ length: 120 }, (_, i) => ({
      title: i % 2 ? `kernel ${i}` : `${i}`,
    }));
    const all = await grown(async () => {
      await publish(...titles);
      await Promise.all([matchAlerts(), matchAlerts({ waits: true })]);
      await matchAlerts({ waits: true });
    });
    expect(all).toEqual({ ...NO_COUNTS, published: 120, matched: 60, filteredByQuery: 60 });
    const totals = await readCountTotals();
    await dbPool().query(`UPDATE alert_counts SET at = at - interval '10 minutes'`);
    await Promise.all([foldAlertCounts(), foldAlertCounts()]);
    expect(await readCountTotals()).toEqual(totals);
    const { rows } = await dbPool().query('SELECT DISTINCT folded FROM alert_counts');
    expect(rows).toEqual([{ folded: true }]);
    expect((await readCounts('1h')).total.published).toBeGreaterThanOrEqual(120);
    await dbPool().query(`UPDATE alert_counts SET at = at - interval '9 days'`);
    await dbPool().query(`UPDATE alert_posts SET published_at = now() - interval '9 days'`);
    await Promise.all([pruneAlertCounts(), pruneAlertCounts()]);
    expect(await readCountTotals()).toEqual(totals);
    expect((await readCounts('1w')).total).toEqual(NO_COUNTS);
    const kept = await dbPool().query('SELECT FROM alert_posts');
    expect(kept.rowCount).toBe(0);
  });

  test('are compared with as many alerts after the starts of alerts are added up', async () => {
    const now = new Date(Date.now() - 2 * 3_600_000);
    await watch('kernel', { now });
    await watch('linux', { now });
    await watch('rust', { now, ...filterPolicy({ enclosure: [{ exists: true }] }) });
    await dbPool().query(`UPDATE alerts SET status = 'paused' WHERE query = 'linux'`);
    await foldAlertCounts();
    const { rows } = await dbPool().query('SELECT number FROM alert_starts');
    expect(rows).toEqual([{ number: 1 }, { number: 1 }]);
    await publish({ title: 'A kernel' });
    const counts = { published: 1, matched: 1, filteredByQuery: 0, filteredByMissing: 1 };
    expect(await grown(matchAlerts)).toMatchObject(counts);
    // One that a flood held back: the operator lets it go after the alerts began.
    await dbPool().query(`UPDATE posts SET created_at = created_at - interval '3 hours'`);
    await dbPool().query('DELETE FROM alert_posts; DELETE FROM alert_matches');
    await dbPool().query('UPDATE posts SET matched_at = NULL');
    expect(await grown(matchAlerts)).toEqual({ ...NO_COUNTS, published: 1 });
    await dbPool().query('DELETE FROM alerts');
    await foldAlertCounts();
    expect((await dbPool().query('SELECT FROM alert_starts')).rowCount).toBe(0);
  });
});

describe('what was matched', () => {
  test('is delivered by mail once, however often its end is told, and failed when given up', async () => {
    const id = await watch('kernel');
    await publish({ title: 'A kernel' });
    await matchAlerts();
    const mail = await claimDelivery();
    const tries = await grown(async () => {
      await postponeDelivery(mail?.id ?? 0, 'later');
      await dbPool().query('UPDATE deliveries SET next_attempt_at = now()');
    });
    expect(tries).toEqual(NO_COUNTS);
    const sent = await grown(async () => {
      await finishDelivery(mail?.id ?? 0);
      await finishDelivery(mail?.id ?? 0);
    });
    expect(sent).toEqual({ ...NO_COUNTS, mailDelivered: 1 });
    const meaning = { proof: { deliveryId: mail?.id ?? 0 }, says: 'full', suppression: undefined };
    const back = await grown(async () => {
      await finishMailReport(1, meaning);
      await finishMailReport(2, meaning);
    });
    expect(back).toEqual({ ...NO_COUNTS, mailFailed: 1 });
    await publish({ title: 'Another kernel' });
    await matchAlerts();
    const next = await claimDelivery();
    expect(await grown(() => giveUpDelivery(next?.id ?? 0, 'no'))).toMatchObject({ mailFailed: 1 });
    expect(await ofAlert(id)).toMatchObject({ matched: 2, mailDelivered: 1, mailFailed: 2 });
  });

  test('is delivered to a webhook or failed, each event once; tests are not counted', async () => {
    const id = await watch('kernel', { webhook: 'http://127.0.0.1:9/hook', cadence: 'feed' });
    const answer = { status: 200, text: 'ok' };
    const next = async () => {
      await dbPool().query('UPDATE webhooks SET rests_until = NULL');
      const event = await claimEvent();
      if (event === undefined) throw new Error('no event is due');
      return event;
    };
    const test = await next();
    expect(await grown(() => finishEvent(test, answer))).toEqual(NO_COUNTS);
    await publish({ title: 'kernel 1' }, { title: 'kernel 2' });
    await matchAlerts();
    const event = await next();
    const twice = async () => {
      await postponeEvent(event, { status: 500, text: 'no' });
      await dbPool().query('UPDATE webhook_events SET next_attempt_at = now() WHERE status = $1', [
        'pending',
      ]);
      const again = await next();
      await finishEvent(again, answer);
      await finishEvent(again, answer);
    };
    expect(await grown(twice)).toEqual({ ...NO_COUNTS, webhookDelivered: 1 });
    const gone = await next();
    expect(await grown(() => endWebhook(gone, { status: 410, text: '' }))).toEqual({
      ...NO_COUNTS,
      webhookFailed: 1,
    });
    // A private feed is fetched by readers: nothing of it is delivered.
    const counts = { matched: 2, webhookDelivered: 1, webhookFailed: 1, mailDelivered: 0 };
    expect(await ofAlert(id)).toMatchObject(counts);
  });
});
