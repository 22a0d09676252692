import { log } from '../../lib/log.ts';
import { matchNextPosts } from '../../lib/store/match-queue.ts';

/**
 * Matches every post that waits for it with the alerts, and leaves the mails of instant alerts to
 * be delivered. May run twice and anywhere: a post meets an alert at most once.
 * @param options.waits to wait for posts that another worker is matching.
 * @returns how many posts were matched.
 */
export async function matchAlerts(options: { waits?: boolean } = {}): Promise<number> {
  let done = 0;
  for (;;) {
    const started = performance.now();
    const batch = await matchNextPosts(options);
    if (batch.posts === 0) return done;
    done += batch.posts;
    log.info('posts.matched', { ...batch, ms: Math.round(performance.now() - started) });
  }
}
