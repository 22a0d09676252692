import { Counter, collectDefaultMetrics, Gauge, Histogram, register } from 'prom-client';
import type { PollReport } from '../lib/model/feed.ts';
import { countPostsToIndex } from '../lib/store/search-queue.ts';

// What a worker tells Prometheus. Names end in their unit.

const polls = new Counter({
  name: 'tagwire_polls_total',
  help: 'Polls by how they ended',
  labelNames: ['outcome'],
});
const posts = new Counter({
  name: 'tagwire_posts_saved_total',
  help: 'Posts that polls brought, new and changed',
  labelNames: ['change'],
});
const pollSeconds = new Histogram({
  name: 'tagwire_poll_duration_seconds',
  help: 'From claiming a feed to having its posts stored',
  buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60],
});

new Gauge({
  name: 'tagwire_posts_to_index',
  help: 'Posts that wait for the search index',
  async collect() {
    this.set((await countPostsToIndex()).waiting);
  },
});

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
  return { contentType: register.contentType, text: await register.metrics() };
}
