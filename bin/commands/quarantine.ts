import { Command, InvalidArgumentError } from 'commander';
import { TagwireError } from '../../lib/errors.ts';
import { type FloodRow, listFloods } from '../../lib/queries/floods.ts';
import { dropFlood, releaseFlood } from '../../lib/store/floods.ts';
import { finishFollowUp } from '../../workers/follow-up.ts';
import { withServers } from '../servers.ts';
import { oneLine, plural } from '../terminal-text.ts';

function readId(text: string): number {
  const id = Number(text);
  if (/^[1-9]\d{0,8}$/u.test(text)) return id;
  throw new InvalidArgumentError('It must be a number that `quarantine list` shows.');
}

function printFlood(flood: FloodRow): void {
  const when = flood.foundAt.toISOString().slice(0, 16).replace('T', ' ');
  const state = flood.state === 'held' ? '' : `  ${flood.state}`;
  console.log(
    `${String(flood.id).padStart(5)}  ${when}  ${plural(flood.posts, 'post')}  ` +
      `${oneLine(flood.source)}  ${flood.feedUrl}${state}`,
  );
  for (const title of flood.titles) console.log(`       ${oneLine(title)}`);
}

async function list(options: { all?: boolean; json?: boolean }): Promise<void> {
  const floods = await listFloods(options.all === true);
  if (options.json) return console.log(JSON.stringify(floods, null, 2));
  floods.forEach(printFlood);
  process.stderr.write(
    floods.length === 0 ? 'Nothing is held.\n' : `${plural(floods.length, 'flood')}\n`,
  );
}

async function decide(id: number, work: typeof dropFlood, became: string): Promise<void> {
  const posts = await work(id);
  if (posts === undefined) {
    throw new TagwireError(
      `No flood ${id} is held.`,
      '`bin/tagwire quarantine list --all` shows all floods and what became of them.',
    );
  }
  await finishFollowUp();
  process.stderr.write(`${plural(posts, 'post')} ${became}\n`);
}

export const command = new Command('quarantine')
  .description('old posts that arrived in a flood: shown in their places, but alerting nobody')
  .addHelpText(
    'after',
    `
A poll that brings more than 20 new items and more than five times what its feed brings in a week,
or more than five that are over 30 days old, is a flood: an archive was moved or dated anew. What
was there before the poll before is kept from the newest posts and from alerts.

Examples:
  $ bin/tagwire quarantine list
  $ bin/tagwire quarantine release 3`,
  );

command
  .command('list')
  .description('the floods that wait for a decision')
  .option('--all', 'also those that were decided on')
  .option('--json', 'as JSON')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire quarantine list --json')
  .action((options: { all?: boolean; json?: boolean }) =>
    withServers({ database: true }, () => list(options)),
  );

for (const [name, what, work, became] of [
  ['release', 'make ordinary posts of them, which also alert', releaseFlood, 'released'],
  ['drop', 'withdraw them', dropFlood, 'withdrawn'],
] as const) {
  command
    .command(name)
    .description(what)
    .argument('<id>', 'number of the flood', readId)
    .addHelpText('after', `\nExample:\n  $ bin/tagwire quarantine ${name} 3`)
    .action((id: number) =>
      withServers({ database: true, search: true }, () => decide(id, work, became)),
    );
}
