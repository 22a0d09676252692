import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { config, provideSettings } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import { readMailboxAddress } from '../../lib/model/mailbox-address.ts';
import { claimDelivery } from '../../lib/store/deliveries.ts';
import { getMailboxState } from '../../lib/store/mailboxes.ts';
import { asOnly } from '../../lib/store/only-one.ts';
import { removeSuppression } from '../../lib/store/suppressions.ts';
import { type MailboxLook, readMailbox } from '../../workers/jobs/read-mailbox.ts';
import { useDatabase } from '../support/database.ts';
import { type ImapServer, startImapServer } from '../support/imap-server.ts';
import { beginWithOneMail, rawReport, suppressed } from '../support/mail-reports.ts';
import { runTagwire } from '../support/run-command.ts';

useDatabase();
let imap: ImapServer;

beforeEach(async () => {
  await beginWithOneMail();
  imap = await startImapServer();
  provideSettings({ MAIL_BOUNCES_URL: imap.url() });
});
afterEach(() => imap.stop());

const SEEN = ['\\Seen', 'TagwireRead'];
const LETTER = 'From: friend@example.org\r\nSubject: Hello\r\n\r\nHow are you?\r\n';

const nameOf = (url = config().mailBouncesUrl ?? '') => readMailboxAddress(url)?.name ?? '';
const state = () => getMailboxState(nameOf());

/** How often deliveries have been told that they came back, and with what. */
const errorTexts = async () =>
  (
    await dbPool().query('SELECT error_text AS t FROM deliveries WHERE bounced_at IS NOT NULL')
  ).rows.map((row) => row.t);

const makeDue = () => dbPool().query("UPDATE mailboxes SET due_at = now() - interval '1 second'");

/** What a look came to, by outcomes that there were. */
function countsOf(look: MailboxLook): Record<string, number> {
  if (look.kind !== 'read') throw new Error(`it ended otherwise: ${JSON.stringify(look)}`);
  return Object.fromEntries(Object.entries(look.counts).filter(([, count]) => count > 0));
}

describe('a mailbox', () => {
  test('gives a hard bounce, which suppresses its address and is marked as read', async () => {
    imap.deliver(rawReport('no-mailbox-postfix'));
    expect(await readMailbox()).toMatchObject({ kind: 'read', suppressed: 1, hasMore: false });
    expect(await suppressed()).toEqual(['one@example.org']);
    expect(imap.flags()).toEqual([SEEN]);
    expect(await claimDelivery()).toBeUndefined();
  });

  test('gives a soft bounce, which suppresses nothing and stands in the history', async () => {
    imap.deliver(rawReport('mailbox-full'));
    expect(countsOf(await readMailbox())).toEqual({ bounce: 1 });
    expect(await suppressed()).toEqual([]);
    expect(await errorTexts()).toEqual(['bounced: 5.2.2 smtp; 552 5.2.2 mailbox full']);
    expect(imap.flags()).toEqual([SEEN]);
  });

  test('gives a complaint, which suppresses its address', async () => {
    imap.deliver(rawReport('complaint'));
    expect(countsOf(await readMailbox())).toEqual({ complaint: 1 });
    expect(await suppressed()).toEqual(['one@example.org']);
  });

  test('gives reports of which nothing follows, which are marked as read', async () => {
    imap.deliver(rawReport('delayed'));
    imap.deliver(rawReport('not-spam'));
    expect(countsOf(await readMailbox())).toEqual({ note: 2 });
    expect(await suppressed()).toEqual([]);
    expect(imap.flags()).toEqual([SEEN, SEEN]);
  });

  test('keeps what is no report unread, for people, and goes on behind it', async () => {
    const others = [
      rawReport('absence'),
      LETTER,
      rawReport('no-report-for-programs'),
      // About a mail of somebody else.
      rawReport('no-mailbox-postfix', {
        returnPath: 'a@b.example',
        unsubscribe: 'https://b.example',
      }),
      '',
      '\x00\xff\r\n\r\n\x00',
      `Content-Type: multipart/report; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(1000)}`,
    ];
    for (const raw of others) imap.deliver(raw);
    imap.deliver(rawReport('no-mailbox-postfix'));
    expect(countsOf(await readMailbox())).toEqual({ other: others.length, bounce: 1 });
    expect(imap.flags()).toEqual([...others.map(() => []), SEEN]);
    expect(await suppressed()).toEqual(['one@example.org']);
  });

  test('does not bring a mail of 20 MB over the wire', async () => {
    imap.deliver(`Subject: large\r\n\r\n${`${'x'.repeat(998)}\r\n`.repeat(20_000)}`);
    imap.deliver(rawReport('complaint'));
    expect(countsOf(await readMailbox())).toEqual({ other: 1, complaint: 1 });
    expect(imap.flags()).toEqual([[], SEEN]);
    const fetched = imap.heard.filter((line) => line.includes('BODY.PEEK'));
    expect(fetched).toEqual([expect.stringMatching(/^UID FETCH 2 /u)]);
  });

  test('is read in parts, and each message once', async () => {
    for (let i = 0; i < 120; i++) imap.deliver(LETTER);
    imap.deliver(rawReport('mailbox-full'));
    expect(countsOf(await readMailbox())).toEqual({ other: 120, bounce: 1 });
    imap.heard.length = 0;
    expect(countsOf(await readMailbox())).toEqual({});
    expect(imap.heard.filter((line) => /FETCH|STORE/u.test(line))).toEqual([]);
    imap.deliver(rawReport('mailbox-full'));
    expect(countsOf(await readMailbox())).toEqual({ bounce: 1 });
    expect(await state()).toMatchObject({ counts: { other: 120, bounce: 2 } });
  });

  test('is read by UID: what a person has opened before us is read all the same', async () => {
    imap.deliver(rawReport('no-mailbox-postfix'));
    imap.flags()[0]?.push('\\Seen');
    expect(countsOf(await readMailbox())).toEqual({ bounce: 1 });
    expect(await suppressed()).toEqual(['one@example.org']);
  });

  test('that was restored with other UIDs is read anew, but not what bears our mark', async () => {
    imap.deliver(rawReport('no-mailbox-postfix'));
    await readMailbox();
    await removeSuppression('one@example.org');
    imap.renumber();
    imap.deliver(rawReport('mailbox-full'));
    expect(countsOf(await readMailbox())).toEqual({ bounce: 1 });
    expect(await suppressed()).toEqual([]);
  });

  test('may be another folder, and none of the others is touched', async () => {
    provideSettings({ MAIL_BOUNCES_URL: imap.url('Other') });
    imap.deliver(rawReport('no-mailbox-postfix'));
    imap.deliver(rawReport('complaint'), 'Other');
    expect(countsOf(await readMailbox())).toEqual({ complaint: 1 });
    expect(imap.flags()).toEqual([[]]);
    expect(imap.flags('Other')).toEqual([SEEN]);
  });

  test('that is not set is not looked for', async () => {
    provideSettings({ MAIL_BOUNCES_URL: '' });
    expect(await readMailbox()).toEqual({ kind: 'off' });
  });

  test('is looked into by one worker at a time, and again after some minutes', async () => {
    imap.deliver(rawReport('mailbox-full'));
    expect(await asOnly('mailbox', () => readMailbox())).toEqual({ kind: 'busy' });
    expect(countsOf(await readMailbox())).toEqual({ bounce: 1 });
    expect(await readMailbox({ isDueOnly: true })).toEqual({ kind: 'resting' });
    await makeDue();
    expect(countsOf(await readMailbox({ isDueOnly: true }))).toEqual({});
  });
});

describe('a connection that is lost', () => {
  test.each([
    ['at the login', /^LOGIN/u],
    ['while messages are listed', /^UID SEARCH/u],
    ['while a message is brought', /^UID FETCH .*BODY/u],
    ['before a message is marked', /^UID STORE/u],
  ])('%s loses nothing, and the rest is read next time', async (_, when) => {
    imap.deliver(LETTER);
    imap.deliver(rawReport('no-mailbox-postfix'));
    let isLost = false;
    imap.mood = (line) => {
      if (isLost || !when.test(line)) return undefined;
      isLost = true;
      return 'hang up';
    };
    expect(await readMailbox()).toMatchObject({
      kind: 'failed',
      errorText: expect.stringMatching(/^The connection to 127\.0\.0\.1:\d+ broke off: /u),
      next: 'It is tried again by itself.',
    });
    expect(await suppressed()).toEqual([]);
    expect(await state()).toMatchObject({ failures: 1, errorSince: expect.any(Date) });
    await readMailbox();
    expect(await suppressed()).toEqual(['one@example.org']);
    expect(imap.flags()).toEqual([[], SEEN]);
    expect(await state()).toMatchObject({
      failures: 0,
      errorText: null,
      errorSince: null,
      counts: { bounce: 1, other: 1 },
    });
  });

  test('after a message was marked does not lose what follows of it', async () => {
    imap.deliver(rawReport('no-mailbox-postfix'));
    imap.mood = (line) => (line.startsWith('UID STORE') ? 'hang up after' : undefined);
    expect(await readMailbox()).toMatchObject({ kind: 'failed' });
    expect(imap.flags()).toEqual([SEEN]);
    expect(await suppressed()).toEqual([]);
    imap.mood = () => undefined;
    expect(countsOf(await readMailbox())).toEqual({ bounce: 1 });
    expect(await suppressed()).toEqual(['one@example.org']);
  });

  test('by the same message each time leaves that message to people', async () => {
    const bad = imap.deliver(rawReport('no-mailbox-postfix'));
    imap.deliver(rawReport('mailbox-full'));
    imap.mood = (line) =>
      line.startsWith(`UID FETCH ${bad} `) && line.includes('BODY') ? 'hang up' : undefined;
    for (let i = 0; i < 3; i++) expect(await readMailbox()).toMatchObject({ kind: 'failed' });
    expect(countsOf(await readMailbox())).toEqual({ other: 1, bounce: 1 });
    expect(imap.flags()).toEqual([[], SEEN]);
  });

  test('is tried again later each time, up to an hour', async () => {
    imap.mood = () => 'hang up';
    const pauses: number[] = [];
    for (let i = 0; i < 8; i++) {
      await makeDue();
      expect(await readMailbox({ isDueOnly: true })).toMatchObject({ kind: 'failed' });
      const { rows } = await dbPool().query(
        'SELECT round(extract(epoch FROM due_at - now()) / 60)::int AS minutes FROM mailboxes',
      );
      pauses.push(rows[0].minutes);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });
});

test('a look that is called off is no failure, and leaves nothing half done', async () => {
  imap.deliver(rawReport('no-mailbox-postfix'));
  const stop = new AbortController();
  imap.mood = (line) => {
    if (line.startsWith('UID STORE')) stop.abort();
    return undefined;
  };
  const look = await readMailbox({ signal: stop.signal });
  expect(look).toEqual({ kind: 'stopped' });
  expect(await state()).toMatchObject({ failures: 0 });
  expect(await suppressed()).toEqual([]);
  expect(await readMailbox({ signal: stop.signal })).toEqual({ kind: 'stopped' });
  imap.mood = () => undefined;
  expect(countsOf(await readMailbox())).toEqual({ bounce: 1 });
});

describe('a worker that is killed', () => {
  /** Runs one that ends with a command of its own; `isDone`: the server still does that. */
  async function killAt(when: RegExp, { isDone = false } = {}): Promise<void> {
    let pid = 0;
    imap.mood = (line) => {
      if (!when.test(line)) return undefined;
      process.kill(pid, 'SIGKILL');
      return isDone ? undefined : 'hang up';
    };
    const { end } = await runTagwire(['suppressions', 'mailbox'], {}, (begun) => {
      pid = begun;
    });
    expect(end).toBe('SIGKILL');
    imap.mood = () => undefined;
  }

  /** The database hears of the death some milliseconds later. */
  async function readNext(): Promise<Record<string, number>> {
    const looks: MailboxLook[] = [];
    const lookAgain = async () => {
      looks.push(await readMailbox());
      return looks.at(-1)?.kind;
    };
    await expect.poll(lookAgain, { timeout: 5000 }).not.toBe('busy');
    return countsOf(looks.at(-1) ?? { kind: 'busy' });
  }

  test.each([
    ['while a message is brought', /^UID FETCH .*BODY/u, false, [[]]],
    ['before it is marked', /^UID STORE/u, false, [[]]],
    ['after it was marked, and before that was written', /^UID STORE/u, true, [SEEN]],
  ])('%s leaves it to the next, who reads it once', async (_, when, isDone, flags) => {
    imap.deliver(rawReport('no-mailbox-postfix'));
    await killAt(when, { isDone });
    expect(await suppressed()).toEqual([]);
    expect(imap.flags()).toEqual(flags);
    expect(await readNext()).toEqual({ bounce: 1 });
    expect(await suppressed()).toEqual(['one@example.org']);
    expect(imap.flags()).toEqual([SEEN]);
    expect(await readNext()).toEqual({});
  });

  test('between two messages leaves the second to the next, not the first', async () => {
    imap.deliver(rawReport('no-mailbox-postfix'));
    imap.deliver(rawReport('mailbox-full'));
    await killAt(/^UID FETCH 2 .*BODY/u);
    expect(await suppressed()).toEqual(['one@example.org']);
    await removeSuppression('one@example.org');
    expect(await readNext()).toEqual({ bounce: 1 });
    expect(await suppressed()).toEqual([]);
    expect(await state()).toMatchObject({ counts: { bounce: 2 } });
  });
});
