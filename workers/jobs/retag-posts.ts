import { tagsOf } from '../../lib/ingest/tags.ts';
import { log } from '../../lib/log.ts';
import { retagNextPosts } from '../../lib/store/retags.ts';
import { moveMergedPosts } from '../../lib/store/tag-merges.ts';

interface Options {
  /** Ends it after the step that it is at. */
  signal?: AbortSignal;
  /** To wait for posts that another worker has begun with, so that none is left at the end. */
  waits?: boolean;
  /** Told after each step how many posts have been looked at. */
  onProgress?: (posts: number) => void;
}

/**
 * Has posts follow what was done to tags: moves those of merged tags, then looks at the tags of
 * every post in the queue again. Newest first. May run twice and anywhere.
 * @returns how many posts were looked at.
 */
export async function retagPosts({ signal, waits, onProgress }: Options = {}): Promise<number> {
  const started = performance.now();
  while (!signal?.aborted && (await moveMergedPosts()));
  let done = 0;
  while (!signal?.aborted) {
    const posts = await retagNextPosts(tagsOf, { waits: waits ?? false });
    if (posts === 0) break;
    done += posts;
    onProgress?.(done);
  }
  const ms = Math.round(performance.now() - started);
  if (done > 0) log.info('posts.retagged', { posts: done, ms });
  return done;
}
