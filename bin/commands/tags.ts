import { Command, InvalidArgumentError } from 'commander';
import { changeTags, type TagWish, tellOutcome } from '../../lib/commands/tags.ts';
import { config } from '../../lib/config.ts';
import { TagwireError } from '../../lib/errors.ts';
import type { TagChange } from '../../lib/model/tag.ts';
import {
  listProposals,
  listTagChanges,
  listTagRows,
  type TagRow,
} from '../../lib/queries/tag-log.ts';
import { proposeMerges } from '../../lib/store/tag-proposals.ts';
import { indexPosts } from '../../workers/jobs/index-posts.ts';
import { retagPosts } from '../../workers/jobs/retag-posts.ts';
import { withServers } from '../servers.ts';
import { oneLine, plural } from '../terminal-text.ts';

const DATABASE = { database: true } as const;
const PROPOSALS_SHOWN_MAX = 500;
const LOG_SHOWN_MAX = 10_000;

interface Options {
  json?: boolean;
}

/** Does one thing to tags, and has the posts follow before it says so. */
async function change(wish: TagWish): Promise<void> {
  const outcome = await changeTags(wish);
  const { message, next } = tellOutcome(outcome);
  if (outcome.kind !== 'done') throw new TagwireError(message, next);
  process.stderr.write(`${oneLine(message)}\n`);
  if (wish.kind === 'reject') return;
  const posts = await retagPosts({ waits: true, onProgress: tellProgress(outcome.posts) });
  if (posts > 0) await indexPosts({ waits: true });
  if (posts > 0) process.stderr.write(`${plural(posts, 'post')} followed\n`);
}

/** A line for each tenth, for tags with many posts. */
function tellProgress(all: number): (posts: number) => void {
  const step = Math.max(2_000, Math.ceil(all / 10));
  let told = 0;
  return (posts) => {
    if (posts - told < step) return;
    told = posts;
    process.stderr.write(`  ${posts} of some ${Math.max(all, posts)} posts\n`);
  };
}

function printTag({ posts, slug, name, judgedBy, hidden, aliases }: TagRow): void {
  const why = hidden ? `  hidden by ${judgedBy === 'rule' ? 'rule' : 'the operator'}` : '';
  const also = aliases.length > 0 ? `  also ${aliases.map((one) => one.slug).join(', ')}` : '';
  console.log(`${String(posts).padStart(7)}  ${slug.padEnd(24)}  ${oneLine(name)}${why}${also}`);
}

async function list({ json, hidden = false }: Options & { hidden?: boolean }): Promise<void> {
  const tags = await listTagRows({ hidden });
  if (json) return console.log(JSON.stringify(tags, null, 2));
  tags.forEach(printTag);
  process.stderr.write(`${plural(tags.length, hidden ? 'hidden tag' : 'tag')}\n`);
}

async function proposals({ json }: Options): Promise<void> {
  await proposeMerges();
  const open = await listProposals(PROPOSALS_SHOWN_MAX);
  if (json) return console.log(JSON.stringify(open, null, 2));
  for (const { id, from, into, reason } of open) {
    console.log(
      `${String(id).padStart(5)}  ${oneLine(from.name)} (${from.posts}) into ` +
        `${oneLine(into.name)} (${into.posts})\n       ${reason}`,
    );
  }
  process.stderr.write(`${plural(open.length, 'proposal')}\n`);
}

const DONE: Record<TagChange['kind'], (from: string, into: string) => string> = {
  alias: (from, into) => `alias  ${from} means ${into}`,
  merge: (from, into) => `merge  ${from} into ${into}`,
  split: (from, into) => `split  ${from} from ${into}`,
  hide: (from) => `hide   ${from}`,
  show: (from) => `show   ${from}`,
  keep: (from, into) => `keep   ${from} apart from ${into}`,
};

function printChange({ at, by, kind, from, into, posts, reason }: TagChange): void {
  const what = DONE[kind](oneLine(from.name), oneLine(into?.name ?? ''));
  const why = reason === null ? '' : `  (${oneLine(reason)})`;
  const count = posts > 0 ? `  ${plural(posts, 'post')}` : '';
  console.log(`${at.slice(0, 16).replace('T', ' ')}  ${by.padEnd(8)}  ${what}${count}${why}`);
}

async function log({ json, limit }: Options & { limit: number }): Promise<void> {
  const page = await listTagChanges({ limit });
  if (json) return console.log(JSON.stringify(page?.changes ?? [], null, 2));
  page?.changes.forEach(printChange);
  if (page?.older)
    process.stderr.write(`There is more: --limit, or ${config().siteUrl}/tags/log\n`);
}

function readNumber(max: number) {
  return (text: string) => {
    const number = Number(text);
    if (Number.isInteger(number) && number > 0 && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
  };
}
const readId = readNumber(2 ** 31 - 1);

export const command = new Command('tags')
  .description('tags: their list, other names for them, merging, hiding, and the log of that')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire tags merge "Web Dev" webdev');

const example = (text: string) => `\nExample:\n  $ bin/tagwire tags ${text}`;

command
  .command('list')
  .description('list the tags with their posts and other names, the largest first')
  .option('--hidden', 'those that are hidden')
  .option('--json', 'as JSON')
  .addHelpText('after', example('list --json | jq -r .[].slug'))
  .action((options: Options & { hidden?: boolean }) => withServers(DATABASE, () => list(options)));

interface Reason {
  reason?: string;
}

for (const [kind, from, into, what, shown] of [
  [
    'alias',
    'a name, used or not',
    'the tag that it means',
    'have a name mean a tag from now on',
    'K8s Kubernetes',
  ],
  [
    'merge',
    'the tag to take in',
    'the tag that takes it in',
    'take a tag with its posts and names into another',
    'web-dev webdev',
  ],
] as const) {
  command
    .command(kind)
    .description(what)
    .argument('<from>', from)
    .argument('<into>', into)
    .option('--reason <words>', 'for the public log')
    .addHelpText('after', example(`${kind} ${shown}`))
    .action((from: string, into: string, { reason }: Reason) =>
      withServers({ ...DATABASE, search: true }, () => change({ kind, from, into, reason })),
    );
}

for (const [kind, argument, what, shown] of [
  ['split', '<alias>', 'undo a merge or alias: posts bear again what their feeds say', 'web-dev'],
  [
    'hide',
    '<tag>',
    'take a tag from pages, lists, feeds, search and alerts; its posts stay',
    'ramblings',
  ],
  ['show', '<tag>', 'show a hidden tag again, for good: no rule hides it any more', '2018'],
] as const) {
  command
    .command(kind)
    .description(what)
    .argument(argument, 'its name or slug')
    .option('--reason <words>', 'for the public log')
    .addHelpText('after', example(`${kind} ${shown}`))
    .action((name: string, { reason }: Reason) =>
      withServers({ ...DATABASE, search: true }, () => change({ kind, name, reason })),
    );
}

command
  .command('proposals')
  .description('compute and list merges that may be right, the best first')
  .option('--json', 'as JSON')
  .addHelpText('after', example('proposals'))
  .action((options: Options) => withServers(DATABASE, () => proposals(options)));

command
  .command('accept')
  .description('merge what a proposal names')
  .argument('<id>', 'its number in the list of proposals', readId)
  .addHelpText('after', example('accept 12'))
  .action((id: number) =>
    withServers({ ...DATABASE, search: true }, () => change({ kind: 'accept', id })),
  );

command
  .command('reject')
  .description('close a proposal: the two are not proposed again')
  .argument('<id>', 'its number in the list of proposals', readId)
  .option('--reason <words>', 'for the public log')
  .addHelpText('after', example('reject 12 --reason "two different tools"'))
  .action((id: number, { reason }: Reason) =>
    withServers(DATABASE, () => change({ kind: 'reject', id, reason })),
  );

command
  .command('log')
  .description('print what was done to tags, the newest first')
  .option('--limit <number>', 'so many entries', readNumber(LOG_SHOWN_MAX), 50)
  .option('--json', 'as JSON')
  .addHelpText('after', example('log --limit 200'))
  .action((options: Options & { limit: number }) => withServers(DATABASE, () => log(options)));
