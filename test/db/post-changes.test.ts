import { describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { setTellsChanges } from '../../lib/store/post-changes.ts';
import { restorePost, withdrawPost } from '../../lib/store/withdrawals.ts';
import { buildDigests } from '../../workers/jobs/build-digests.ts';
import { deliverMail } from '../../workers/jobs/deliver-mail.ts';
import { matchAlerts } from '../../workers/jobs/match-alerts.ts';
import { sendEvents } from '../../workers/jobs/send-events.ts';
import { tellChanges } from '../../workers/jobs/tell-changes.ts';
import { useDatabase } from '../support/database.ts';
import { receive } from '../support/endpoint.ts';
import { useFeedServer } from '../support/feed-server.ts';
import { useMailbox } from '../support/mail.ts';
import { useWatchers } from '../support/watchers.ts';

useDatabase();
const mailbox = useMailbox();
const server = useFeedServer();
const { watch, publish } = useWatchers();

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const inMs = (ms: number) => new Date(Date.now() + ms);

/** An alert that has told one post, and tells changes. @returns its id. */
async function told(options: Parameters<typeof watch>[1] = {}): Promise<number> {
  const id = await watch('kernel', options);
  await setTellsChanges(id, 1, true);
  await publish({ title: 'Kernel', bodyText: 'At first.' });
  await matchAlerts();
  await deliverMail();
  return id;
}

const change = (title: string, bodyText = 'At last.') =>
  publish({
    title,
    bodyText,
    url: 'https://example.org/kernel',
    guid: 'https://example.org/kernel',
  });

/** Subjects of what comes to the mailbox when everything that is written is sent. */
async function subjects(): Promise<(string | undefined)[]> {
  await dbPool().query(`UPDATE deliveries SET next_attempt_at = now() - interval '1 second'`);
  await deliverMail();
  return (await mailbox.list()).map(({ subject }) => subject);
}

describe('an alert that tells changes', () => {
  test('says once what changed when it rests, however often it changed', async () => {
    await told();
    await deliverMail();
    await change('Kernel, again');
    await change('Kernel, at last');
    expect(await tellChanges(inMs(10 * MINUTE_MS))).toBe(0);
    expect(await tellChanges(inMs(16 * MINUTE_MS))).toBe(1);
    expect(await tellChanges(inMs(HOUR_MS))).toBe(0);
    expect(await subjects()).toEqual(['kernel: Kernel', 'kernel, changed: Kernel, at last']);
    const text = String((await mailbox.list())[1]?.text).replace(/\s+/gu, ' ');
    expect(text).toContain('It was called “Kernel”.');
    expect(text).toMatch(/\/post\/\d+\/-\/changes/u);
    await change('Kernel, once more');
    expect(await tellChanges(inMs(HOUR_MS))).toBe(1);
  });

  test('says that a post was withdrawn, by its address alone', async () => {
    await told();
    await deliverMail();
    await change('Kernel of lies');
    await withdrawPost(1);
    expect(await tellChanges(inMs(HOUR_MS))).toBe(1);
    expect(await subjects()).toEqual(['kernel: Kernel', 'kernel, a post was withdrawn']);
    const mail = (await mailbox.list())[1];
    expect(String(mail?.text).replace(/\s+/gu, ' ')).toContain(
      'was withdrawn by this site: https://example.org/kernel',
    );
    expect(`${mail?.text}${mail?.html}`).not.toContain('lies');
  });

  test('says nothing of a post that is shown again unchanged before it could', async () => {
    await told();
    await deliverMail();
    await withdrawPost(1);
    await restorePost(1);
    await tellChanges(inMs(HOUR_MS));
    expect(await subjects()).toEqual(['kernel: Kernel']);
    expect(await tellChanges(inMs(2 * HOUR_MS))).toBe(0);
  });

  test('waits with them for its digest', async () => {
    await told({ cadence: 'daily', now: inMs(-48 * HOUR_MS) });
    await buildDigests();
    await deliverMail();
    await change('Kernel, again');
    const { rows } = await dbPool().query<{ next: Date }>(
      'SELECT next_digest_at AS next FROM alerts',
    );
    const next = Number(rows[0]?.next);
    // Within a quarter of an hour before its digest there is nothing to wait for.
    expect(await tellChanges(new Date(next - 1000))).toBe(0);
    expect(await tellChanges(new Date(Math.max(next, Number(inMs(16 * MINUTE_MS)))))).toBe(1);
  });

  test('says nothing of what it has not told yet: that comes as it is then', async () => {
    await told({ cadence: 'weekly' });
    await change('Kernel, again');
    expect(await tellChanges(inMs(14 * 24 * HOUR_MS))).toBe(0);
  });

  test('says again that a post was withdrawn which had been shown again', async () => {
    await told();
    await withdrawPost(1);
    expect(await tellChanges(inMs(HOUR_MS))).toBe(1);
    await restorePost(1);
    await withdrawPost(1);
    expect(await tellChanges(inMs(HOUR_MS))).toBe(1);
  });

  test('does not wait for ever for a post that never rests', async () => {
    await told();
    await change('Kernel, again');
    await dbPool().query(`UPDATE alert_changes SET due_at = now() - interval '3 hours'`);
    await change('Kernel, and again');
    expect(await tellChanges()).toBe(1);
  });

  test('says nothing of a change that came with the post, since its mail had waited', async () => {
    await watch('kernel');
    await setTellsChanges(1, 1, true);
    await publish({ title: 'Kernel', bodyText: 'At first.' });
    await matchAlerts();
    await change('Kernel, again');
    expect(await subjects()).toEqual(['kernel: Kernel, again']);
    expect(await tellChanges(inMs(HOUR_MS))).toBe(0);
  });

  test('is one mail an alert, however many alerts and changes there are', async () => {
    await told();
    await dbPool().query(
      `WITH more AS (
         INSERT INTO alerts (subscriber_id, query, query_key, cadence, tsquery, status, confirmed_at,
                             tells_changes)
         SELECT 1, 'k' || n, 'k' || n, 'instant', 'kernel'::tsquery, 'active', now(), true
         FROM generate_series(1, 600) AS n RETURNING id)
       INSERT INTO alert_matches (alert_id, post_id, delivery_id)
       SELECT more.id, 1, (SELECT min(id) FROM deliveries) FROM more`,
    );
    await change('Kernel, again');
    await change('Kernel, at last');
    expect(await tellChanges(inMs(HOUR_MS))).toBe(601);
    const { rows } = await dbPool().query(
      `SELECT count(*)::int AS mails, count(DISTINCT alert_id)::int AS alerts FROM deliveries
       WHERE kind = 'changes'`,
    );
    expect(rows).toEqual([{ mails: 601, alerts: 601 }]);
  });

  test('says nothing more of what waits once its owner wishes no changes', async () => {
    const id = await told();
    await change('Kernel, again');
    await tellChanges(inMs(HOUR_MS));
    await setTellsChanges(id, 1, false);
    expect(await subjects()).toEqual(['kernel: Kernel']);
  });

  test('says nothing after it was paused, or wished no more changes', async () => {
    const id = await told();
    await deliverMail();
    await change('Kernel, again');
    await setTellsChanges(id, 1, false);
    expect(await tellChanges(inMs(HOUR_MS))).toBe(0);
    await setTellsChanges(id, 1, true);
    expect(await tellChanges(inMs(2 * HOUR_MS))).toBe(0);
  });

  test('says each change once, with two workers at the same time', async () => {
    await told();
    await change('Kernel, again');
    const mails = await Promise.all([tellChanges(inMs(HOUR_MS)), tellChanges(inMs(HOUR_MS))]);
    expect(mails.toSorted()).toEqual([0, 1]);
  });
});

test('an alert that does not is never told again of a post', async () => {
  await watch('kernel');
  await publish({ title: 'Kernel' });
  await matchAlerts();
  await change('Kernel, again');
  await withdrawPost(1);
  expect(await tellChanges(inMs(HOUR_MS))).toBe(0);
});

test('a program hears of each change at once, and of a withdrawal without what was withdrawn', async () => {
  const got = receive(server, '/hook');
  const id = await watch('kernel', { webhook: server.at('/hook'), cadence: 'feed' });
  await sendEvents();
  await setTellsChanges(id, 1, true);
  await publish({ title: 'Kernel' });
  await matchAlerts();
  await sendEvents();
  await change('Kernel, again');
  await sendEvents();
  await change('Kernel, at last');
  await sendEvents();
  await withdrawPost(1);
  await sendEvents();
  const bodies = got.map(({ body }) => JSON.parse(body));
  expect(bodies.map(({ type, data }) => [type, data.post?.title])).toEqual([
    ['webhook.test', undefined],
    ['post.matched', 'Kernel'],
    ['post.changed', 'Kernel, again'],
    ['post.changed', 'Kernel, at last'],
    ['post.withdrawn', undefined],
  ]);
  expect(bodies.at(-1).data.post).toEqual({
    id: 1,
    url: 'https://example.org/kernel',
    withdrawn: expect.any(String),
  });
  expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(5);
});
