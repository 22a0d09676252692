import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { countKeptBytes } from '../../lib/pictures/picture-cache.ts';
import { readQueues } from '../../lib/queries/admin.ts';
import { readCountTotals } from '../../lib/queries/alert-counts.ts';
import { shared } from '../../lib/serve/shared.ts';

const registry = new Registry();
collectDefaultMetrics({ register: registry });

/** A number that is read when it is asked for. */
function gauge(name: string, help: string, read: () => number): void {
  const metric: Gauge = new Gauge({ name, help, registers: [registry], collect });
  function collect() {
    metric.set(read());
  }
}

/** The same for what only grows: it is counted elsewhere, in plain numbers. */
function counter(name: string, help: string, read: () => number): void {
  const metric: Counter = new Counter({ name, help, registers: [registry], collect });
  function collect() {
    metric.reset();
    metric.inc(read());
  }
}

const cache = () => shared().cache.size;
const counted = () => shared().counters;
gauge('tagwire_cache_entries', 'Answers in the response cache', () => cache().entries);
gauge('tagwire_cache_bytes', 'Room that they take', () => cache().bytes);
counter('tagwire_not_modified_total', 'Answers 304', () => counted().notModified);
counter(
  'tagwire_cache_overtaken_total',
  'Renders not kept: what they read had changed meanwhile',
  () => counted().overtaken,
);
counter(
  'tagwire_cache_untagged_total',
  'Renders not kept: what they read is not known',
  () => counted().untagged,
);
counter('tagwire_cache_expired_tags_total', 'Cache tags made stale', () => counted().expired);
const answers = new Counter({
  name: 'tagwire_answers_total',
  help: 'Answers by how they were made',
  labelNames: ['cache'],
  registers: [registry],
  collect() {
    answers.reset();
    for (const [cache, count] of Object.entries(counted().results)) answers.inc({ cache }, count);
  },
});
const requests = new Counter({
  name: 'tagwire_websub_requests_total',
  help: 'Pushes of hubs by how they were answered',
  labelNames: ['answer'],
  registers: [registry],
  collect() {
    requests.reset();
    for (const [answer, count] of Object.entries(counted().pushes)) requests.inc({ answer }, count);
  },
});
const pictures = new Counter({
  name: 'tagwire_pictures_total',
  help: 'Requests for pictures of posts by how they were answered',
  labelNames: ['answer'],
  registers: [registry],
  collect() {
    pictures.reset();
    for (const [answer, count] of Object.entries(counted().pictures)) {
      pictures.inc({ answer }, count);
    }
  },
});
counter(
  'tagwire_picture_bytes_total',
  'Bytes of pictures of posts that went to readers',
  () => counted().pictureBytes,
);
const pictureRefusals = new Counter({
  name: 'tagwire_picture_refusals_total',
  help: 'Pictures of posts that were asked for in vain, by why',
  labelNames: ['reason'],
  registers: [registry],
  collect() {
    pictureRefusals.reset();
    for (const [reason, count] of Object.entries(counted().pictureRefusals)) {
      pictureRefusals.inc({ reason }, count);
    }
  },
});
const picturesKept = new Gauge({
  name: 'tagwire_pictures_kept_bytes',
  help: 'Room that pictures of posts take on this disk, as counted within ten minutes',
  registers: [registry],
  async collect() {
    picturesKept.set(await countKeptBytes());
  },
});
const queue = new Gauge({
  name: 'tagwire_queue_rows',
  help: 'Rows that wait for a worker',
  labelNames: ['queue'],
  registers: [registry],
  async collect() {
    for (const [name, rows] of Object.entries(await readQueues())) queue.set({ queue: name }, rows);
  },
});

// Of the whole house, from the database: each process tells the same, and they are not to be added.
const alertPosts = new Counter({
  name: 'tagwire_alert_posts_published_total',
  help: 'Posts compared with alerts; the same from each site process',
  registers: [registry],
});
const alertPairs = new Counter({
  name: 'tagwire_alert_pairs_total',
  help: 'Pairs of a post and an alert in force by what came of them; the same from each site process',
  labelNames: ['outcome'],
  registers: [registry],
});
const notifications = new Counter({
  name: 'tagwire_alert_notifications_total',
  help: 'Mails and webhook events of alerts by how they ended; the same from each site process',
  labelNames: ['channel', 'outcome'],
  registers: [registry],
});

/** One read for three counters, which would each be asked at once. */
async function setAlertCounts(): Promise<void> {
  const totals = await readCountTotals();
  for (const each of [alertPosts, alertPairs, notifications]) each.reset();
  alertPosts.inc(totals.published);
  alertPairs.inc({ outcome: 'matched' }, totals.matched);
  alertPairs.inc({ outcome: 'filtered_query' }, totals.filteredByQuery);
  alertPairs.inc({ outcome: 'filtered_missing' }, totals.filteredByMissing);
  alertPairs.inc({ outcome: 'filtered_invalid' }, totals.filteredByInvalid);
  notifications.inc({ channel: 'mail', outcome: 'delivered' }, totals.mailDelivered);
  notifications.inc({ channel: 'mail', outcome: 'failed' }, totals.mailFailed);
  notifications.inc({ channel: 'webhook', outcome: 'delivered' }, totals.webhookDelivered);
  notifications.inc({ channel: 'webhook', outcome: 'failed' }, totals.webhookFailed);
}

/** Everything this process counts, and what waits in the database. */
export async function renderMetrics(): Promise<{ body: string; type: string }> {
  await setAlertCounts();
  return { body: await registry.metrics(), type: registry.contentType };
}
