import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import { type MailboxOptions, withMailbox } from '../../lib/mail/mailbox.ts';
import { readMailboxAddress } from '../../lib/model/mailbox-address.ts';
import { writeNotice } from '../../lib/model/notice.ts';
import { listNotices } from '../../lib/queries/notices.ts';
import { endSilentMailboxes } from '../../lib/store/mailboxes.ts';
import { readMailbox } from '../../workers/jobs/read-mailbox.ts';
import { renderMetrics } from '../../workers/metrics.ts';
import { makeCertificate } from '../support/certificate.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { type ImapServer, startImapServer } from '../support/imap-server.ts';
import { beginWithOneMail, rawReport } from '../support/mail-reports.ts';
import { runCommand, runTagwire } from '../support/run-command.ts';

useDatabase();
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function start(...options: Parameters<typeof startImapServer>): Promise<ImapServer> {
  const imap = await startImapServer(...options);
  stops.push(imap.stop);
  return imap;
}

/** A server that says these lines, one for each that it hears, and then nothing. */
async function startTalker(...lines: string[]): Promise<number> {
  const server = net.createServer((socket) => {
    const left = [...lines];
    const say = () => {
      const line = left.shift();
      if (line === 'hang up') socket.destroy();
      else if (line !== undefined) socket.write(`${line}\r\n`);
    };
    socket.on('error', () => {}).on('data', say);
    say();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => new Promise((resolve) => server.close(() => resolve())));
  return (server.address() as AddressInfo).port;
}

/** What is told of a mailbox that cannot be read. */
async function troubleAt(url: string): Promise<{ errorText: string; next: string }> {
  await beginWithOneMail();
  provideSettings({ MAIL_BOUNCES_URL: url });
  const look = await readMailbox();
  if (look.kind !== 'failed') throw new Error(`it did not fail: ${JSON.stringify(look)}`);
  return look;
}

const LETTER = 'From: friend@example.org\r\nSubject: Hello\r\n\r\nHow are you?\r\n';

describe('what is wrong with a mailbox is told with what to do', () => {
  test('a wrong password', async () => {
    const imap = await start();
    const trouble = await troubleAt(imap.url('INBOX', 'wr0ng password'));
    expect(trouble.errorText).toMatch(
      /^127\.0\.0\.1 refuses the login of bounces@example\.org: “.*authentication failure”\.$/u,
    );
    expect(trouble.next).toMatch(/^Correct user and password in MAIL_BOUNCES_URL/u);
  });

  test('a server that repeats the password it refuses', async () => {
    const port = await startTalker(
      '* OK [CAPABILITY IMAP4rev1] hm',
      '1 NO what is “s3cret” for bounces?',
      '2 NO what is “s3cret” for bounces?',
      '3 NO what is “s3cret” for bounces?',
    );
    const { errorText, next } = await troubleAt(`imap://bounces:s3cret@127.0.0.1:${port}/INBOX`);
    expect(errorText).toContain('what is “********” for bounces?');
    expect(errorText + next).not.toContain('s3cret');
  });

  test('a server that is away', async () => {
    const port = await startTalker();
    await stops.pop()?.();
    expect(await troubleAt(`imap://a:b@127.0.0.1:${port}/INBOX`)).toMatchObject({
      errorText: `127.0.0.1:${port} cannot be reached (ECONNREFUSED).`,
      next: expect.stringContaining('See that the mail server runs'),
    });
  });

  test('a host that there is not', async () => {
    expect(await troubleAt('imaps://a:b@mail.nowhere.invalid/INBOX')).toMatchObject({
      errorText: expect.stringMatching(/^There is no host mail\.nowhere\.invalid \(E\w+\)\.$/u),
      next: expect.stringContaining('Correct the host in MAIL_BOUNCES_URL'),
    });
  });

  test('a folder that there is not, with those that there are', async () => {
    const imap = await start();
    expect(await troubleAt(imap.url('Bounces'))).toMatchObject({
      errorText: expect.stringMatching(/^127\.0\.0\.1 has no folder “Bounces”: “.+”\.$/u),
      next: expect.stringContaining('(“INBOX”, “Other”), or make this one'),
    });
  });

  test.each(['tls', 'starttls'] as const)(
    'a certificate that is not to be trusted, by %s',
    async (security) => {
      const imap = await start({ security });
      const { errorText, next } = await troubleAt(imap.url());
      expect(errorText).toMatch(/^The certificate of 127\.0\.0\.1 is not to be trusted: .+\.$/u);
      expect(next).toContain('NODE_EXTRA_CA_CERTS');
      // The password has not left us.
      expect(imap.heard.filter((line) => /^(LOGIN|AUTHENTICATE)/u.test(line))).toEqual([]);
    },
  );

  test('a port that does not speak TLS', async () => {
    const imap = await start();
    const { errorText, next } = await troubleAt(imap.url().replace('imap:', 'imaps:'));
    expect(errorText).toMatch(/^127\.0\.0\.1:\d+ does not speak TLS as imaps: asks for it/u);
    expect(next).toContain('imaps: is for port 993');
  });

  test('a server elsewhere without STARTTLS, which is not told the password', async () => {
    const imap = await start();
    const address = readMailboxAddress(imap.url());
    if (address === undefined) throw new Error('no address');
    const options: MailboxOptions = { messageBytesMax: 1, signal: new AbortController().signal };
    const elsewhere = { ...address, security: 'starttls' as const };
    const outcome = await withMailbox(elsewhere, options, async () => 'opened');
    expect(outcome).toMatchObject({
      kind: 'failed',
      errorText: expect.stringMatching(/does not speak TLS as imap: asks for it/u),
    });
    expect(imap.heard.filter((line) => line.startsWith('LOGIN'))).toEqual([]);
  });

  test('a server that hangs up, or sends us away', async () => {
    for (const line of ['hang up', '* BYE too many connections']) {
      const port = await startTalker(line, 'hang up');
      const { errorText } = await troubleAt(`imap://a:b@127.0.0.1:${port}/INBOX`);
      expect(errorText, line).toMatch(/^(The connection to )?127\.0\.0\.1:\d+ /u);
    }
  });
});

test.each(['tls', 'starttls'] as const)(
  'a mailbox is read by %s when the issuer of its certificate is trusted',
  async (security) => {
    const credentials = makeCertificate();
    const imap = await start({ security, credentials });
    await beginWithOneMail();
    imap.deliver(rawReport('complaint'));
    provideSettings({ MAIL_BOUNCES_URL: imap.url() });
    // What NODE_EXTRA_CA_CERTS does when a process starts.
    const trusted = tls.getCACertificates('default');
    tls.setDefaultCACertificates([...trusted, credentials.cert]);
    stops.push(async () => tls.setDefaultCACertificates(trusted));
    expect(await readMailbox()).toMatchObject({ kind: 'read', counts: { complaint: 1 } });
  },
);

test('a message that is larger than the server has said is not taken', async () => {
  const imap = await start();
  imap.deliver(rawReport('complaint'));
  const address = readMailboxAddress(imap.url());
  if (address === undefined) throw new Error('no address');
  const options = { messageBytesMax: -60_000, signal: new AbortController().signal };
  imap.deliver('x'.repeat(100_000));
  const outcome = await withMailbox(address, options, (mailbox) => mailbox.fetch(2));
  expect(outcome).toMatchObject({
    kind: 'failed',
    errorText: expect.stringContaining('sent more than is taken at once'),
  });
});

test('the command tells what is wrong, and ends with 1', async () => {
  const imap = await start();
  const { end, stdout, stderr } = await runCommand(['suppressions', 'mailbox'], {
    MAIL_BOUNCES_URL: imap.url('Bounces'),
  });
  expect(end).toBe('code 1');
  expect(stdout).toBe('');
  expect(stderr).toMatch(/tagwire: 127\.0\.0\.1 has no folder “Bounces”.*\n {2}Name one that/su);
  const off = await runCommand(['suppressions', 'mailbox'], { MAIL_BOUNCES_URL: '' });
  expect(off.end).toBe('code 1');
  expect(off.stderr).toContain('MAIL_BOUNCES_URL is not set');
});

test('the command reads it now, and tells what became of it, and no secret', async () => {
  await beginWithOneMail();
  const imap = await start();
  imap.deliver(rawReport('no-mailbox-postfix'));
  imap.deliver(LETTER);
  // In a process of its own, whose log is seen.
  const run = await runTagwire(['suppressions', 'mailbox', '--json'], {
    MAIL_BOUNCES_URL: imap.url(),
    LOG_LEVEL: 'trace',
  });
  expect(run.end).toBe('code 0');
  expect(imap.heard).toContain('ID ("name" "Tagwire")');
  expect(JSON.parse(run.stdout)).toEqual({
    bounce: 1,
    complaint: 0,
    note: 0,
    other: 1,
    suppressed: 1,
    unmarked: 0,
    hasMore: false,
  });
  expect(run.stderr).toContain(
    '2 messages read: 1 bounce, 0 complaints, 0 reports of no consequence, ' +
      '1 left unread for you; 1 address suppressed',
  );
  expect(run.stderr).toContain('"event":"mail.message_read"');
  expect(run.stderr).not.toMatch(/s3cret|How are you|Hello/u);
});

test('what becomes of messages is told in the metrics of workers, and no secret', async () => {
  await beginWithOneMail();
  const imap = await start();
  provideSettings({ MAIL_BOUNCES_URL: imap.url() });
  expect((await renderMetrics()).text).not.toContain('tagwire_mailbox_failures{');
  imap.deliver(rawReport('mailbox-full'));
  imap.deliver(LETTER);
  await readMailbox();
  imap.mood = () => 'hang up';
  await readMailbox();
  const { text } = await renderMetrics();
  const name = `mailbox="${readMailboxAddress(imap.url())?.name}"`;
  expect(text).toContain(`tagwire_mailbox_messages_total{${name},outcome="bounce"} 1\n`);
  expect(text).toContain(`tagwire_mailbox_messages_total{${name},outcome="other"} 1\n`);
  expect(text).toContain(`tagwire_mailbox_failures{${name}} 1\n`);
  expect(text).toMatch(/tagwire_mailbox_read_timestamp_seconds\{.+\} 1\d{9}/u);
  expect(text).not.toContain('s3cret');
});

describe('the operator is told of a mailbox that cannot be read', () => {
  const told = async () =>
    (await listNotices()).map((notice) => {
      const { heading, what } = writeNotice(notice, (iso) => iso.slice(0, 10));
      return [heading, what, notice.endedAt === null ? 'open' : 'over'];
    });

  /** Makes it fail since so many hours. */
  async function failSince(imap: ImapServer, hours: number): Promise<void> {
    await dbPool().query(
      `UPDATE mailboxes SET error_since = now() - make_interval(hours => $1, secs => 1)`,
      [hours],
    );
    imap.mood = () => 'hang up';
    expect(await readMailbox()).toMatchObject({ kind: 'failed' });
    imap.mood = () => undefined;
  }

  async function begin(): Promise<ImapServer> {
    await beginWithOneMail();
    await emptyTables(['notices']);
    const imap = await start();
    provideSettings({ MAIL_BOUNCES_URL: imap.url() });
    await readMailbox();
    return imap;
  }

  test('once it has been so for a day, once, until it is read', async () => {
    const imap = await begin();
    await failSince(imap, 23);
    expect(await told()).toEqual([]);
    await failSince(imap, 24);
    imap.mood = () => 'hang up';
    expect(await readMailbox()).toMatchObject({ kind: 'failed' });
    imap.mood = () => undefined;
    const what = expect.stringMatching(
      /^The mailbox of bounces and complaints, imap:.*:\d+\/INBOX, has not been read since \d{4}-\d\d-\d\d: The connection to .* broke off: .*\. Meanwhile mails go on/u,
    );
    expect(await told()).toEqual([['Mailbox unread', what, 'open']]);
    await readMailbox();
    expect(await told()).toEqual([['Mailbox unread', what, 'over']]);
  });

  test('until nobody looks into it any more', async () => {
    const imap = await begin();
    await failSince(imap, 24);
    await endSilentMailboxes();
    expect(await told()).toMatchObject([[expect.anything(), expect.anything(), 'open']]);
    await dbPool().query(`UPDATE mailboxes SET due_at = now() - interval '7 hours'`);
    await endSilentMailboxes();
    expect(await told()).toMatchObject([[expect.anything(), expect.anything(), 'over']]);
  });
});
