import { expect, test } from 'vitest';
import { makeReturnPath } from '../../lib/alerts/return-path.ts';
import { makeToken, REPORTS_CLAIM } from '../../lib/alerts/tokens.ts';
import { provideSettings } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import { listSuppressions } from '../../lib/store/suppressions.ts';
import { deliverMail } from '../../workers/jobs/deliver-mail.ts';
import { matchAlerts } from '../../workers/jobs/match-alerts.ts';
import { readMailReports } from '../../workers/jobs/read-mail-reports.ts';
import { useAlertSite } from '../support/alert-site.ts';

const { site, post, ask, publish, mailedPath } = useAlertSite();

const statusOf = async (id: number) => {
  const { rows } = await dbPool().query('SELECT status FROM alerts WHERE id = $1', [id]);
  return rows[0]?.status;
};

test('an alert goes from the form to a mail and to its end, and looking at links changes nothing', async () => {
  const asked = await ask('ada@example.org', 'scheduler');
  expect(asked.status).toBe(303);
  expect(asked.headers.get('location')).toBe('/alerts/asked');
  const confirm = await mailedPath('ada@example.org', 'confirm');
  const page = await site().get(confirm);
  expect(page.status).toBe(200);
  expect(page.headers.get('cache-control')).toContain('no-store');
  expect(await page.text()).toContain('Begin this alert?');
  await site().get(confirm, { method: 'HEAD' });
  const [alert] = (await dbPool().query('SELECT id, status FROM alerts')).rows;
  expect(alert.status).toBe('pending');
  const confirmed = await post(confirm, {});
  expect(confirmed.status).toBe(303);
  const manage = confirmed.headers.get('location') ?? '';
  expect(manage).toMatch(/^\/alerts\/manage\/.*\?done=confirmed$/u);
  const owned = await (await site().get(manage)).text();
  expect(owned).toContain('The alert is in force');
  expect(owned).toContain('ada@example.org');
  await publish('A scheduler for everybody');
  await matchAlerts();
  const unsubscribe = await mailedPath('ada@example.org', 'unsubscribe');
  expect(await (await site().get(unsubscribe)).text()).toContain('Stop this alert?');
  expect(await statusOf(alert.id)).toBe('active');
  expect((await post(unsubscribe, { change: 'stop' })).status).toBe(303);
  expect(await statusOf(alert.id)).toBe('ended');
  expect(await (await site().get(unsubscribe)).text()).toContain('The alert is stopped');
  await post(unsubscribe, { change: 'again' });
  expect(await statusOf(alert.id)).toBe('active');
  // As a mailbox does it: no Origin, nothing of a browser.
  const oneClick = await site().get(unsubscribe, {
    method: 'POST',
    body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
  });
  expect(oneClick.status).toBe(200);
  expect(await statusOf(alert.id)).toBe('ended');
});

test('an owner pauses, changes, follows by feed, moves the page and is forgotten', async () => {
  await ask('owner@example.org', '"far memory"');
  const confirm = await mailedPath('owner@example.org', 'confirm');
  const confirmed = await post(confirm, {});
  const manage = confirmed.headers.get('location')?.split('?')[0] ?? '';
  const [alert] = (await dbPool().query(`SELECT id FROM alerts WHERE query = '"far memory"'`)).rows;
  const change = async (name: string) => {
    const answer = await post(manage, { alert: String(alert.id), change: name });
    expect(answer.headers.get('location')).toBe(`${manage}?done=${name}`);
  };
  await change('pause');
  expect(await statusOf(alert.id)).toBe('paused');
  await change('resume');
  await change('feed');
  await publish('Of far memory');
  await matchAlerts();
  const page = await (await site().get(manage)).text();
  expect(page).toContain('Of far memory');
  const feed = /\/alerts\/feed\/[^"]+\.xml/u.exec(page)?.[0] ?? '';
  const answer = await site().get(feed);
  expect(answer.headers.get('content-type')).toContain('application/rss+xml');
  expect(await answer.text()).toContain('<title>Of far memory</title>');
  const moved = (await post(manage, { change: 'rotate' })).headers.get('location') ?? '';
  expect(moved).not.toContain(manage);
  expect(await (await site().get(manage)).text()).toContain('This link does not work');
  // Nor do other links in older mails lead to the page.
  expect((await post(confirm, {})).headers.get('location')).toBe(confirm);
  const unsubscribe = `/alerts/unsubscribe/${makeToken('unsubscribe', { id: alert.id, version: 1 })}`;
  for (const link of [confirm, unsubscribe]) {
    const text = await (await site().get(link)).text();
    expect(text).toContain('far memory');
    expect(text).not.toContain('/alerts/manage/');
  }
  // An old link changes nothing either.
  await post(manage, { change: 'forget' });
  expect(await statusOf(alert.id)).toBe('active');
  await post(moved.split('?')[0] ?? '', { change: 'forget' });
  expect(await statusOf(alert.id)).toBeUndefined();
  expect((await site().get(feed)).status).toBe(404);
});

test('one owner cannot change the alert of another', async () => {
  await ask('one@example.org', 'mine');
  await ask('two@example.org', 'yours');
  const one = await post(await mailedPath('one@example.org', 'confirm'), {});
  await post(await mailedPath('two@example.org', 'confirm'), {});
  const [yours] = (await dbPool().query(`SELECT id FROM alerts WHERE query = 'yours'`)).rows;
  const manage = one.headers.get('location')?.split('?')[0] ?? '';
  for (const change of ['pause', 'delete']) {
    await post(manage, { alert: String(yours.id), change });
  }
  expect(await statusOf(yours.id)).toBe('active');
});

test.each(['confirm', 'manage', 'unsubscribe'])(
  'a made-up link to %s opens nothing',
  async (purpose) => {
    const path = `/alerts/${purpose}/1.${purpose}.1.AAAAAAAAAAAAAAAAAAAAAA`;
    const answer = await site().get(path);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('This link does not work');
    const before = (await dbPool().query('SELECT id, status FROM alerts ORDER BY id')).rows;
    await post(path, { change: 'forget' });
    expect((await dbPool().query('SELECT id, status FROM alerts ORDER BY id')).rows).toEqual(
      before,
    );
  },
);

test('a mail server brings a bounce to an address that only it knows', async () => {
  provideSettings({ MAIL_BOUNCES: 'bounces@example.org' });
  const { rows } = await dbPool().query(
    `SELECT d.id, s.email_key AS "emailKey" FROM deliveries d JOIN subscribers s
     ON s.id = d.subscriber_id WHERE s.status <> 'suppressed' ORDER BY d.id LIMIT 1`,
  );
  const [{ id, emailKey }] = rows;
  const report = [
    `To: ${makeReturnPath(id)}`,
    'Content-Type: multipart/report; boundary=b',
    '',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Action: failed',
    'Status: 5.1.1',
    '--b--',
  ].join('\r\n');
  const bring = (token: string, body: string) =>
    site().get(`/mail/reports/${token}`, { method: 'POST', body });
  expect((await bring(makeToken('reports', { id: 0, version: 2 }), report)).status).toBe(404);
  expect((await bring(`${makeToken('reports', REPORTS_CLAIM)}x`, report)).status).toBe(404);
  expect((await bring(makeToken('websub', REPORTS_CLAIM), report)).status).toBe(404);
  const token = makeToken('reports', REPORTS_CLAIM);
  expect((await site().get(`/mail/reports/${token}`)).status).toBe(405);
  expect((await bring(token, '')).status).toBe(400);
  expect((await bring(token, 'x'.repeat(1024 * 1024 + 1))).status).toBe(413);
  expect((await bring(token, report)).status).toBe(202);
  expect(await readMailReports()).toBe(1);
  expect((await listSuppressions()).map((row) => row.emailKey)).toContain(emailKey);
});

/** The number of a subscriber's one alert. */
async function onlyAlert(subscriberId: number): Promise<number> {
  const { rows } = await dbPool().query<{ id: number }>(
    'SELECT id FROM alerts WHERE subscriber_id = $1',
    [subscriberId],
  );
  return rows[0]?.id ?? 0;
}

test('an owner sets the time of digests, sees what was sent and takes all of it along', async () => {
  const owner = { id: 1, version: 1 };
  const { rows } = await dbPool().query(
    `INSERT INTO subscribers (email, email_key, status, confirmed_at)
     VALUES ('history@example.org', 'history@example.org', 'confirmed', now()) RETURNING id`,
  );
  owner.id = rows[0].id;
  await dbPool().query(
    `INSERT INTO alerts (subscriber_id, query, query_key, cadence, tsquery, anchors, status, confirmed_at)
     VALUES ($1, 'Lockless <b>', 'lockless', 'instant', 'lockless'::tsquery, '{lockless}', 'active', now())`,
    [owner.id],
  );
  await publish('Lockless queues');
  await matchAlerts();
  await deliverMail();
  const page = `/alerts/manage/${makeToken('manage', owner)}`;
  const counted = await (
    await site().get(`${page}?counts=${await onlyAlert(owner.id)}&span=3h`)
  ).text();
  expect(counted).toContain('1 of 1 post matched in the last 3 hours.');
  expect(counted).toMatch(/Mails delivered<\/th><td>1<\/td><td><svg/u);
  expect(counted).toMatch(/<a href="[^"]*span=1w#alert-\d+">1 week<\/a>/u);
  const history = await site().get(`${page}/history`);
  expect(history.status).toBe(200);
  const html = await history.text();
  expect(html).toContain('Lockless &lt;b&gt;');
  expect(html).toContain('Lockless queues');
  const held = await site().get(`${page}/export.json`);
  expect(held.headers.get('content-disposition')).toContain('attachment');
  expect(await held.json()).toMatchObject({
    email: 'history@example.org',
    alerts: [{ query: 'Lockless <b>', posts: [{ title: 'Lockless queues' }] }],
    mails: [{ kind: 'instant', fate: 'sent' }],
  });
  const times = { change: 'times', hour: '18', zone: 'america/new york' };
  expect((await post(page, times)).headers.get('location')).toBe(`${page}?done=times`);
  expect(await (await site().get(page)).text()).toContain('value="America/New_York"');
  const [another] = (
    await dbPool().query(
      `INSERT INTO alerts (subscriber_id, query, query_key, cadence, tsquery, anchors)
       VALUES ($1, 'another', 'another', 'daily', 'another'::tsquery, '{another}') RETURNING id`,
      [owner.id],
    )
  ).rows;
  const confirm = `/alerts/confirm/${makeToken('confirm', { id: another.id, version: 1 })}`;
  expect(await (await site().get(confirm)).text()).toMatch(/Once a day.{0,20}at 18:00/su);
  const wrong = await post(page, { ...times, zone: 'Mars/Olympus' });
  expect(wrong.headers.get('location')).toBe(`${page}?done=unknown-zone`);
  for (const path of [`${page}x/history`, `${page}x/export.json`]) {
    expect((await site().get(path)).status).toBe(404);
  }
});

test('an alert with a policy and a webhook is asked for, and its owner sees and changes where posts go', async () => {
  const fault = await site().get(`/alerts?${new URLSearchParams({ policy: '{"tags": ["a"]}' })}`);
  const said = await fault.text();
  expect(said).toContain('Posts have no “tags”.');
  expect(said).toContain('<mark>&quot;tags&quot;:</mark>');
  const policy = '{"source": ["kernel-news"], "words": [{"numeric": [">=", 5]}]}';
  const found = await (await site().get(`/alerts?${new URLSearchParams({ policy })}`)).text();
  expect(found).toContain('posts from “kernel-news” and of at least 5 words');
  const bad = await post('/alerts', {
    email: 'x@example.org',
    query: '',
    policy,
    webhook: 'ftp://a/',
  });
  const again = new URL(bad.headers.get('location') ?? '', site().url).searchParams;
  expect([again.get('problem'), again.get('policy')]).toEqual(['webhook', policy]);
  const { rows } = await dbPool().query(
    `INSERT INTO subscribers (email, email_key, status, confirmed_at)
     VALUES ('hooks@example.org', 'hooks@example.org', 'confirmed', now()) RETURNING id`,
  );
  const owner = { id: rows[0].id, version: 1 };
  const [alert] = (
    await dbPool().query(
      `INSERT INTO alerts (subscriber_id, query, query_key, tsquery, policy, status, confirmed_at)
       VALUES ($1, '', 'p', '!''¶tag:'''::tsquery, $2, 'active', now()) RETURNING id`,
      [owner.id, policy],
    )
  ).rows;
  const manage = `/alerts/manage/${makeToken('manage', owner)}`;
  const page = `${manage}/webhook/${alert.id}`;
  const change = async (fields: Record<string, string>) => {
    const answer = await post(manage, { alert: String(alert.id), ...fields });
    const location = answer.headers.get('location') ?? '';
    expect(location).toContain(`${page}?done=`);
    return location.split('=')[1];
  };
  expect(await change({ webhook: 'set', url: 'http://hooks.example.org/' })).toBe('bad-address');
  expect(await change({ webhook: 'set', url: 'https://hooks.invalid/x' })).toBe('set');
  await publish('Of five words and more, at length, for a policy');
  await matchAlerts();
  const shown = await (await site().get(page)).text();
  expect(shown).toContain('https://hooks.invalid/x');
  expect(shown).toContain('whsec_');
  expect(shown).toContain('Of five words and more');
  expect(await change({ webhook: 'rotate' })).toBe('rotate');
  expect(await change({ webhook: 'again', event: '1' })).toBe('unchanged');
  await dbPool().query(`UPDATE webhook_events SET status = 'sent'`);
  expect(await change({ webhook: 'again-since', since: '2020-01-01' })).toBe('again-since');
  expect(await change({ webhook: 'again-since', since: 'yesterday' })).toBe('bad-day');
  const stranger = `/alerts/manage/${makeToken('manage', { id: 1, version: 9 })}`;
  expect(await (await site().get(`${stranger}/webhook/${alert.id}`)).text()).toContain(
    'does not work',
  );
  const feed = `/alerts/feed/${makeToken('feed', { id: alert.id, version: 1 })}`;
  expect(await (await site().get(manage)).text()).toContain(`${feed}.json`);
  const json = await site().get(`${feed}.json`);
  expect(json.headers.get('content-type')).toContain('application/feed+json');
  expect(await json.json()).toMatchObject({
    items: [{ title: 'Of five words and more, at length, for a policy' }],
  });
  expect((await site().get(`${feed}.pdf`)).status).toBe(404);
});
