import cliProgress from 'cli-progress';
import { Command } from 'commander';
import { config } from '../../lib/config.ts';
import { until } from '../../lib/embedded/process.ts';
import { readRun } from '../../lib/embedded/run-file.ts';
import { TagwireError, unreachable } from '../../lib/errors.ts';
import { logLess } from '../../lib/log.ts';
import type { PollReport } from '../../lib/model/feed.ts';
import { writeMark } from '../../lib/store/cache-events.ts';
import { type FeedRow, listFeeds } from '../../lib/store/feeds.ts';
import { refreshFeedCount } from '../../workers/feed-count.ts';
import { finishFollowUp } from '../../workers/follow-up.ts';
import { pollAll } from '../../workers/jobs/poll-feeds.ts';
import { ChosenFeeds, nextDueFeed, type PassedOver } from '../../workers/next-feed.ts';
import { findTypedFeed } from '../feeds/find-typed.ts';
import { withServers } from '../servers.ts';
import { plural } from '../terminal-text.ts';

/** A site reads what has changed every second, and mostly at once. */
const SITE_MS_MAX = 10_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface Options {
  due?: boolean;
  all?: boolean;
  wait?: boolean;
  json?: boolean;
}

async function chosenFeeds(urls: string[], options: Options): Promise<FeedRow[]> {
  if (options.all) return (await listFeeds()).filter((feed) => feed.status === 'active');
  const feeds: FeedRow[] = [];
  for (const url of urls) {
    const feed = await findTypedFeed(url);
    if (feed === undefined) {
      throw new TagwireError(
        URL.canParse(url)
          ? `There is no feed with the address ${url}.`
          : `"${url}" is no address of a feed.`,
        '`bin/tagwire feeds list` shows the feeds, `bin/tagwire feeds add URL` adds one.',
      );
    }
    feeds.push(feed);
  }
  return feeds;
}

function printLine(report: PollReport): void {
  const news = [
    ...(report.inserted > 0 ? [`${report.inserted} new`] : []),
    ...(report.updated > 0 ? [`${report.updated} changed`] : []),
  ];
  const what = report.message ?? (news.length > 0 ? news.join(', ') : 'nothing new');
  console.log(`${report.outcome.padEnd(12)} ${report.url}  ${what}  (${report.ms} ms)`);
}

/** What is said of a feed that is not polled, even by hand: its server has asked for rest. */
function passedOver({ id: feedId, url, title }: FeedRow, why: PassedOver): PollReport {
  const nothing = { feedId, url, title, inserted: 0, updated: 0, ms: 0 };
  switch (why.kind) {
    case 'resting': {
      const message = `its server asked for rest until ${why.until.toISOString()}`;
      return { ...nothing, outcome: 'rate-limited', message };
    }
    case 'removed':
      return { ...nothing, outcome: 'failed', message: 'it has been removed' };
    default:
      return unreachable(why);
  }
}

async function poll(urls: string[], options: Options): Promise<void> {
  const feeds = await chosenFeeds(urls, options);
  await refreshFeedCount();
  const reports: PollReport[] = [];
  const bar = new cliProgress.SingleBar({
    format: 'polling {bar} {value} of {total} feeds',
    stream: process.stderr,
    clearOnComplete: true,
  });
  // Without a known number of feeds (--due) or a terminal, the lines themselves are the progress.
  const showsBar = process.stderr.isTTY && !options.due;
  if (showsBar) bar.start(feeds.length, 0);
  const onReport = (report: PollReport) => {
    reports.push(report);
    // The line takes the bar's place, which is drawn again below it.
    if (showsBar) process.stderr.write('\r\u001B[K');
    if (!options.json) printLine(report);
    if (showsBar) bar.increment();
  };
  const chosen = new ChosenFeeds(feeds, (feed, why) => onReport(passedOver(feed, why)));
  const next = options.due ? nextDueFeed : () => chosen.next();
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  // Feeds in flight are given back, so that others need not wait for their leases to end.
  for (const name of SIGNALS) process.once(name, onSignal);
  await pollAll(next, { onReport, signal: stop.signal });
  for (const name of SIGNALS) process.off(name, onSignal);
  if (showsBar) bar.stop();
  if (stop.signal.aborted) {
    throw new TagwireError(
      `Stopped after ${reports.length} feeds.`,
      'What was read of them is stored; the others are polled when they are due.',
    );
  }
  if (options.wait) {
    await finishFollowUp();
    await waitForSite();
  }
  if (options.json) console.log(JSON.stringify(reports, null, 2));
  const failed = reports.filter(({ outcome }) => outcome !== 'read' && outcome !== 'unchanged');
  process.stderr.write(
    `${plural(reports.length, 'feed')} polled, ${failed.length} of them failed\n`,
  );
  if (failed.length > 0) process.exitCode = 1;
}

/** Returns when the site of the running `up`, if there is one, shows what was written so far. */
async function waitForSite(): Promise<void> {
  const { DATABASE_URL, SITE_URL: siteUrl } = readRun(config().dataDir)?.settings ?? {};
  // With DATABASE_URL in the environment, an `up` may run here that has nothing to do with it.
  if (siteUrl === undefined || DATABASE_URL !== config().databaseUrl) return;
  const address = `${siteUrl}/readyz?event=${await writeMark()}`;
  const isShown = await until(async () => {
    try {
      const answer = await fetch(address, { signal: AbortSignal.timeout(SITE_MS_MAX) });
      return ((await answer.json()) as { isShown?: boolean }).isShown === true;
    } catch {
      return false; // it is being started or stopped
    }
  }, SITE_MS_MAX);
  if (!isShown) process.stderr.write(`The site ${siteUrl} does not show the new posts yet.\n`);
}

export const command = new Command('poll')
  .description('ask feeds now, once, whatever their next check time says')
  .argument('[url...]', 'addresses of feeds')
  .option('--due', 'the feeds that are due')
  .option('--all', 'every active feed')
  .option('--wait', 'return when the posts are also indexed, matched and on the site')
  .option('--json', 'one JSON array of outcomes')
  .addHelpText(
    'after',
    `
Prints a line for each feed, and exits with 1 if any of them failed. A server that asked for
rest (Retry-After) is not asked; a paused feed is, when it is named. Feeds of one host are asked
one after the other, with a pause, in turns with the workers that run.

Examples:
  $ bin/tagwire poll --all
  $ bin/tagwire poll --wait https://lwn.net/headlines/newrss`,
  )
  .action(async (urls: string[], options: Options) => {
    if (urls.length === 0 && !options.due && !options.all) {
      throw new TagwireError('Which feeds?', 'Name their addresses, or say --due or --all.');
    }
    if ([urls.length > 0, options.due, options.all].filter(Boolean).length > 1) {
      throw new TagwireError(
        'Addresses, --due and --all are three ways to choose feeds.',
        'Take one of them.',
      );
    }
    // Each feed's line says what a log line would say.
    logLess('error');
    await withServers({ database: true, search: options.wait === true }, () => poll(urls, options));
  });
