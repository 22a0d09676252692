import { describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { INSTANT_MAILS_PER_DAY_MAX } from '../../lib/model/alert.ts';
import { getAlert } from '../../lib/queries/alerts.ts';
import { changeAlert } from '../../lib/store/alerts.ts';
import { postponeDelivery } from '../../lib/store/deliveries.ts';
import { setDigestTimes } from '../../lib/store/digest-times.ts';
import { buildDigests } from '../../workers/jobs/build-digests.ts';
import { deliverMail } from '../../workers/jobs/deliver-mail.ts';
import { matchAlerts } from '../../workers/jobs/match-alerts.ts';
import { useDatabase } from '../support/database.ts';
import { useMailbox } from '../support/mail.ts';
import { makeFeed } from '../support/make.ts';
import { useWatchers } from '../support/watchers.ts';

useDatabase();
const mailbox = useMailbox();
const watchers = useWatchers();
const { ask, watch, publish, matches } = watchers;

const HOUR_MS = 3_600_000;

describe('a digest', () => {
  test('comes when its hour has come, with what no mail has told, and only then', async () => {
    const asked = new Date('2026-06-02T12:00:00Z');
    await watch('kernel', { cadence: 'daily', now: asked });
    await publish({ title: 'Kernel one' });
    await matchAlerts();
    expect(await buildDigests(new Date('2026-06-03T06:59:00Z'))).toBe(0);
    expect(await buildDigests(new Date('2026-06-03T07:01:00Z'))).toBe(1);
    expect(await buildDigests(new Date('2026-06-03T07:02:00Z'))).toBe(0);
    // Nothing new: no mail the next day.
    expect(await buildDigests(new Date('2026-06-04T07:01:00Z'))).toBe(0);
    await deliverMail();
    const mails = await mailbox.list();
    expect(mails.map((mail) => mail.subject)).toEqual(['kernel: Kernel one']);
  });

  test('says which sources it cannot speak for, and which posts were found late', async () => {
    const day = 24 * HOUR_MS;
    await watch('kernel', { cadence: 'daily', now: new Date(Date.now() - 2 * day) });
    const away = await makeFeed('Far Away');
    const blinks = await makeFeed('Blinking');
    await dbPool().query(
      `UPDATE feeds SET error_since = now() - CASE id WHEN $1 THEN interval '3 days'
         ELSE interval '5 minutes' END WHERE id IN ($1, $2)`,
      [away, blinks],
    );
    await publish(
      { title: 'Kernel in time', publishedAt: new Date(Date.now() - HOUR_MS) },
      { title: 'Kernel of last week', publishedAt: new Date(Date.now() - 7 * day) },
    );
    await matchAlerts();
    await buildDigests();
    await deliverMail();
    const [mail] = await mailbox.list();
    const text = String(mail?.text).replace(/\s+/gu, ' ');
    expect(text).toMatch(/3 sources were checked for this\. Not to be reached: Far Away since \d/u);
    expect(text).not.toContain('Blinking since');
    expect(text.match(/found late: on/gu)).toHaveLength(1);
    expect(text).toMatch(/Kernel of last week.*found late/u);
  });

  test('of one alert that tells at once has no such words', async () => {
    await watch('kernel');
    await publish({ title: 'Kernel' });
    await matchAlerts();
    await deliverMail();
    const [mail] = await mailbox.list();
    expect(mail?.text).not.toContain('checked for this');
  });

  test('comes on Mondays when it is weekly', async () => {
    const id = await watch('kernel', { cadence: 'weekly', now: new Date('2026-06-02T12:00:00Z') });
    const found = await getAlert({ id, version: 1 });
    expect(found?.alert.nextDigestAt).toBe('2026-06-08T07:00:00.000Z');
  });

  test('comes at the hour and in the zone of its reader, also when clocks change', async () => {
    const id = await watch('kernel', { cadence: 'daily', now: new Date('2026-03-27T12:00:00Z') });
    const next = async () => (await getAlert({ id, version: 1 }))?.alert.nextDigestAt;
    expect(await next()).toBe('2026-03-28T07:00:00.000Z');
    const vienna = { hour: 18, zone: 'Europe/Vienna' };
    const now = new Date('2026-03-27T12:00:00Z');
    expect(await setDigestTimes(1, vienna, now)).toBe(true);
    expect(await next()).toBe('2026-03-27T17:00:00.000Z');
    await buildDigests(new Date('2026-03-28T17:01:00Z'));
    expect(await next()).toBe('2026-03-29T16:00:00.000Z');
    expect(await setDigestTimes(1, { ...vienna, hour: 2 }, now)).toBe(true);
    await buildDigests(new Date('2026-03-28T10:00:00Z'));
    // On the 29th there is no 02:30, and 02:00 is 03:00.
    expect(await next()).toBe('2026-03-29T01:00:00.000Z');
    // On 25 October there are two 02:00: it comes at the first and not again, as RFC 5545 reads
    // such a time (section 3.3.5).
    await buildDigests(new Date('2026-10-24T12:00:00Z'));
    expect(await next()).toBe('2026-10-25T00:00:00.000Z');
    await buildDigests(new Date('2026-10-25T00:00:00Z'));
    expect(await next()).toBe('2026-10-26T01:00:00.000Z');
    expect(await setDigestTimes(1, { hour: 5, zone: 'Europe/Nowhere' }, now)).toBe(false);
    expect(await setDigestTimes(1, { hour: undefined, zone: undefined }, now)).toBe(true);
    expect(await next()).toBe('2026-03-28T07:00:00.000Z');
  });

  test('says when it was written by the clock of its reader', async () => {
    await watch('kernel', { cadence: 'daily', now: new Date('2026-06-02T12:00:00Z') });
    await setDigestTimes(1, { hour: 8, zone: 'Asia/Tokyo' }, new Date('2026-06-02T12:00:00Z'));
    await publish({ title: 'Kernel one' });
    await matchAlerts();
    expect(await buildDigests(new Date('2026-06-02T23:00:40Z'))).toBe(1);
    await deliverMail();
    const [mail] = await mailbox.list();
    expect(mail?.text).toContain('3 June 2026 at 08:00 (Asia/Tokyo). Your alert, once a day.');
  });

  test('that becomes an instant alert sends at once what it has kept', async () => {
    const id = await watch('kernel', { cadence: 'daily' });
    await publish({ title: 'Kernel one' });
    await matchAlerts();
    await changeAlert(id, { version: 1 }, { cadence: 'instant' });
    expect(await buildDigests()).toBe(1);
    expect((await getAlert({ id, version: 1 }))?.alert.nextDigestAt).toBeNull();
  });
});

describe('an alert that tells at once', () => {
  test('that becomes an instant alert sends what a batch has found for it at that very moment', async () => {
    const id = await watch('kernel', { cadence: 'daily' });
    await publish({ title: 'Kernel at the same time' });
    const [post] = (await dbPool().query('SELECT id FROM posts')).rows;
    // A batch that still took the alert for a daily one, and has not ended.
    const batch = await dbPool().connect();
    try {
      await batch.query('BEGIN');
      await batch.query('SELECT FROM alerts WHERE id = $1 FOR KEY SHARE', [id]);
      await batch.query('INSERT INTO alert_matches (alert_id, post_id) VALUES ($1, $2)', [
        id,
        post.id,
      ]);
      await changeAlert(id, { version: 1 }, { cadence: 'instant' });
      expect(await buildDigests(new Date(Date.now() + HOUR_MS))).toBe(0);
      await batch.query('COMMIT');
    } finally {
      batch.release();
    }
    expect(await buildDigests(new Date(Date.now() + HOUR_MS))).toBe(1);
  });

  test('becomes a daily one, and says so, when it has had too many mails in a day', async () => {
    const id = await watch('kernel');
    for (let n = 0; n < INSTANT_MAILS_PER_DAY_MAX + 2; n++) {
      await publish({ title: `Kernel ${n}`, url: `https://example.org/${n}` });
      await matchAlerts();
      await deliverMail();
    }
    const mails = await mailbox.list();
    expect(mails).toHaveLength(INSTANT_MAILS_PER_DAY_MAX);
    const told = mails.map((mail) => /once\s+a\s+day\s+from\s+now\s+on/u.test(String(mail.text)));
    expect(told.filter(Boolean)).toHaveLength(1);
    expect(told.at(-1)).toBe(true);
    const found = await getAlert({ id, version: 1 });
    expect(found?.alert).toMatchObject({ cadence: 'daily', calmedAt: expect.any(String) });
    expect(found?.alert.nextDigestAt).not.toBeNull();
    // What came after is kept for the digest; its owner has the last word.
    expect(await buildDigests(new Date(Date.now() + 2 * 24 * HOUR_MS))).toBe(1);
    await changeAlert(id, { version: 1 }, { cadence: 'instant' });
    expect((await getAlert({ id, version: 1 }))?.alert.calmedAt).toBeNull();
  });
});

describe('what was found before', () => {
  test.each<[string, Parameters<typeof changeAlert>[2][]]>([
    ['a pause', [{ status: 'paused' }, { status: 'active' }]],
    ['an end', [{ status: 'ended' }, { status: 'active' }]],
    ['the alert was a feed', [{ cadence: 'feed' }, { cadence: 'daily' }]],
    ['the alert was a feed, now instant,', [{ cadence: 'feed' }, { cadence: 'instant' }]],
  ])('%s is not mailed later', async (_when, changes) => {
    const id = await watch('kernel', { cadence: 'daily' });
    await publish({ title: 'Old kernel' });
    await matchAlerts();
    const later = new Date(Date.now() + HOUR_MS);
    for (const change of changes) await changeAlert(id, { version: 1 }, change, later);
    const week = new Date(Date.now() + 7 * 24 * HOUR_MS);
    expect(await buildDigests(week)).toBe(0);
    expect(await matches()).toEqual(['Old kernel']);
  });
});

describe('mail', () => {
  test('waits while the server refuses it for now, and is given up after two days', async () => {
    await ask('kernel', { now: new Date(Date.now() - 47 * HOUR_MS) });
    await postponeDelivery(1, '421 busy');
    const state = async () => {
      const sql = `SELECT status, next_attempt_at > now() AS later FROM deliveries`;
      return (await dbPool().query(sql)).rows;
    };
    expect(await state()).toEqual([{ status: 'pending', later: true }]);
    expect(await deliverMail()).toBe(0);
    await dbPool().query(
      `UPDATE deliveries SET created_at = created_at - interval '2 hours', attempts = 19`,
    );
    await postponeDelivery(1, '421 busy');
    expect((await state())[0]?.status).toBe('dead');
  });

  test('that has waited for days for a worker is not given up for the first “later” of a server', async () => {
    await ask('kernel', { now: new Date(Date.now() - 72 * HOUR_MS) });
    await postponeDelivery(1, '450 greylisted');
    const { rows } = await dbPool().query('SELECT status FROM deliveries');
    expect(rows).toEqual([{ status: 'pending' }]);
  });

  test('goes once, however many workers deliver at the same time', async () => {
    for (let i = 0; i < 12; i++) await ask('kernel', { email: `reader${i}@example.org` });
    await Promise.all([deliverMail(), deliverMail(), deliverMail()]);
    const mails = await mailbox.list();
    expect(new Set(mails.map((mail) => mail.messageId)).size).toBe(12);
    expect(mails).toHaveLength(12);
  });

  test('shows what feeds say as text, whatever it looks like', async () => {
    await watch('kernel');
    await publish({
      title: '<script>alert(1)</script> kernel\r\nBcc: everybody@example.org',
      bodyText: 'A kernel <img src=x onerror=alert(1)> of truth.',
    });
    await matchAlerts();
    await deliverMail();
    const [mail] = await mailbox.list();
    expect(mail?.html).not.toMatch(/<script|<img/u);
    expect(mail?.headers.has('bcc')).toBe(false);
    expect(mail?.to).toMatchObject({ text: 'reader@example.org' });
  });
});
