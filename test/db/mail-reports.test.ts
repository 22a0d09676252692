import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { readReport } from '../../lib/mail/read-report.ts';
import { claimDelivery } from '../../lib/store/deliveries.ts';
import { saveMailReport } from '../../lib/store/mail-reports.ts';
import { removeSuppression } from '../../lib/store/suppressions.ts';
import { readMailReports } from '../../workers/jobs/read-mail-reports.ts';
import { useDatabase } from '../support/database.ts';
import {
  askForReported as ask,
  beginWithOneMail,
  REPORTS_FOLDER as FOLDER,
  reportLinks as links,
  rawReport,
  suppressed,
} from '../support/mail-reports.ts';

useDatabase();

const NAMES = fs
  .readdirSync(FOLDER)
  .filter((name) => name.endsWith('.eml'))
  .map((name) => name.slice(0, -'.eml'.length));

beforeEach(beginWithOneMail);

async function read(raw: Uint8Array): Promise<void> {
  await saveMailReport(raw, new Date());
  expect(await readMailReports()).toBe(1);
}

test.each(NAMES)('a report is read as its pair says: %s', async (name) => {
  const said = { returnPath: 'RETURN@PATH', unsubscribe: 'https://unsubscri.be/1' };
  await expect(
    `${JSON.stringify(await readReport(rawReport(name, said)), null, 2)}\n`,
  ).toMatchFileSnapshot(path.join(FOLDER, `${name}.json`));
});

describe('an address', () => {
  test.each(['no-mailbox-postfix', 'vague-status', 'complaint'])(
    'is never mailed again after %s',
    async (name) => {
      await read(rawReport(name));
      expect(await suppressed()).toEqual(['one@example.org']);
      expect(await claimDelivery()).toBeUndefined();
      expect(await ask().then(() => claimDelivery())).toBeUndefined();
    },
  );

  test.each(['mailbox-full', 'delayed', 'not-spam', 'absence', 'no-report-for-programs'])(
    'is mailed on after %s',
    async (name) => {
      await read(rawReport(name));
      expect(await suppressed()).toEqual([]);
      expect((await claimDelivery())?.id).toBe(1);
    },
  );

  test('is mailed on when a stranger claims that its mail came back', async () => {
    const { returnPath } = links();
    const forged = [
      returnPath.replace('+1.', '+2.'),
      returnPath.replace(/\.[a-z2-7]{16}@/u, `.${'a'.repeat(16)}@`),
      returnPath.replace('+1.', '+01.'),
      'one@example.org',
    ];
    await ask('scheduler');
    for (const said of forged) {
      const unsubscribe = 'https://example.org/alerts/unsubscribe/1.unsubscribe.1.AAAAAAAAAAAAAAAA';
      await read(rawReport('no-mailbox-postfix', { returnPath: said, unsubscribe }));
      await read(rawReport('complaint', { returnPath: said, unsubscribe }));
    }
    expect(await suppressed()).toEqual([]);
  });

  test('is found in upper case, and by one report as by two', async () => {
    const returnPath = links().returnPath.toUpperCase();
    const raw = rawReport('no-mailbox-postfix', { ...links(), returnPath });
    await saveMailReport(raw, new Date());
    await saveMailReport(raw, new Date());
    expect(await readMailReports()).toBe(2);
    expect(await suppressed()).toEqual(['one@example.org']);
  });

  test('has its alerts again when the operator lets it', async () => {
    await read(rawReport('no-mailbox-postfix'));
    expect(await removeSuppression('one@example.org')).toBe(true);
    expect(await removeSuppression('one@example.org')).toBe(false);
    expect((await claimDelivery())?.id).toBe(1);
  });
});

test('a mail that came back says so in its history', async () => {
  await read(rawReport('mailbox-full'));
  const { rows } = await dbPool().query(
    'SELECT bounced_at IS NOT NULL AS "isBack", error_text AS "errorText" FROM deliveries',
  );
  expect(rows).toEqual([
    { isBack: true, errorText: 'bounced: 5.2.2 smtp; 552 5.2.2 mailbox full' },
  ]);
});

test.each([
  ['nothing', ''],
  ['bytes', '\x00\xff\x00'],
  [
    'a thousand parts',
    `Content-Type: multipart/report; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(1000)}`,
  ],
  [
    'parts in parts',
    Array.from(
      { length: 500 },
      (_, i) => `Content-Type: multipart/report; boundary=b${i}\r\n\r\n--b${i}\r\n`,
    ).join(''),
  ],
])('a report of %s is dropped, and those behind it are read', async (_, text) => {
  await saveMailReport(Buffer.from(text, 'latin1'), new Date());
  await saveMailReport(rawReport('no-mailbox-postfix'), new Date());
  expect(await readMailReports()).toBe(2);
  expect(await suppressed()).toEqual(['one@example.org']);
});
