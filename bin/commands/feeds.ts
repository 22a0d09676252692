import { Command, InvalidArgumentError } from 'commander';
import { config } from '../../lib/config.ts';
import { TagwireError } from '../../lib/errors.ts';
import { hindranceOf } from '../../lib/model/full-text.ts';
import { getFetching } from '../../lib/queries/fetching.ts';
import { removeDocuments } from '../../lib/search/index-documents.ts';
import {
  type FeedRow,
  type FeedSettings,
  findFeedByUrl,
  listFeeds,
  removeFeed,
  setFeed,
} from '../../lib/store/feeds.ts';
import { describeSubscription } from '../../lib/store/websub.ts';
import { writeOpml } from '../../lib/syndicate/opml.ts';
import { type AddOptions, addByAddress } from '../feeds/add.ts';
import { importList } from '../feeds/import.ts';
import { describeFeed } from '../feeds/show.ts';
import { withServers } from '../servers.ts';
import { plural } from '../terminal-text.ts';

const collect = (value: string, before: string[]) => [...before, value];

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
  const fullText = feed.fullText && hindranceOf(feed) === undefined ? '  (full text)' : '';
  console.log(`${state.padEnd(12)} ${feed.url}  ${nameOf(feed)}${fullText}`);
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
    } else if (key === 'full-text' && (value === 'on' || value === 'off')) {
      settings.fullText = value === 'on';
    } else {
      throw new TagwireError(
        `"${pair}" cannot be set.`,
        'There are title=TEXT, tags=ONE,TWO, display=full, excerpt or link, and full-text=on or off.',
      );
    }
  }
  return settings;
}

function readNumber(text: string): number {
  if (!/^[1-9]\d{0,2}$/u.test(text)) throw new InvalidArgumentError('It is a number from 1.');
  return Number(text);
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
  .option('--choose <n>', 'which feed of a page that names several, from 1', readNumber)
  .addHelpText(
    'after',
    `
The feed of a site is what its page names, else what lies in one of the usual places.

Examples:
  $ bin/tagwire feeds add https://lwn.net/headlines/newrss
  $ bin/tagwire feeds add --choose 2 lwn.net`,
  )
  .action((urls: string[], options: AddOptions) =>
    withServers(DATABASE, () => addByAddress(urls, options)),
  );

command
  .command('import')
  .description('add the feeds of an OPML list; its folders become tags')
  .argument('<file>', 'an OPML file, the address of one, or - for standard input')
  .addHelpText(
    'after',
    `
Examples:
  $ bin/tagwire feeds import subscriptions.opml
  $ bin/tagwire feeds import https://planet.example.org/sources.opml`,
  )
  .action((place: string) => withServers(DATABASE, () => importList(place)));

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
  .description('print everything that is known of a feed, with its last polls and its hub')
  .argument('<url>')
  .option('--json', 'as JSON, as it also is where no terminal reads it')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire feeds show https://lwn.net/headlines/newrss')
  .action((url: string, options: { json?: boolean }) =>
    withServers(DATABASE, async () => {
      const feed = await known(url);
      const fetching = await getFetching({ url: feed.url });
      const subscription = await describeSubscription(feed.id);
      if (fetching === undefined) throw new Error(`feed ${feed.url} has just been removed`);
      const isForPeople = process.stdout.isTTY && !options.json;
      console.log(
        isForPeople
          ? describeFeed(fetching, subscription).join('\n')
          : JSON.stringify({ ...feed, fetching, subscription }, null, 2),
      );
    }),
  );

command
  .command('pause')
  .description('stop polling a feed; its posts stay')
  .argument('<url>')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire feeds pause https://lwn.net/headlines/newrss')
  .action((url: string) =>
    withServers(DATABASE, async () => {
      await setFeed((await known(url)).id, { status: 'paused' });
      process.stderr.write(`${url} is paused\n`);
    }),
  );

async function resume(url: string, options: { ownerAgreed?: boolean }): Promise<void> {
  const feed = await known(url);
  const ownerAgreed = options.ownerAgreed === true;
  if (!(await setFeed(feed.id, { status: 'active', ownerAgreed }))) {
    throw new TagwireError(
      `The publisher of ${url} has taken it out, by a line in the feed that only its owner can write` +
        `${feed.ownerRemovedAt ? ` (${feed.ownerRemovedAt.toISOString().slice(0, 10)})` : ''}.`,
      'When its publisher has agreed to have it back, say --owner-agreed.',
    );
  }
  process.stderr.write(`${url} is active\n`);
}

command
  .command('resume')
  .description('poll a paused or ended feed again')
  .argument('<url>')
  .option('--owner-agreed', 'also one that its publisher had taken out')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire feeds resume https://lwn.net/headlines/newrss')
  .action((url: string, options: { ownerAgreed?: boolean }) =>
    withServers(DATABASE, () => resume(url, options)),
  );

/** What the setting comes to: it is not always what was asked for. */
function sayFullText(feed: FeedRow): void {
  const hindrance = hindranceOf(feed);
  const words = !feed.fullText
    ? 'its pages are not read; posts that had their full text show the excerpt again'
    : hindrance === undefined
      ? 'the pages of its new posts are read where it gives excerpts; older posts stay as they are'
      : `no page is read: ${hindrance}`;
  process.stderr.write(`full text ${feed.fullText ? 'on' : 'off'}: ${words}\n`);
}

command
  .command('set')
  .description('change how a feed is named, tagged and shown')
  .argument('<url>')
  .argument(
    '<key=value...>',
    'title=TEXT, tags=ONE,TWO, display=full|excerpt|link, full-text=on|off',
  )
  .addHelpText(
    'after',
    `
With full-text=on the pages of new posts are read where the feed gives excerpts, as robots.txt and
the page allow. What its publisher asks for by a line in the feed goes over that.

Examples:
  $ bin/tagwire feeds set https://lwn.net/headlines/newrss display=excerpt
  $ bin/tagwire feeds set https://lwn.net/headlines/newrss full-text=on`,
  )
  .action((url: string, pairs: string[]) =>
    withServers(DATABASE, async () => {
      const settings = readSettings(pairs);
      await setFeed((await known(url)).id, settings);
      process.stderr.write(`${url} is set\n`);
      if (settings.fullText !== undefined) sayFullText(await known(url));
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
