import { Command, CommanderError } from 'commander';
import { messageOf, TagwireError } from '../lib/errors.ts';
import { logLess } from '../lib/log.ts';
import packageJson from '../package.json' with { type: 'json' };

// One file a command, loaded only when it is asked for: `--help` and `parse` start at once.
const COMMANDS: Record<string, () => Promise<{ command: Command }>> = {
  up: () => import('./commands/up.ts'),
  web: () => import('./commands/web.ts'),
  worker: () => import('./commands/worker.ts'),
  migrate: () => import('./commands/migrate.ts'),
  feeds: () => import('./commands/feeds.ts'),
  poll: () => import('./commands/poll.ts'),
  posts: () => import('./commands/posts.ts'),
  quarantine: () => import('./commands/quarantine.ts'),
  tags: () => import('./commands/tags.ts'),
  search: () => import('./commands/search.ts'),
  alerts: () => import('./commands/alerts.ts'),
  webhooks: () => import('./commands/webhooks.ts'),
  suppressions: () => import('./commands/suppressions.ts'),
  notices: () => import('./commands/notices.ts'),
  reindex: () => import('./commands/reindex.ts'),
  parse: () => import('./commands/parse.ts'),
  'check-url': () => import('./commands/check-url.ts'),
  opml: () => import('./commands/opml.ts'),
  doctor: () => import('./commands/doctor.ts'),
  config: () => import('./commands/config.ts'),
  dev: () => import('./commands/dev.ts'),
};

const EXAMPLE = `
Examples:
  $ bin/tagwire up --demo          start everything with the sample feeds
  $ bin/tagwire poll --all         ask every feed once, now
  $ bin/tagwire search "numa"      search the posts`;

const VERSION_FLAGS: ReadonlySet<string> = new Set(['-V', '--version']);

/** Their log is what an operator has of them. */
const LOGGED: ReadonlySet<string> = new Set(['up', 'web', 'worker']);

/** What commander found wrong with the words typed, as our own messages are: and what to do next. */
function tellMisuse(words: string, command: Command): string {
  const [first = '', ...more] = words
    .replace(/^error: /u, '')
    .trimEnd()
    .split('\n');
  const what = `${first.charAt(0).toUpperCase()}${first.slice(1)}${/[.?!]$/u.test(first) ? '' : '.'}`;
  const names: string[] = [];
  for (let each: Command | null = command; each !== null; each = each.parent) {
    names.unshift(each.name());
  }
  const next = `\`bin/${names.join(' ')} --help\` says how it is used.`;
  return `tagwire: ${[what, ...more].join(' ')}\n  ${next}\n`;
}

/** Has commander leave to us how a command ends, and what is said of misuse. */
function takeOver(command: Command): void {
  command.exitOverride().configureOutput({
    outputError: (words, write) => write(tellMisuse(words, command)),
  });
  command.commands.forEach(takeOver);
}

async function parse(args: string[]): Promise<void> {
  const program = new Command('tagwire')
    .description('A syndication aggregator: feeds in; tag archives, feeds, search, alerts out.')
    .version(packageJson.version)
    .addHelpText('after', EXAMPLE);
  const [first = ''] = args;
  const load = COMMANDS[first];
  // All of them only when a list of them is wanted.
  const others = VERSION_FLAGS.has(first) ? [] : Object.values(COMMANDS);
  const wanted = load ? [load] : others;
  for (const module of await Promise.all(wanted.map((each) => each()))) {
    program.addCommand(module.command, { hidden: module.command.name() === 'dev' });
  }
  takeOver(program);
  if (!LOGGED.has(first)) logLess('warn');
  await program.parseAsync(args, { from: 'user' });
}

/**
 * Runs one command to its end, and tells a person what stopped it. Leaves in `process.exitCode`
 * what it comes to: 0 or nothing, or 1 when it could not do what it was asked.
 * @param args what follows `bin/tagwire`.
 */
export async function runProgram(args: string[]): Promise<void> {
  try {
    await parse(args);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode;
    } else if (error instanceof TagwireError) {
      process.stderr.write(`tagwire: ${error.message}\n`);
      if (error.next !== undefined) process.stderr.write(`  ${error.next}\n`);
      process.exitCode = 1;
    } else {
      process.stderr.write(`tagwire: this should not happen: ${messageOf(error)}\n`);
      process.stderr.write(`${error instanceof Error ? error.stack : ''}\n`);
      process.exitCode = 1;
    }
  }
}
