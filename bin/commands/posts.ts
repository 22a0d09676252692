import { Command, InvalidArgumentError } from 'commander';
import { config } from '../../lib/config.ts';
import { TagwireError } from '../../lib/errors.ts';
import { CANONICAL_VERSION } from '../../lib/ingest/canonical-url.ts';
import { dropPicture } from '../../lib/pictures/picture-cache.ts';
import { findGone, getPost } from '../../lib/queries/posts.ts';
import { countOutdatedAddresses } from '../../lib/store/merge-posts.ts';
import { restorePost, withdrawPost } from '../../lib/store/withdrawals.ts';
import { canonicalisePosts } from '../../workers/jobs/canonicalise-posts.ts';
import { indexPosts } from '../../workers/jobs/index-posts.ts';
import { startProgress } from '../progress-bar.ts';
import { withServers } from '../servers.ts';
import { oneLine, plural } from '../terminal-text.ts';

const ID_MAX = 2 ** 31 - 1;

/** A post's number, or the address of its page here. */
function readId(text: string): number {
  const id = Number(/(?:^|\/post\/)(\d+)(?:\/[^/]*)?$/u.exec(text)?.[1]);
  if (Number.isInteger(id) && id > 0 && id <= ID_MAX) return id;
  throw new InvalidArgumentError('It must be the number of a post, as in /post/NUMBER/…');
}

async function canonicalise(): Promise<void> {
  const all = await countOutdatedAddresses(CANONICAL_VERSION);
  const bar = startProgress('reading', all, 'posts');
  const report = await canonicalisePosts(({ posts }) => bar.update(posts)).finally(() =>
    bar.stop(),
  );
  if (report.merged > 0) await indexPosts({ waits: true });
  process.stderr.write(
    `${plural(report.posts, 'post')} looked at: ${report.changed} have another identity, ` +
      `${report.merged} turned out to be posts that were here before\n`,
  );
}

const unknown = (id: number) =>
  new TagwireError(
    `There is no post ${id}.`,
    'Its number is in the address of its page, /post/NUMBER/…; `bin/tagwire search` finds it.',
  );

async function show(id: number, { json }: { json?: boolean }): Promise<void> {
  const post = await getPost(id);
  if (post === undefined) {
    const gone = await findGone(id);
    if (gone === undefined) throw unknown(id);
    if (json) return console.log(JSON.stringify({ id, ...gone }));
    return console.log(
      gone.kind === 'merged' ? `${id} turned out to be post ${gone.into}` : `${id} is withdrawn`,
    );
  }
  if (json) return console.log(JSON.stringify(post, null, 2));
  console.log(oneLine(post.title));
  console.log(`  ${post.sortAt.slice(0, 10)}  ${oneLine(post.byline || post.source.title)}`);
  console.log(`  ${oneLine(post.url)}`);
  console.log(
    `  in ${[post.source, ...post.alsoIn].map(({ title }) => oneLine(title)).join(', ')}`,
  );
  const byUs = post.tags.some((tag) => tag.origin === 'text') ? ' by us' : '';
  const tags = post.tags.map((tag) => oneLine(tag.name)).join(', ') || 'with nothing';
  console.log(`  tagged${byUs} ${tags}`);
  console.log(`  ${config().siteUrl}/post/${post.id}/${post.slug}`);
}

async function withdraw(id: number): Promise<void> {
  if (!(await withdrawPost(id))) {
    if (await findGone(id)) throw new TagwireError(`Post ${id} is withdrawn already.`);
    throw unknown(id);
  }
  await indexPosts({ waits: true });
  process.stderr.write(
    `${id} is withdrawn: gone from pages, feeds, search and alerts; its address answers 410\n`,
  );
}

async function restore(id: number): Promise<void> {
  if (!(await restorePost(id))) {
    if ((await getPost(id)) === undefined) throw unknown(id);
    throw new TagwireError(`Post ${id} is not withdrawn.`);
  }
  await indexPosts({ waits: true });
  process.stderr.write(`${id} is shown again\n`);
}

export const command = new Command('posts')
  .description('posts: what is known of one, taking it back, showing it again, their identity')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire posts withdraw 42');

command
  .command('show')
  .description('print what is known of a post')
  .argument('<post>', 'its number or the address of its page here', readId)
  .option('--json', 'as JSON')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire posts show 42 --json')
  .action((id: number, options: { json?: boolean }) =>
    withServers({ database: true }, () => show(id, options)),
  );

for (const [name, what, work] of [
  ['withdraw', 'take a post from pages, feeds, search and alerts, for good', withdraw],
  ['restore', 'show a withdrawn post again', restore],
] as const) {
  command
    .command(name)
    .description(what)
    .argument('<post>', 'its number or the address of its page here', readId)
    .addHelpText('after', `\nExample:\n  $ bin/tagwire posts ${name} 42`)
    .action((id: number) => withServers({ database: true, search: true }, () => work(id)));
}

command
  .command('canonicalise')
  .description('make the identity of addresses anew, after an upgrade that changed its rules')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire posts canonicalise')
  .action(() => withServers({ database: true, search: true }, canonicalise));

command
  .command('forget-picture')
  .description('remove a picture of posts from the disk of this machine, to be fetched anew')
  .argument('<address>', 'where its publisher has it')
  .addHelpText(
    'after',
    `
Browsers that have seen it may keep it for 30 days.

Example:
  $ bin/tagwire posts forget-picture https://blog.example.org/photo.jpg`,
  )
  .action(async (address: string) => {
    if (!(await dropPicture(address))) {
      throw new TagwireError(
        `No picture is kept of ${oneLine(address)}.`,
        'Name it as the post has it: its address with all that stands behind the question mark.',
      );
    }
    process.stderr.write('forgotten\n');
  });
