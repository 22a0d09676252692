import fs from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { Command } from 'commander';
import { readEmailAddress } from '../../lib/alerts/email-address.ts';
import { REPORTS_CLAIM, tokenUrl } from '../../lib/alerts/tokens.ts';
import { TagwireError, unreachable } from '../../lib/errors.ts';
import { saveMailReport } from '../../lib/store/mail-reports.ts';
import {
  addSuppression,
  listSuppressions,
  removeSuppression,
} from '../../lib/store/suppressions.ts';
import { readMailReports } from '../../workers/jobs/read-mail-reports.ts';
import { type MailboxRead, readMailbox } from '../../workers/jobs/read-mailbox.ts';
import { withServers } from '../servers.ts';
import { oneLine, plural, whyUnread } from '../terminal-text.ts';

function readAddress(text: string): string {
  const address = readEmailAddress(text);
  if (address !== undefined) return address.emailKey;
  throw new TagwireError(`“${text}” is no mail address.`, 'Write it like reader@example.org.');
}

async function list(options: { json?: boolean }): Promise<void> {
  const rows = await listSuppressions();
  if (options.json) return console.log(JSON.stringify(rows, null, 2));
  for (const { emailKey, reason, createdAt } of rows) {
    console.log(`${createdAt.toISOString().slice(0, 10)}  ${emailKey}  ${oneLine(reason)}`);
  }
  process.stderr.write(`${plural(rows.length, 'address', 'addresses')}\n`);
}

async function add(text: string, reason: string): Promise<void> {
  const emailKey = readAddress(text);
  const isNew = await addSuppression(emailKey, reason);
  const words = isNew ? 'is never mailed again' : 'was suppressed already';
  process.stderr.write(`${emailKey} ${words}\n`);
}

async function remove(text: string): Promise<void> {
  const emailKey = readAddress(text);
  if (!(await removeSuppression(emailKey))) {
    throw new TagwireError(
      `${emailKey} is not suppressed.`,
      '`bin/tagwire suppressions list` shows the addresses that are.',
    );
  }
  process.stderr.write(`${emailKey} may be mailed again, and its alerts go on\n`);
}

async function readMail(file: string): Promise<Uint8Array> {
  try {
    return file === '-' ? await buffer(process.stdin) : fs.readFileSync(file);
  } catch (error) {
    throw new TagwireError(`${file} cannot be read: ${whyUnread(error)}.`, 'Name a raw mail.');
  }
}

async function read(files: string[]): Promise<void> {
  // All of them first: a name that is wrong costs nothing then.
  const mails = await Promise.all(files.map(readMail));
  const before = (await listSuppressions()).length;
  for (const body of mails) {
    if (await saveMailReport(body, new Date())) continue;
    throw new TagwireError('Too many reports wait to be read.', 'See that a worker runs.');
  }
  await readMailReports();
  const added = (await listSuppressions()).length - before;
  process.stderr.write(
    `${plural(mails.length, 'report')} read, ` +
      `${plural(added, 'address', 'addresses')} suppressed by them\n`,
  );
}

async function readOwnMailbox(options: { json?: boolean }): Promise<void> {
  const look = await readMailbox();
  switch (look.kind) {
    case 'off':
      throw new TagwireError(
        'MAIL_BOUNCES_URL is not set, so there is no mailbox to read.',
        'Set it to an address like imaps://user:password@host/INBOX.',
      );
    case 'failed':
      throw new TagwireError(look.errorText, look.next);
    case 'read':
      return printLook(look, options);
    case 'busy':
    case 'resting':
    case 'stopped':
      process.stderr.write('a worker is reading the mailbox already\n');
      return;
    default:
      return unreachable(look);
  }
}

function printLook({ counts, suppressed, unmarked, hasMore }: MailboxRead, { json = false }) {
  if (json) console.log(JSON.stringify({ ...counts, suppressed, unmarked, hasMore }, null, 2));
  const { bounce, complaint, note, other } = counts;
  process.stderr.write(
    `${plural(bounce + complaint + note + other, 'message')} read: ${plural(bounce, 'bounce')}, ` +
      `${plural(complaint, 'complaint')}, ${plural(note, 'report')} of no consequence, ` +
      `${other} left unread for you; ${plural(suppressed, 'address', 'addresses')} suppressed\n` +
      (unmarked > 0 ? `the server does not let ${unmarked} be marked as read\n` : '') +
      (hasMore ? 'more wait: run it again, or leave them to the worker\n' : ''),
  );
}

export const command = new Command('suppressions')
  .description('addresses that are never mailed again: they bounced, complained, or wished it')
  .addHelpText(
    'after',
    `
Examples:
  $ bin/tagwire suppressions list
  $ bin/tagwire suppressions read < bounce.eml
  $ bin/tagwire suppressions remove reader@example.org`,
  );

command
  .command('list')
  .description('all of them, with the reason, the latest first')
  .option('--json', 'as JSON')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire suppressions list --json')
  .action((options: { json?: boolean }) => withServers({ database: true }, () => list(options)));

command
  .command('add')
  .description('never mail an address again')
  .argument('<address>', 'mail address')
  .option('--reason <text>', 'why, for later', 'by the operator')
  .addHelpText(
    'after',
    '\nExample:\n  $ bin/tagwire suppressions add reader@example.org --reason "asked by phone"',
  )
  .action((address: string, { reason }: { reason: string }) =>
    withServers({ database: true }, () => add(address, reason)),
  );

command
  .command('remove')
  .description('let an address be mailed again')
  .argument('<address>', 'mail address')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire suppressions remove reader@example.org')
  .action((address: string) => withServers({ database: true }, () => remove(address)));

command
  .command('read')
  .description('read bounces (RFC 3464) and complaints (RFC 5965) that mail servers sent')
  .argument('[files...]', 'raw mails; - or nothing for standard input', ['-'])
  .addHelpText(
    'after',
    `
For the pipe of a mail server, as in /etc/aliases:
  bounces: "|/srv/tagwire/bin/tagwire suppressions read"

Example:
  $ bin/tagwire suppressions read ~/Maildir/new/*`,
  )
  .action((files: string[]) => withServers({ database: true }, () => read(files)));

command
  .command('mailbox')
  .description(
    'read what is new in the mailbox of MAIL_BOUNCES_URL now, as workers do by themselves',
  )
  .option('--json', 'the counts as JSON')
  .addHelpText(
    'after',
    `
Bounces and complaints about mails of ours take effect and are marked as read; anything else stays
unread, for you. Nothing is deleted or moved, and no message is read twice.

Example:
  $ MAIL_BOUNCES_URL='imaps://bounces%40example.org:PASSWORD@mail.example.org/INBOX' \\
      bin/tagwire suppressions mailbox`,
  )
  .action((options: { json?: boolean }) =>
    withServers({ database: true }, () => readOwnMailbox(options)),
  );

command
  .command('address')
  .description('the address at which the site takes such mails by POST; it is a key: keep it')
  .addHelpText(
    'after',
    `
Example:
  $ curl --data-binary @bounce.eml "$(bin/tagwire suppressions address)"`,
  )
  .action(() =>
    // The secret that it is signed with is that of the running house.
    withServers({ database: true }, async () => {
      console.log(tokenUrl('reports', REPORTS_CLAIM));
    }),
  );
