import { Command } from 'commander';
import { closeDb } from '../../lib/db.ts';
import { closeMail } from '../../lib/mail/send.ts';
import { checkServers, checkSiteAddress, checkWork } from '../doctor/check-house.ts';
import { checkBounces, checkMail } from '../doctor/check-mail.ts';
import type { Finding } from '../doctor/finding.ts';
import { adoptRunning } from '../servers.ts';
import { oneLine, plural } from '../terminal-text.ts';

/** Everything that can be looked at, the cause before what it causes. */
async function look(): Promise<Finding[]> {
  adoptRunning();
  const now = new Date();
  const { findings: servers, isReady } = await checkServers();
  return [
    ...servers,
    checkSiteAddress(),
    ...(isReady ? await checkWork(now) : []),
    ...(await checkMail()),
    ...(isReady ? await checkBounces(now) : []),
  ];
}

function print({ part, state, says, next }: Finding): void {
  console.log(`${state.padEnd(5)} ${part.padEnd(9)} ${oneLine(says)}`);
  if (next !== undefined) console.log(`${' '.repeat(16)}${oneLine(next)}`);
}

async function doctor(options: { json?: boolean }): Promise<void> {
  try {
    const findings = await look();
    if (options.json) console.log(JSON.stringify(findings, null, 2));
    else findings.forEach(print);
    const [failures, warnings] = (['fail', 'warn'] as const).map(
      (state) => findings.filter((finding) => finding.state === state).length,
    );
    process.stderr.write(
      `${plural(failures ?? 0, 'failure')}, ${plural(warnings ?? 0, 'warning')}\n`,
    );
    if (failures) process.exitCode = 1;
  } finally {
    closeMail();
    await closeDb();
  }
}

export const command = new Command('doctor')
  .description('look whether everything works as readers need it, and say what to do')
  .option('--json', 'the findings as JSON')
  .addHelpText(
    'after',
    `
Looks at database, search, the site's address, workers, the mail server and the mailbox of bounces,
and changes nothing. Takes the servers of a running \`up\`; elsewhere run it with the settings of the
worker. Ends with 1 when something fails.

Example:
  $ bin/tagwire doctor --json | jq '.[] | select(.state != "ok")'`,
  )
  .action(doctor);
