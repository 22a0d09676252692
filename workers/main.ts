import { Logger, run } from 'graphile-worker';
import cron from 'node-cron';
import { config } from '../lib/config.ts';
import { closeDb, dbPool } from '../lib/db.ts';
import { closeFetchConnections } from '../lib/fetch/client.ts';
import { closeReadThreads } from '../lib/ingest/read-feed.ts';
import { log } from '../lib/log.ts';
import { closeMail } from '../lib/mail/send.ts';
import { foldAlertCounts, pruneAlertCounts } from '../lib/store/alert-counts.ts';
import { pruneAlertWords } from '../lib/store/alert-words.ts';
import { pruneWishes } from '../lib/store/alerts.ts';
import { pruneCacheEvents } from '../lib/store/cache-events.ts';
import { releaseDrafts } from '../lib/store/held-drafts.ts';
import { tidyHosts } from '../lib/store/host-turns.ts';
import { enqueueNow, type JobName } from '../lib/store/jobs.ts';
import { pruneFeedDays } from '../lib/store/ledger.ts';
import { endSilentMailboxes } from '../lib/store/mailboxes.ts';
import { pruneNotices } from '../lib/store/notices.ts';
import { prunePictureSizes } from '../lib/store/picture-sizes.ts';
import { queueUntagged } from '../lib/store/retags.ts';
import { countSearchWords } from '../lib/store/search-words.ts';
import { pruneSiteWishes } from '../lib/store/site-wishes.ts';
import { pruneBands } from '../lib/store/story-candidates.ts';
import { proposeMerges } from '../lib/store/tag-proposals.ts';
import { judgeTags } from '../lib/store/tag-rules.ts';
import { pruneEvents } from '../lib/store/webhook-events.ts';
import { refreshFeedCount } from './feed-count.ts';
import { serveHealth } from './health.ts';
import { askHubs } from './jobs/ask-hubs.ts';
import { askSites } from './jobs/ask-sites.ts';
import { buildDigests } from './jobs/build-digests.ts';
import { chooseAnchors } from './jobs/choose-anchors.ts';
import { deliverMail } from './jobs/deliver-mail.ts';
import { findIcons } from './jobs/find-icons.ts';
import { indexPosts } from './jobs/index-posts.ts';
import { mailNotices } from './jobs/mail-notices.ts';
import { matchAlerts } from './jobs/match-alerts.ts';
import { pingOwnHub } from './jobs/ping-hub.ts';
import { pollDueFeeds } from './jobs/poll-feeds.ts';
import { readMailReports } from './jobs/read-mail-reports.ts';
import { readMailbox } from './jobs/read-mailbox.ts';
import { readPages } from './jobs/read-pages.ts';
import { retagPosts } from './jobs/retag-posts.ts';
import { sendEvents } from './jobs/send-events.ts';
import { setBodies } from './jobs/set-bodies.ts';
import { takePushes } from './jobs/take-pushes.ts';
import { tellChanges } from './jobs/tell-changes.ts';
import { tellQuiet } from './jobs/tell-quiet.ts';
import { NetworkWatch, OUTAGES } from './network-watch.ts';

// The crontab and the runner; what is done stands in jobs/.

const JOBS_AT_ONCE = 4;
/** Posts without tags are looked at again for so long: tags become known by other feeds. */
const UNTAGGED_HOURS = 3;
/**
 * After this a stopping worker leaves what is in flight: leases end by themselves. Container
 * runtimes and `up` end a process by force after 10 s.
 */
const STOP_MS_MAX = 8_000;

/** Jobs that SQL enqueues. */
const JOBS: Record<JobName, (signal: AbortSignal) => Promise<unknown>> = {
  'index-posts': () => indexPosts(),
  'match-alerts': () => matchAlerts(),
  'deliver-mail': (signal) => deliverMail(signal),
  'send-events': (signal) => sendEvents({ signal }),
  'take-pushes': (signal) => takePushes(signal),
  'read-mail-reports': (signal) => readMailReports(signal),
  'retag-posts': (signal) => retagPosts({ signal }),
};

const logger = new Logger((scope) => (level, message, meta) => {
  if (level === 'debug' || level === 'info') return;
  log[level === 'error' ? 'error' : 'warn']('jobs.message', {
    message,
    job: scope.taskIdentifier,
    ...meta,
  });
});

/** What is no longer needed goes, at times that are well apart. */
const TIDYING: [pattern: string, name: string, work: () => Promise<unknown>][] = [
  ['0 13 * * * *', 'prune counts of alerts', pruneAlertCounts],
  ['0 7 * * * *', 'prune cache events', pruneCacheEvents],
  ['0 43 * * * *', 'prune events', pruneEvents],
  ['0 33 3 * * *', 'prune words of alerts', pruneAlertWords],
  ['0 17 * * * *', 'prune wishes', () => pruneWishes()],
  ['0 23 3 * * *', 'prune bands', pruneBands],
  ['0 27 * * * *', 'prune notices', pruneNotices],
  ['0 33 * * * *', 'end notices of mailboxes', endSilentMailboxes],
  ['0 37 * * * *', 'tidy hosts', tidyHosts],
  ['0 57 2 * * *', 'prune wishes of sites', pruneSiteWishes],
  ['0 27 2 * * *', 'prune days of the ledger', pruneFeedDays],
];

/**
 * Runs a worker until `signal` is aborted: polls due feeds, works the job queue off, sweeps.
 * Any number of them may run on any number of machines.
 */
async function runWorker(signal: AbortSignal): Promise<void> {
  const health = await serveHealth();
  const runner = await run({
    pgPool: dbPool(),
    concurrency: JOBS_AT_ONCE,
    noHandleSignals: true,
    logger,
    taskList: Object.fromEntries(
      Object.entries(JOBS).map(([name, job]) => [name, async () => void (await job(signal))]),
    ),
  });
  await refreshFeedCount();
  const watch = new NetworkWatch(OUTAGES);
  const pollTick = schedule('*/5 * * * * *', 'poll due feeds', () => pollDueFeeds(signal, watch));
  const tagsTick = schedule('0 37 3 * * *', 'look through tags', lookThroughTags);
  const ticks = [
    pollTick,
    // Events that failed come again within seconds.
    schedule('*/10 * * * * *', 'send events', () => sendEvents({ signal })),
    schedule('*/5 * * * * *', 'read pages', () => readPages({ signal })),
    schedule('*/10 * * * * *', 'ask hubs', () => askHubs({ signal })),
    schedule('15 */10 * * * *', 'ask sites', () => askSites(signal)),
    schedule('25 */5 * * * *', 'find icons', () => findIcons(signal)),
    schedule('*/5 * * * * *', 'ping our hub', () => pingOwnHub({ signal })),
    // A job can be lost or give up; the rows that it was for are still there.
    schedule('20 * * * * *', 'sweep', async () => {
      for (const name of Object.keys(JOBS)) await enqueueNow(name as JobName);
    }),
    schedule('35 * * * * *', 'set bodies', () => setBodies(signal)),
    schedule('40 * * * * *', 'build digests', () => buildDigests()),
    schedule('10 * * * * *', 'tell changes', () => tellChanges()),
    schedule('45 * * * * *', 'tell quiet alerts', () => tellQuiet()),
    schedule('10 * * * * *', 'read mailbox', () => readMailbox({ signal, isDueOnly: true })),
    schedule('50 * * * * *', 'mail notices', mailNotices),
    schedule('30 */10 * * * *', 'count feeds', refreshFeedCount),
    schedule('5 * * * * *', 'count words of searches', countSearchWords),
    schedule('25 * * * * *', 'fold counts of alerts', foldAlertCounts),
    schedule('0 53 3 * * *', 'choose anchors', () => chooseAnchors(signal)),
    schedule('55 * * * * *', 'release held drafts', () => releaseDrafts(new Date())),
    schedule('0 7 3 * * *', 'prune sizes of pictures', () => prunePictureSizes({ signal })),
    schedule('0 47 * * * *', 'find tags again', () => queueUntagged(UNTAGGED_HOURS)),
    ...TIDYING.map(([pattern, name, work]) => schedule(pattern, name, work)),
    tagsTick,
  ];
  // Somebody may be waiting for the first posts.
  pollTick.begin();
  // A new version may have new rules, and a new house has no proposals yet.
  tagsTick.begin();
  log.info('worker.started', { siteUrl: config().siteUrl });
  if (config().smtpUrl === undefined) {
    log.warn('mail.off', { why: 'SMTP_URL is not set; mails wait until it is' });
  }
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  log.info('worker.stopping');
  const giveUp = setTimeout(() => {
    log.warn('worker.stopped_hard', { afterMs: STOP_MS_MAX });
    process.exit(1);
  }, STOP_MS_MAX);
  await Promise.all(ticks.map((tick) => tick.stop()));
  await runner.stop();
  health.stop();
  await closeReadThreads();
  await closeFetchConnections();
  closeMail();
  await closeDb();
  clearTimeout(giveUp);
  log.info('worker.stopped');
}

/** Hides names that say nothing, and proposes merges of those that may be one. */
async function lookThroughTags(): Promise<void> {
  await judgeTags();
  await proposeMerges();
}

/** Does `work` at the times of a cron pattern; a time that comes while it still goes on is left out. */
function schedule(pattern: string, name: string, work: () => Promise<unknown>) {
  let running: Promise<void> | undefined;
  const once = async () => {
    try {
      await work();
    } catch (error) {
      log.error('tick.failed', { tick: name, error });
    }
    running = undefined;
  };
  const begin = () => {
    running ??= once();
  };
  // node-cron's own noOverlap writes a line for each time left out, and cannot be waited for.
  const task = cron.schedule(pattern, begin, {
    name,
    timezone: 'UTC',
    suppressMissedWarning: true,
  });
  return {
    /** Does the work now, beside its times. */
    begin,
    /** Ends the ticks; resolves when the last one's work is done. */
    async stop(): Promise<void> {
      await task.destroy();
      await running;
    },
  };
}

const stop = new AbortController();
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => stop.abort());
// Whoever started this process is gone.
process.on('disconnect', () => stop.abort());
try {
  await runWorker(stop.signal);
} catch (error) {
  log.error('worker.failed', { error });
  process.exitCode = 1;
} finally {
  process.disconnect?.();
}
