import { log } from '../../lib/log.ts';
import type { PostToIndex } from '../../lib/model/search.ts';
import { indexDocuments, PostsRefused } from '../../lib/search/index-documents.ts';
import type { BatchLimits } from '../../lib/store/search-queue.ts';

/** One request to Meilisearch; it indexes large batches with less work for each post. */
export const INDEX_BATCH: BatchLimits = { posts: 500, bytes: 8_000_000 };

/** So many refusals say that the server is in trouble (a full disk), not the posts. */
const REFUSED_POSTS_MAX = 10;

interface Target {
  /** Of the index in use, if not said otherwise. */
  uid?: string;
  /** Is called with posts when they can be found. */
  onAccepted: (posts: PostToIndex[]) => void | Promise<void>;
}

/**
 * Writes posts to an index. Halves a refused batch until the post is found that spoils it; that
 * one is put among the refused.
 */
export async function indexBatch(
  posts: PostToIndex[],
  refused: Set<number>,
  target: Target,
): Promise<void> {
  try {
    await indexDocuments(posts, target.uid);
    await target.onAccepted(posts);
  } catch (error) {
    if (!(error instanceof PostsRefused) || refused.size >= REFUSED_POSTS_MAX) throw error;
    const [first, ...others] = posts;
    if (first !== undefined && others.length === 0) {
      refused.add(first.id);
      log.error('post.not_indexed', { postId: first.id, error });
      return;
    }
    const middle = Math.ceil(posts.length / 2);
    await indexBatch(posts.slice(0, middle), refused, target);
    await indexBatch(posts.slice(middle), refused, target);
  }
}
