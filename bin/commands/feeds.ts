import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { config } from '../../lib/config.ts';
import { TagwireError, unreachable } from '../../lib/errors.ts';
import { checkUrlForm } from '../../lib/fetch/guard.ts';
import { discoverFeed } from '../../lib/ingest/discover.ts';
import { closeReadThreads } from '../../lib/ingest/read-feed.ts';
import { removeDocuments } from '../../lib/search/index-documents.ts';
import {
  addFeeds,
  type FeedRow,
  type FeedSettings,
  findFeedByUrl,
  listFeeds,
  type NewFeed,
  removeFeed,
  setFeed,
  spreadSeconds,
} from '../../lib/store/feeds.ts';
import { describeSubscription } from '../../lib/store/websub.ts';
import { readOpml, writeOpml } from '../../lib/syndicate/opml.ts';
import { withServers } from '../servers.ts';
import { oneLine, plural, whyUnread } from '../terminal-text.ts';

const URL_NEXT = 'Give the address of a feed, like https://lwn.net/headlines/newrss';

/** The address in its stored form. @throws TagwireError when it cannot be a feed's address. */
function acceptUrl(text: string): string {
  if (!URL.canParse(text)) throw new TagwireError(`"${text}" is no address.`, URL_NEXT);
  const verdict = checkUrlForm(text, config().fetchAllow);
  if (!verdict.allowed) {
    throw new TagwireError(
      `${text} is not fetched: ${verdict.reason}.`,
      'If this is a feed of your own network, open its range with FETCH_ALLOW.',
    );
  }
  return new URL(text).href;
}

/**
 * The feed at an address, or that of the page there, with what it holds.
 * @throws TagwireError when there is none, or several to choose from.
 */
async function findFeed(url: string): Promise<{ url: string; title: string; posts: number }> {
  const found = await discoverFeed(url);
  await closeReadThreads();
  switch (found.kind) {
    case 'feed':
      return { ...found, url: acceptUrl(found.url) };
    case 'choice': {
      const list = found.feeds.map((feed) => `  ${feed.url}${feed.title ? `  ${feed.title}` : ''}`);
      throw new TagwireError(
        `${url} is a web page with ${found.feeds.length} feeds.`,
        `Give the address of the one you want:\n${list.join('\n')}`,
      );
    }
    case 'none':
      throw new TagwireError(
        found.message,
        `${URL_NEXT}, or add it unseen with --no-check. A feed of your own network needs its ` +
          'range in FETCH_ALLOW.',
      );
    default:
      return unreachable(found);
  }
}

const collect = (value: string, before: string[]) => [...before, value];

async function add(urls: string[], options: { check: boolean; tag: string[] }): Promise<void> {
  const failures: string[] = [];
  for (const text of urls) {
    try {
      const given = acceptUrl(text);
      const seen = options.check ? await findFeed(given) : undefined;
      const url = seen?.url ?? given;
      const [added] = await addFeeds([{ url, tags: options.tag }]);
      const what = seen ? `  "${oneLine(seen.title)}", ${seen.posts} posts` : '';
      console.log(`${added?.isNew ? 'added' : 'already there'}  ${url}${what}`);
    } catch (error) {
      // One bad address of several must not keep the others out.
      if (!(error instanceof TagwireError) || urls.length === 1) throw error;
      failures.push(text);
      process.stderr.write(`tagwire: ${error.message}\n`);
    }
  }
  if (failures.length > 0) {
    throw new TagwireError(`${failures.length} of ${urls.length} feeds were not added.`, URL_NEXT);
  }
}

async function importFile(file: string): Promise<void> {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new TagwireError(`${file} cannot be read: ${whyUnread(error)}`, 'Give an OPML file.');
  }
  const outlines = readOpml(text);
  if (outlines === undefined || outlines.length === 0) {
    throw new TagwireError(
      `${file === '-' ? 'Standard input' : file} lists no feeds: it holds no outline with an xmlUrl.`,
      'Export your subscriptions as OPML and give that file.',
    );
  }
  const wanted: NewFeed[] = [];
  let refused = 0;
  for (const { url, title, tags } of outlines) {
    try {
      wanted.push({ url: acceptUrl(url), ...(title ? { title } : {}), tags });
    } catch (error) {
      if (!(error instanceof TagwireError)) throw error;
      refused++;
      console.log(`refused        ${url}  ${error.message}`);
    }
  }
  let added = 0;
  for (const feed of await addFeeds(wanted)) {
    if (feed.isNew) added++;
    console.log(`${feed.isNew ? 'added        ' : 'already there'}  ${feed.url}`);
  }
  process.stderr.write(
    `${plural(outlines.length, 'feed')} listed: ${added} added, ${wanted.length - added} already there, ` +
      `${refused} refused\n`,
  );
  const seconds = spreadSeconds(wanted.length);
  if (added > 0 && seconds > 0) {
    process.stderr.write(
      `Their first polls are spread over ${plural(Math.ceil(seconds / 60), 'minute')}; ` +
        '`bin/tagwire poll --all` asks all of them now.\n',
    );
  }
  if (refused > 0) process.exitCode = 1;
}

async function known(url: string): Promise<FeedRow> {
  const feed = await findFeedByUrl(URL.canParse(url) ? new URL(url).href : url);
  if (feed !== undefined) return feed;
  throw new TagwireError(
    `There is no feed with the address ${url}.`,
    '`bin/tagwire feeds list` shows the feeds that there are.',
  );
}

const nameOf = (feed: FeedRow) => feed.titleOverride ?? feed.title;

function printFeed(feed: FeedRow): void {
  const state = feed.errorCount > 0 ? `failing (${feed.errorCount})` : feed.status;
  console.log(`${state.padEnd(12)} ${feed.url}  ${nameOf(feed)}`);
  if (feed.errorText !== null) console.log(`${' '.repeat(13)}${feed.errorText}`);
}

const DISPLAYS = ['full', 'excerpt', 'link'] as const;

/** KEY=VALUE pairs of `feeds set`. @throws TagwireError for a key or value that there is not. */
function readSettings(pairs: string[]): FeedSettings {
  const settings: FeedSettings = {};
  for (const pair of pairs) {
    const [key = '', ...rest] = pair.split('=');
    const value = rest.join('=');
    if (key === 'title') settings.title = value === '' ? null : value;
    else if (key === 'tags') settings.feedTags = value.split(',').filter((tag) => tag !== '');
    else if (key === 'display' && DISPLAYS.some((one) => one === value)) {
      settings.display = value as (typeof DISPLAYS)[number];
    } else {
      throw new TagwireError(
        `"${pair}" cannot be set.`,
        'There are title=TEXT, tags=ONE,TWO and display=full, excerpt or link.',
      );
    }
  }
  return settings;
}

const DATABASE = { database: true } as const;

export const command = new Command('feeds')
  .description('the feeds that are polled')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire feeds add https://lwn.net/headlines/newrss');

command
  .command('add')
  .description('fetch a feed to see that it is one, and add it')
  .argument('<url...>', 'addresses of feeds, or of sites that name one')
  .option('--no-check', 'add it unseen')
  .option('--tag <name>', 'a tag that all its posts get; may be given again', collect, [])
  .addHelpText('after', '\nExample:\n  $ bin/tagwire feeds add https://lwn.net/headlines/newrss')
  .action((urls: string[], options: { check: boolean; tag: string[] }) =>
    withServers(DATABASE, () => add(urls, options)),
  );

command
  .command('import')
  .description('add the feeds of an OPML file; its folders become tags')
  .argument('<file>', 'an OPML file, or - for standard input')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire feeds import subscriptions.opml')
  .action((file: string) => withServers(DATABASE, () => importFile(file)));

command
  .command('export')
  .description('print the feeds as OPML')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire feeds export > feeds.opml')
  .action(() =>
    withServers(DATABASE, async () => {
      const feeds = (await listFeeds()).map((feed) => ({
        title: nameOf(feed),
        url: feed.url,
        tags: feed.feedTags,
        ...(feed.siteUrl === null ? {} : { siteUrl: feed.siteUrl }),
      }));
      console.log(writeOpml(config().siteTitle, feeds, new Date()));
    }),
  );

command
  .command('list')
  .description('list the feeds with their state')
  .option('--json', 'as JSON')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire feeds list --json | jq .[].url')
  .action((options: { json?: boolean }) =>
    withServers(DATABASE, async () => {
      const feeds = await listFeeds();
      if (options.json) return console.log(JSON.stringify(feeds, null, 2));
      feeds.forEach(printFeed);
      process.stderr.write(`${plural(feeds.length, 'feed')}\n`);
    }),
  );

command
  .command('show')
  .description('print everything that is known of a feed, with its subscription with a hub')
  .argument('<url>')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire feeds show https://lwn.net/headlines/newrss')
  .action((url: string) =>
    withServers(DATABASE, async () => {
      const feed = await known(url);
      const subscription = await describeSubscription(feed.id);
      console.log(JSON.stringify({ ...feed, subscription }, null, 2));
    }),
  );

for (const [name, status, what] of [
  ['pause', 'paused', 'stop polling a feed; its posts stay'],
  ['resume', 'active', 'poll a paused or ended feed again'],
] as const) {
  command
    .command(name)
    .description(what)
    .argument('<url>')
    .addHelpText(
      'after',
      `\nExample:\n  $ bin/tagwire feeds ${name} https://lwn.net/headlines/newrss`,
    )
    .action((url: string) =>
      withServers(DATABASE, async () => {
        await setFeed((await known(url)).id, { status });
        process.stderr.write(`${url} is ${status}\n`);
      }),
    );
}

command
  .command('set')
  .description('change how a feed is named, tagged and shown')
  .argument('<url>')
  .argument('<key=value...>', 'title=TEXT, tags=ONE,TWO, display=full|excerpt|link')
  .addHelpText(
    'after',
    '\nExample:\n  $ bin/tagwire feeds set https://lwn.net/headlines/newrss display=excerpt',
  )
  .action((url: string, pairs: string[]) =>
    withServers(DATABASE, async () => {
      const settings = readSettings(pairs);
      await setFeed((await known(url)).id, settings);
      process.stderr.write(`${url} is set\n`);
    }),
  );

command
  .command('remove')
  .description('stop polling a feed and remove its posts')
  .argument('<url>')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire feeds remove https://lwn.net/headlines/newrss')
  .action((url: string) =>
    withServers({ database: true, search: true }, async () => {
      const ids = await removeFeed((await known(url)).id);
      await removeDocuments(ids ?? []);
      process.stderr.write(`${url} is removed, with ${ids?.length ?? 0} posts\n`);
    }),
  );
