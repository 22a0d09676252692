import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { parseQuery } from '../../lib/model/query/parse-query.ts';
import { changeAlert, confirmAlert, requestAlert } from '../../lib/store/alerts.ts';
import { claimDelivery } from '../../lib/store/deliveries.ts';
import { deliverMail } from '../../workers/jobs/deliver-mail.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { type GrumpyMailServer, startGrumpyMailServer } from '../support/grumpy-mail-server.ts';

useDatabase();
let server: GrumpyMailServer | undefined;

beforeEach(async () => {
  await emptyTables(['subscribers', 'suppressions'], { isNumberedAnew: true });
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const READERS = ['one@example.org', 'two@example.org', 'three@example.org'];

/** Has a confirmation wait for each reader, in this order. */
async function askForAll(): Promise<void> {
  const parsed = parseQuery('kernel');
  if (parsed.kind !== 'query') throw new Error(parsed.message);
  const { key: queryKey, tree } = parsed;
  for (const email of READERS) {
    const wish = { email, emailKey: email, query: 'kernel', queryKey, tree };
    await requestAlert({ ...wish, cadence: 'instant' });
  }
}

/** What became of the mails, in their order. */
async function statuses(): Promise<string[]> {
  const { rows } = await dbPool().query<{ status: string }>(
    'SELECT status FROM deliveries ORDER BY id',
  );
  return rows.map((row) => row.status);
}

const toFirst = (answer: string, at: string) => (line: string, recipient: string) =>
  line.startsWith(at) && recipient === 'one@example.org' ? answer : undefined;

describe('a mail', () => {
  test.each([
    ['450 4.2.0 try again later', 'RCPT'],
    ['452 4.2.2 mailbox full', 'RCPT'],
    ['550 5.7.1 relaying denied', 'RCPT'],
    ['451 local error', '.'],
  ])('that is not taken now (%s at %s) waits, and the others go', async (answer, at) => {
    server = await startGrumpyMailServer(toFirst(answer, at));
    await askForAll();
    await deliverMail();
    expect(server.taken.toSorted()).toEqual(READERS.slice(1).toSorted());
    expect(await statuses()).toEqual(['pending', 'sent', 'sent']);
  });

  test.each([
    ['550 5.1.1 no such mailbox', 'RCPT'],
    ['554 5.7.1 looks like spam', '.'],
    ['554 no', 'DATA'],
  ])('that is refused for good (%s at %s) is given up, and the others go', async (answer, at) => {
    server = await startGrumpyMailServer(toFirst(answer, at));
    await askForAll();
    await deliverMail();
    expect(server.taken.toSorted()).toEqual(READERS.slice(1).toSorted());
    expect(await statuses()).toEqual(['dead', 'sent', 'sent']);
  });

  test.each([
    ['550 5.1.1 no such mailbox', 'RCPT', 1],
    ['550 5.1.0 address unknown', 'RCPT', 1],
    ['550 no', 'RCPT', 0],
    ['552 5.2.2 mailbox full for good', 'RCPT', 0],
    ['554 5.1.1 spam', '.', 0],
  ])('is the last to its address if that has no mailbox (%s at %s)', async (answer, at, count) => {
    server = await startGrumpyMailServer(toFirst(answer, at));
    await askForAll();
    await deliverMail();
    const { rows } = await dbPool().query('SELECT email_key FROM suppressions');
    expect(rows).toEqual(Array(count).fill({ email_key: 'one@example.org' }));
  });

  test.each([
    ['550 5.7.1 sender not allowed', 'MAIL'],
    ['530 5.7.0 authentication required', 'MAIL'],
    ['421 going down', 'RCPT'],
    ['hang up', '.'],
    ['554 no service for you', ''],
  ])('is never given up for what would meet every mail (%s at %s)', async (answer, at) => {
    server = await startGrumpyMailServer((line) =>
      (at === '' ? line === '' : line.startsWith(at)) ? answer : undefined,
    );
    await askForAll();
    // One is enough to know; the others wait without having been tried.
    expect(await deliverMail()).toBe(1);
    expect(await statuses()).toEqual(['pending', 'pending', 'pending']);
    const { rows } = await dbPool().query('SELECT attempts FROM deliveries ORDER BY id');
    expect(rows.map((row) => row.attempts)).toEqual([1, 0, 0]);
  });

  test('that cannot be written holds up no other', async () => {
    server = await startGrumpyMailServer(() => undefined);
    await askForAll();
    // No calendar has its date.
    await dbPool().query(`UPDATE deliveries SET created_at = 'infinity' WHERE id = 1`);
    await deliverMail();
    expect(server.taken.toSorted()).toEqual(READERS.slice(1).toSorted());
    const { rows } = await dbPool().query(
      'SELECT status, error_text AS "errorText" FROM deliveries WHERE id = 1',
    );
    expect(rows).toEqual([
      { status: 'pending', errorText: expect.stringContaining('could not be written') },
    ]);
  });

  test('is nobody’s any more when its address is suppressed, its alert stopped or its link too old', async () => {
    server = await startGrumpyMailServer(() => undefined);
    await askForAll();
    await dbPool().query(
      `INSERT INTO suppressions (email_key, reason) VALUES ('one@example.org', 'complaint')`,
    );
    await dbPool().query(
      `UPDATE alerts SET requested_at = now() - interval '49 hours' WHERE id = 2`,
    );
    await confirmAlert({ id: 3, version: 1 });
    await dbPool().query(`UPDATE deliveries SET kind = 'instant' WHERE id = 3`);
    await changeAlert(3, { version: 1 }, { status: 'paused' });
    expect(await deliverMail()).toBe(0);
    expect(await statuses()).toEqual([]);
  });

  test('is one worker’s alone, and nobody holds more than one', async () => {
    await askForAll();
    const claimed = await Promise.all([claimDelivery(), claimDelivery()]);
    expect(claimed.map((one) => one?.id).sort()).toEqual([1, 2]);
    expect((await claimDelivery())?.id).toBe(3);
    expect(await claimDelivery()).toBeUndefined();
  });

  test('is the last one of a worker that is told to stop', async () => {
    const stop = new AbortController();
    server = await startGrumpyMailServer((line) => {
      if (line === '.') stop.abort();
      return undefined;
    });
    await askForAll();
    expect(await deliverMail(stop.signal)).toBe(1);
    expect(await statuses()).toEqual(['sent', 'pending', 'pending']);
  });
});
