import { indexPosts } from './jobs/index-posts.ts';

/**
 * Does at once what a poll leaves to the job queue: index the posts and match the alerts. When a
 * worker has begun with it, waits for that to end.
 */
export async function finishFollowUp(): Promise<void> {
  await indexPosts({ waits: true });
}
