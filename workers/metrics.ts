import { Counter, collectDefaultMetrics, Gauge, Histogram, register } from 'prom-client';
import { config } from '../lib/config.ts';
import type { FetchOutcome, PollReport } from '../lib/model/feed.ts';
import type { Exchange } from '../lib/model/fetching.ts';
import { readMailboxAddress } from '../lib/model/mailbox-address.ts';
import { getMailboxState } from '../lib/store/mailboxes.ts';
import { countPostsToIndex } from '../lib/store/search-queue.ts';
import { countSubscriptions } from '../lib/store/websub.ts';

// What a worker tells Prometheus. Names end in their unit.

const polls = new Counter({
  name: 'tagwire_polls_total',
  help: 'Polls by how they ended',
  labelNames: ['outcome'],
});
const posts = new Counter({
  name: 'tagwire_posts_saved_total',
  help: 'Posts that polls and pushes brought, new and changed',
  labelNames: ['change'],
});
const pollSeconds = new Histogram({
  name: 'tagwire_poll_duration_seconds',
  help: 'From claiming a feed to having its posts stored',
  buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60],
});

const requests = new Counter({
  name: 'tagwire_fetch_requests_total',
  help: 'Requests sent to the servers of feeds, by how the fetch ended',
  labelNames: ['outcome'],
});
const bytes = new Counter({
  name: 'tagwire_fetch_bytes_total',
  help: 'Bytes of bodies that they answered, as they came and after decompression',
  labelNames: ['as'],
});
const rests = new Counter({
  name: 'tagwire_fetch_retry_after_total',
  help: 'Answers with a Retry-After, which is obeyed',
});

new Gauge({
  name: 'tagwire_posts_to_index',
  help: 'Posts that wait for the search index',
  async collect() {
    this.set((await countPostsToIndex()).waiting);
  },
});

/**
 * Counts what one fetch came to on the wire. `discovery`: it looked for the feed of a page; `page`:
 * for the full text of a post.
 */
export function countExchange(
  outcome: FetchOutcome['kind'] | 'discovery' | 'page' | 'robots' | 'icon',
  exchange: Exchange,
) {
  requests.inc({ outcome }, exchange.requests);
  bytes.inc({ as: 'received' }, exchange.wireBytes);
  bytes.inc({ as: 'decompressed' }, exchange.bodyBytes);
}

/** Counts how a feed answered. */
export function countFetch(fetched: FetchOutcome & { exchange: Exchange }): void {
  countExchange(fetched.kind, fetched.exchange);
  if ('retryAfterSeconds' in fetched) rests.inc();
}

const pages = new Counter({
  name: 'tagwire_pages_read_total',
  help: 'Pages read for the full text of posts, by what became of it',
  labelNames: ['outcome'],
});

/** Counts a page that was read for the full text of its post, or not. */
export function countPage(outcome: string): void {
  pages.inc({ outcome });
}

const pushes = new Counter({
  name: 'tagwire_websub_pushes_total',
  help: 'What hubs have brought, by what became of it',
  labelNames: ['outcome'],
});
const pings = new Counter({
  name: 'tagwire_websub_pings_total',
  help: 'Requests that tell our own hub of changed lists, by its answer',
  labelNames: ['answer'],
});

new Gauge({
  name: 'tagwire_websub_subscriptions',
  help: 'Subscriptions with hubs',
  labelNames: ['status'],
  async collect() {
    for (const [status, count] of Object.entries(await countSubscriptions(new Date()))) {
      this.set({ status }, count);
    }
  },
});

// From the database: each worker tells the same. Without a mailbox there is nothing to tell.
const mailboxMessages = new Counter({
  name: 'tagwire_mailbox_messages_total',
  help: 'Messages in the mailbox of MAIL_BOUNCES_URL by what became of them',
  labelNames: ['mailbox', 'outcome'],
});
const mailboxFailures = new Gauge({
  name: 'tagwire_mailbox_failures',
  help: 'Looks into the mailbox in a row that failed',
  labelNames: ['mailbox'],
});
const mailboxReadAt = new Gauge({
  name: 'tagwire_mailbox_read_timestamp_seconds',
  help: 'When the mailbox was last read to its end; 0: never',
  labelNames: ['mailbox'],
});

/** One read for all three. */
async function setMailbox(): Promise<void> {
  const mailbox = readMailboxAddress(config().mailBouncesUrl ?? '')?.name;
  const state = mailbox === undefined ? undefined : await getMailboxState(mailbox);
  for (const each of [mailboxMessages, mailboxFailures, mailboxReadAt]) each.reset();
  if (mailbox === undefined || state === undefined) return;
  for (const [outcome, count] of Object.entries(state.counts)) {
    mailboxMessages.inc({ mailbox, outcome }, count);
  }
  mailboxFailures.set({ mailbox }, state.failures);
  mailboxReadAt.set({ mailbox }, (state.readAt?.getTime() ?? 0) / 1000);
}

/** Counts a push that has been read, or not. */
export function countPush({
  outcome,
  inserted,
  updated,
}: {
  outcome: string;
  inserted: number;
  updated: number;
}): void {
  pushes.inc({ outcome });
  posts.inc({ change: 'new' }, inserted);
  posts.inc({ change: 'changed' }, updated);
}

/** Counts a request to our own hub. */
export function countPing(answer: string): void {
  pings.inc({ answer });
}

/** Counts a poll that has ended. */
export function countPoll(report: PollReport): void {
  polls.inc({ outcome: report.outcome });
  posts.inc({ change: 'new' }, report.inserted);
  posts.inc({ change: 'changed' }, report.updated);
  pollSeconds.observe(report.ms / 1000);
}

/** Also tells of the process itself: memory, CPU, event loop. */
export function collectProcessMetrics(): void {
  collectDefaultMetrics();
}

/** Everything in Prometheus' text format, with its content type. */
export async function renderMetrics(): Promise<{ contentType: string; text: string }> {
  await setMailbox();
  return { contentType: register.contentType, text: await register.metrics() };
}
