import { describe, expect, test } from 'vitest';
import { webhookSecret } from '../../lib/alerts/webhook-signature.ts';
import { dbPool } from '../../lib/db.ts';
import { changeAlert } from '../../lib/store/alerts.ts';
import {
  claimEvent,
  finishEvent,
  layEventsAside,
  sendAgain,
} from '../../lib/store/webhook-events.ts';
import { changeWebhook } from '../../lib/store/webhooks.ts';
import { deliverMail } from '../../workers/jobs/deliver-mail.ts';
import { matchAlerts } from '../../workers/jobs/match-alerts.ts';
import { sendEvents } from '../../workers/jobs/send-events.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { receive as receiveAt, verifies } from '../support/endpoint.ts';
import { useFeedServer } from '../support/feed-server.ts';
import { useMailbox } from '../support/mail.ts';
import { useWatchers } from '../support/watchers.ts';

useDatabase();
const mailbox = useMailbox();
const server = useFeedServer();
const { ask, watch, publish } = useWatchers();

const receive = (path: string, answer?: Parameters<typeof receiveAt>[2]) =>
  receiveAt(server, path, answer);

/** An alert whose webhook has passed its test. */
async function hook(query: string, path: string, email = 'reader@example.org') {
  await watch(query, { webhook: server.at(path), email, cadence: 'feed' });
  await dbPool().query(`UPDATE webhooks SET status = 'active' WHERE url = $1`, [server.at(path)]);
  await dbPool().query('DELETE FROM webhook_events WHERE post_id IS NULL');
}

const events = async () =>
  (
    await dbPool().query(
      `SELECT e.id, e.status, e.attempts, e.message_id, e.response_status, e.response_text,
         extract(epoch FROM e.next_attempt_at - now())::int AS seconds, w.status AS webhook
       FROM webhook_events e JOIN webhooks w ON w.id = e.webhook_id ORDER BY e.id`,
    )
  ).rows;

const makeDue = () =>
  dbPool().query(
    `WITH rest AS (UPDATE webhooks SET rests_until = NULL)
     UPDATE webhook_events SET next_attempt_at = now(), claimed_until = NULL`,
  );

describe('a webhook', () => {
  test('is tested when its alert is confirmed, and brings each post once, signed', async () => {
    const got = receive('/hook');
    const alertId = await watch('kernel', { webhook: server.at('/hook'), cadence: 'feed' });
    expect(await sendEvents()).toBe(1);
    expect(JSON.parse(got[0]?.body ?? '')).toMatchObject({
      type: 'webhook.test',
      data: { alert: { id: alertId, query: 'kernel', policy: null } },
    });
    for (let i = 0; i < 2; i++) {
      await publish({
        title: 'A new kernel',
        categories: ['Linux'],
        bodyText: 'At first this. The kernel is out. Then that.',
      });
      await matchAlerts();
      await sendEvents();
    }
    expect(got).toHaveLength(2);
    const [{ id: webhookId }] = (await dbPool().query('SELECT id FROM webhooks')).rows;
    expect(got.every((each) => verifies(each, webhookSecret(webhookId, 1)))).toBe(true);
    expect(got.some((each) => verifies(each, webhookSecret(webhookId, 2)))).toBe(false);
    expect(got[1]?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(got[1]?.body ?? '')).toMatchObject({
      type: 'post.matched',
      data: {
        post: {
          title: 'A new kernel',
          url: 'https://example.org/a-new-kernel',
          tags: [{ slug: 'linux', name: 'Linux' }],
          sentence: 'The kernel is out.',
        },
        matched: { terms: ['kernel'] },
      },
    });
    expect((await events()).map(({ status, webhook }) => [status, webhook])).toEqual([
      ['sent', 'active'],
      ['sent', 'active'],
    ]);
  });

  test('does nothing for a stranger: not before its alert is confirmed, nor when it is in force', async () => {
    const got = receive('/hook');
    await ask('kernel', { webhook: server.at('/hook') });
    await sendEvents();
    expect(got).toEqual([]);
    await emptyTables(['subscribers']);
    await watch('kernel');
    await ask('kernel', { webhook: server.at('/hook') });
    await publish({ title: 'A new kernel' });
    await matchAlerts();
    await sendEvents();
    expect(got).toEqual([]);
  });

  test('that fails is tried again under the same id, later each time', async () => {
    await hook('kernel', '/hook');
    const answers = [
      { status: 500, text: 'broken' },
      { status: 302, headers: { location: server.at('/secret') } },
      {},
    ];
    const got = receive('/hook', () => answers.shift() ?? {});
    const secret = receive('/secret');
    await publish({ title: 'A new kernel' });
    await matchAlerts();
    await sendEvents();
    const [first] = await events();
    expect(first).toMatchObject({
      status: 'pending',
      attempts: 1,
      response_status: 500,
      response_text: 'broken',
    });
    expect(first.seconds).toBeLessThan(10);
    expect(await sendEvents()).toBe(0);
    await makeDue();
    await sendEvents();
    const [second] = await events();
    expect(second).toMatchObject({ attempts: 2, response_status: 302 });
    expect(second.response_text).toContain('Redirects are not followed.');
    expect(second.seconds).toBeGreaterThan(200);
    await makeDue();
    await sendEvents();
    expect((await events())[0]).toMatchObject({ status: 'sent', attempts: 3 });
    expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(got).toHaveLength(3);
    expect(secret).toEqual([]);
  });

  test('is asked no sooner than it says', async () => {
    await hook('kernel', '/hook');
    receive('/hook', { status: 429, headers: { 'retry-after': '1200' } });
    await publish({ title: 'A new kernel' }, { title: 'Another kernel' });
    await matchAlerts();
    expect(await sendEvents()).toBe(1);
    expect((await events())[0].seconds).toBeGreaterThan(1190);
  });

  test('that wants no more gets no more', async () => {
    await hook('kernel', '/hook');
    const got = receive('/hook', { status: 410 });
    await publish({ title: 'A new kernel' }, { title: 'Another kernel' });
    await matchAlerts();
    await sendEvents();
    await publish({ title: 'A third kernel' });
    await matchAlerts();
    await makeDue();
    await sendEvents();
    expect(got).toHaveLength(1);
    expect((await events())[0]).toMatchObject({ status: 'dead', webhook: 'gone' });
  });

  test('may answer without an end, hang up or lie in a private network', async () => {
    const lines: [string, RegExp][] = [
      ['/endless', /^x{2048}$/u],
      ['/hang-up', /closed the connection/u],
    ];
    server.serve('/endless', (_request, response) => {
      response.writeHead(500);
      const write = () => {
        while (response.write('x'.repeat(65_536)));
      };
      response.on('drain', write);
      write();
      return 'done';
    });
    server.serve('/hang-up', (request) => {
      request.socket.destroy();
      return 'done';
    });
    for (const [path, expected] of lines) {
      await emptyTables(['subscribers']);
      await hook('kernel', path);
      await publish({ title: `A kernel for ${path}` });
      await matchAlerts();
      await sendEvents();
      const [event] = await events();
      expect(event).toMatchObject({ status: 'pending', attempts: 1 });
      expect(event.response_text).toMatch(expected);
    }
    await dbPool().query(`UPDATE webhooks SET url = 'https://10.0.0.1/hook'`);
    await makeDue();
    await sendEvents();
    expect((await events())[0].response_text).toContain('not a public one');
  });

  test('that is slow holds up no other, and is asked one thing at a time', async () => {
    await hook('kernel', '/slow');
    await publish({ title: 'A new kernel' }, { title: 'Another kernel' });
    await matchAlerts();
    const slow = await claimEvent();
    expect(slow?.postId).toBeGreaterThan(0);
    expect(await claimEvent()).toBeUndefined();
    await dbPool().query(
      `INSERT INTO alerts (subscriber_id, query, query_key, tsquery, status, confirmed_at)
       SELECT id, 'x', 'x', 'x'::tsquery, 'active', now() FROM subscribers`,
    );
    await dbPool().query(
      `WITH other AS (
         INSERT INTO webhooks (alert_id, url, host, status)
         SELECT max(id), 'https://quick.example/', 'quick.example', 'active' FROM alerts RETURNING id)
       INSERT INTO webhook_events (webhook_id, message_id) SELECT id, 'msg_quick' FROM other`,
    );
    expect((await claimEvent())?.messageId).toBe('msg_quick');
  });

  test('gets an event again, under the same id, when the worker died after sending it', async () => {
    await hook('kernel', '/hook');
    const got = receive('/hook');
    await publish({ title: 'A new kernel' });
    await matchAlerts();
    const lost = await claimEvent();
    expect(await sendEvents()).toBe(0);
    await dbPool().query(`UPDATE webhook_events SET claimed_until = now() - interval '1 second'`);
    await sendEvents();
    expect(got[0]?.headers['webhook-id']).toBe(lost?.messageId);
    // The one that was thought dead comes back.
    if (lost) await finishEvent(lost, { status: 200, text: 'late' });
    expect((await events())[0].response_text).toBe('');
  });

  test('can have an event once more, and all since a time; those of others it cannot', async () => {
    await hook('kernel', '/hook');
    const got = receive('/hook');
    await publish({ title: 'A new kernel' }, { title: 'Another kernel' });
    await matchAlerts();
    await sendEvents();
    const [{ id: eventId }] = await events();
    const [{ id: alertId, subscriber_id: owner }] = (
      await dbPool().query('SELECT id, subscriber_id FROM alerts')
    ).rows;
    expect(await sendAgain(owner + 1, { eventId })).toBe(0);
    expect(await sendAgain(owner, { eventId })).toBe(1);
    await sendEvents();
    expect(await sendAgain(owner, { alertId, since: new Date(0) })).toBe(2);
    expect(await sendAgain(owner, { alertId, since: new Date(Date.now() + 1000) })).toBe(0);
    await sendEvents();
    const ids = got.map(({ headers }) => headers['webhook-id']);
    expect(ids).toHaveLength(5);
    expect(new Set(ids).size).toBe(2);
  });

  test('is signed with two secrets while they are changed', async () => {
    await hook('kernel', '/hook');
    const got = receive('/hook');
    const [{ id, subscriber_id: owner }] = (await dbPool().query('SELECT * FROM alerts')).rows;
    expect(await changeWebhook(id, owner + 1, { kind: 'rotate' })).toBe(false);
    expect(await changeWebhook(id, owner, { kind: 'rotate' })).toBe(true);
    await publish({ title: 'A new kernel' });
    await matchAlerts();
    await sendEvents();
    const [{ id: webhookId }] = (await dbPool().query('SELECT id FROM webhooks')).rows;
    const [event] = got;
    if (event === undefined) throw new Error('nothing came');
    expect([1, 2, 3].map((version) => verifies(event, webhookSecret(webhookId, version)))).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('that fails for five days is switched off, and its owner told', async () => {
    await hook('kernel', '/hook');
    receive('/hook', { status: 503 });
    await publish({ title: 'A new kernel' });
    await matchAlerts();
    await dbPool().query(`UPDATE webhooks SET failing_since = now() - interval '121 hours'`);
    await sendEvents();
    expect((await events())[0]).toMatchObject({ webhook: 'off' });
    await deliverMail();
    const [mail, ...more] = await mailbox.list();
    expect(more).toEqual([]);
    expect(mail?.subject).toBe('Webhook switched off: kernel');
    expect(mail?.text).toContain(server.at('/hook'));
    expect(mail?.text).toContain('503');
    // What is found meanwhile waits for the day on which its owner tests it again.
    await publish({ title: 'Another kernel' });
    await matchAlerts();
    const got = receive('/hook');
    await makeDue();
    expect(await sendEvents()).toBe(0);
    expect((await events()).map(({ seconds }) => seconds > 3000)).toEqual([true, true]);
    const [{ id, subscriber_id: owner }] = (await dbPool().query('SELECT * FROM alerts')).rows;
    expect(await changeWebhook(id, owner, { kind: 'test' })).toBe(true);
    await sendEvents();
    const types = got.map(({ body }) => JSON.parse(body).type);
    expect(types).toEqual(['webhook.test', 'post.matched', 'post.matched']);
  });

  test('of a paused alert has what waits laid aside, and sent as soon as it goes on', async () => {
    await hook('kernel', '/hook');
    const got = receive('/hook');
    const [{ id, subscriber_id: subscriberId }] = (await dbPool().query('SELECT * FROM alerts'))
      .rows;
    await publish({ title: 'A new kernel' }, { title: 'Another kernel' });
    await matchAlerts();
    await makeDue();
    await changeAlert(id, { subscriberId }, { status: 'paused' });
    expect(await sendEvents()).toBe(0);
    // No claim passes by it meanwhile.
    expect((await events()).every(({ seconds }) => seconds > 3000)).toBe(true);
    expect(await layEventsAside()).toBe(0);
    await changeAlert(id, { subscriberId }, { status: 'active' });
    expect(await sendEvents()).toBe(2);
    expect(got).toHaveLength(2);
  });
});
