import { Command } from 'commander';
import { config } from '../../lib/config.ts';
import { type Notice, writeNotice } from '../../lib/model/notice.ts';
import { listNotices } from '../../lib/queries/notices.ts';
import { withServers } from '../servers.ts';
import { oneLine, plural } from '../terminal-text.ts';

/** `2018-06-03`, in the site's time zone. */
const writeDay = (iso: string) =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: config().siteTimezone }).format(new Date(iso));

function printNotice(notice: Notice): void {
  const { heading, what, next, commands } = writeNotice(notice, writeDay);
  const over = notice.endedAt === null ? 'open' : `over ${writeDay(notice.endedAt)}`;
  console.log(`${writeDay(notice.createdAt)}  ${heading.padEnd(12)}  ${over}`);
  console.log(`  ${oneLine(what)}`);
  if (notice.endedAt !== null || next === undefined) return;
  console.log(`  ${next}`);
  for (const command of commands) console.log(`    ${oneLine(command)}`);
}

async function list(options: { all?: boolean; json?: boolean }): Promise<void> {
  const notices = await listNotices({ all: options.all ?? false });
  if (options.json) return console.log(JSON.stringify(notices, null, 2));
  notices.forEach(printNotice);
  const open = notices.filter(({ endedAt }) => endedAt === null).length;
  process.stderr.write(`${plural(notices.length, 'notice')}, ${open} of them open\n`);
}

export const command = new Command('notices')
  .description(
    'what the operator is told: feeds that fail, end or move, an own network that is down',
  )
  .addHelpText('after', '\nExample:\n  $ bin/tagwire notices list');

command
  .command('list')
  .description('what is still so, and what was over in the last 30 days, newest first')
  .option('--all', 'what was over in the last year, too')
  .option('--json', 'as JSON')
  .addHelpText(
    'after',
    `
They are mailed as well where OPERATOR_CONTACT is a mail address, and shown on /admin.

Example:
  $ bin/tagwire notices list --json | jq '.[] | select(.endedAt == null)'`,
  )
  .action((options: { all?: boolean; json?: boolean }) =>
    withServers({ database: true }, () => list(options)),
  );
