import { log } from '../../lib/log.ts';
import type { PostToIndex } from '../../lib/model/search.ts';
import { SearchUnavailable } from '../../lib/search/client.ts';
import {
  hasIndex,
  indexDocuments,
  PostsRefused,
  prepareIndex,
} from '../../lib/search/index-documents.ts';
import { asOnly } from '../../lib/store/only-one.ts';
import {
  type BatchLimits,
  finishIndexing,
  hasPostsToIndex,
  listPostsToIndex,
  requeuePosts,
} from '../../lib/store/search-queue.ts';

/** One request to Meilisearch; it indexes large batches with less work for each post. */
export const INDEX_BATCH: BatchLimits = { posts: 500, bytes: 8_000_000 };

/** So many refusals say that the server is in trouble (a full disk), not the posts. */
const REFUSED_POSTS_MAX = 10;

/**
 * Indexes every post that waits for it, until none is left. May run twice and anywhere: one
 * indexer works at a time, and a post counts as indexed only when Meilisearch's task succeeded.
 * Where Meilisearch has lost its data, everything is indexed anew.
 * A post that Meilisearch refuses stays in the queue and does not hold up the others.
 * @param options.waits to wait while another indexes; else there is nothing to do then.
 * @returns how many posts were written; 0 with search switched off.
 * @throws SearchUnavailable: the rows stay, and the queue tries again.
 */
export async function indexPosts(options: { waits?: boolean } = {}): Promise<number> {
  const refused = new Set<number>();
  let written = 0;
  try {
    for (;;) {
      const outcome = await asOnly(
        'indexer',
        async () => {
          const isThere = await hasIndex();
          if (isThere === undefined) return 'off';
          // Before the index is made: if we die in between, the next one finds it missing again.
          const requeued = isThere ? 0 : await requeuePosts();
          if (requeued > 0) log.warn('search.index_missing', { requeued });
          await prepareIndex();
          written += await emptyQueue(refused);
          return 'done';
        },
        options,
      );
      // Who was woken while we held the lock went home again: look once more without it.
      if (outcome !== 'done' || !(await hasPostsToIndex(refused))) return written;
    }
  } catch (error) {
    if (error instanceof SearchUnavailable) log.warn('search.unavailable', { error });
    throw error;
  }
}

async function emptyQueue(refused: Set<number>): Promise<number> {
  let written = 0;
  for (;;) {
    const posts = await listPostsToIndex(INDEX_BATCH, refused);
    if (posts.length === 0) return written;
    const started = performance.now();
    const before = refused.size;
    await indexBatch(posts, refused);
    const accepted = posts.length - (refused.size - before);
    written += accepted;
    const ms = Math.round(performance.now() - started);
    log.info('posts.indexed', { posts: accepted, ms });
  }
}

/** Halves a refused batch until the post is found that spoils it. */
async function indexBatch(posts: PostToIndex[], refused: Set<number>): Promise<void> {
  try {
    await indexDocuments(posts);
    await finishIndexing(posts);
  } catch (error) {
    if (!(error instanceof PostsRefused) || refused.size >= REFUSED_POSTS_MAX) throw error;
    const [first, ...others] = posts;
    if (first !== undefined && others.length === 0) {
      refused.add(first.id);
      log.error('post.not_indexed', { postId: first.id, error });
      return;
    }
    const middle = Math.ceil(posts.length / 2);
    await indexBatch(posts.slice(0, middle), refused);
    await indexBatch(posts.slice(middle), refused);
  }
}
