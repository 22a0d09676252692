import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../bin/doctor/finding.ts';
import { config, provideSettings, type SettingName } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import { readMailbox } from '../../workers/jobs/read-mailbox.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { type ImapServer, startImapServer } from '../support/imap-server.ts';
import { useMailbox } from '../support/mail.ts';
import { beginWithOneMail, rawReport } from '../support/mail-reports.ts';
import { makeFeed } from '../support/make.ts';
import { runCommand } from '../support/run-command.ts';

useDatabase();
useMailbox();
let imap: ImapServer | undefined;

beforeEach(async () => {
  await beginWithOneMail();
  await emptyTables(['feeds', 'notices']);
  provideSettings({ SITE_URL: 'https://news.example', MAIL_BOUNCES_URL: '' });
});
afterAll(async () => imap?.stop());

async function startMailbox(): Promise<ImapServer> {
  imap ??= await startImapServer();
  provideSettings({ MAIL_BOUNCES_URL: imap.url() });
  return imap;
}

/** The findings of a part, and how the command ended. */
async function look(
  part: Finding['part'],
  settings: Partial<Record<SettingName, string>> = {},
): Promise<Finding & { end: string }> {
  const { end, stdout, stderr } = await runCommand(['doctor', '--json'], settings);
  const findings: Finding[] = JSON.parse(stdout);
  const [found] = findings.filter((finding) => finding.part === part);
  if (found === undefined) throw new Error(`nothing of ${part} in ${stdout}${stderr}`);
  return { ...found, end };
}

describe('bin/tagwire doctor', () => {
  test('finds nothing where all is well, and ends with 0', async () => {
    const { end, stdout, stderr } = await runCommand(['doctor']);
    expect(stdout.match(/^(warn|fail)/gmu), stdout).toBeNull();
    expect(stdout).toMatch(/^ok {4}site {6}https:\/\/news\.example$/mu);
    expect(stderr).toContain('0 failures, 0 warnings');
    expect(end).toBe('code 0');
  });

  test('warns that services honour List-Unsubscribe-Post over https only', async () => {
    expect(await look('site', { SITE_URL: 'http://news.example' })).toMatchObject({
      state: 'warn',
      says: expect.stringMatching(
        /^SITE_URL is http:\/\/news\.example: mail services honour List-Unsubscribe-Post,.*\(RFC 8058\), over https only/u,
      ),
      next: expect.stringContaining('set SITE_URL to that address'),
      end: 'code 0',
    });
  });

  test('names a database that does not answer, and asks nothing else of it', async () => {
    const { end, stdout } = await runCommand(['doctor'], {
      DATABASE_URL: 'postgresql://me:hunter2@127.0.0.1:1/tagwire',
    });
    expect(end).toBe('code 1');
    expect(stdout).toMatch(/^fail {2}database {2}The database does not answer: .*ECONNREFUSED/mu);
    expect(stdout).not.toMatch(/worker|bounces|hunter2/u);
  });

  test('names a database without tables', async () => {
    const empty = new URL(config().databaseUrl ?? '');
    empty.pathname = '/postgres';
    expect(await look('database', { DATABASE_URL: empty.href })).toMatchObject({
      says: 'The database has no tables yet.',
      next: 'Run `bin/tagwire migrate`.',
      end: 'code 1',
    });
  });

  test('sees that Meilisearch refuses the key', async () => {
    expect(await look('search', { MEILI_KEY: 'another key' })).toMatchObject({
      state: 'warn',
      says: expect.stringMatching(/^Postgres answers searches, .*refuses MEILI_KEY: /u),
      next: expect.stringContaining('Set MEILI_KEY to its master key'),
      end: 'code 0',
    });
  });

  test('sees that no worker polls', async () => {
    await makeFeed('Kernel');
    await dbPool().query(`UPDATE feeds SET next_check_at = now() - interval '1 minute'`);
    expect(await look('worker')).toMatchObject({
      state: 'fail',
      says: 'No worker polls: 1 feed due; none has been polled so far.',
    });
  });

  test('sees a mail server that does not take mails, and one that gives them to nobody', async () => {
    expect(await look('mail', { SMTP_URL: 'smtp://me:hunter2@127.0.0.1:1' })).toMatchObject({
      state: 'fail',
      says: expect.stringMatching(/^127\.0\.0\.1:1 takes no mails: .*ECONNREFUSED/u),
    });
    const caught = await look('mail', { MAIL_CATCHER_URL: 'http://127.0.0.1:8025' });
    expect(caught).toMatchObject({ state: 'warn', says: expect.stringContaining('reach nobody') });
    expect(await look('mail', { SMTP_URL: '' })).toMatchObject({ state: 'warn' });
  });

  test('warns of bounces that go to the sender', async () => {
    expect(await look('bounces', { MAIL_BOUNCES: '' })).toMatchObject({
      state: 'warn',
      says: expect.stringContaining('MAIL_BOUNCES is not set'),
    });
  });

  test('tells what was read in the mailbox of bounces', async () => {
    const server = await startMailbox();
    expect(await look('bounces')).toMatchObject({
      state: 'warn',
      says: expect.stringMatching(/has not been looked into yet\.$/u),
    });
    server.deliver(rawReport('no-mailbox-postfix'));
    server.deliver('Subject: Hello\r\n\r\nHow are you?\r\n');
    await readMailbox();
    const read = await look('bounces', { SMTP_URL: '' });
    expect(read).toMatchObject({ state: 'ok', end: 'code 0' });
    expect(read.says).toContain(
      'read 0 minutes ago. So far: 1 bounce, 0 complaints, 0 reports of no consequence, 1 left for you.',
    );
    expect(read.says).not.toContain('s3cret');
    await dbPool().query(`UPDATE mailboxes SET read_at = now() - interval '2 hours'`);
    expect(await look('bounces')).toMatchObject({
      state: 'fail',
      says: expect.stringMatching(/^No worker reads imap:/u),
      end: 'code 1',
    });
  });

  test('tells the last error of the mailbox, and since when', async () => {
    const server = await startMailbox();
    provideSettings({ MAIL_BOUNCES_URL: server.url('Bounces') });
    await readMailbox();
    await readMailbox();
    expect(await look('bounces')).toMatchObject({
      state: 'fail',
      says: expect.stringMatching(
        /could not be read in 2 looks since \d{4}-\S+Z: 127\.0\.0\.1 has no folder “Bounces”.* So far: 0 bounces/u,
      ),
      next: expect.stringContaining('bin/tagwire suppressions mailbox'),
      end: 'code 1',
    });
  });
});
