import { log } from '../../lib/log.ts';
import { indexDocuments, prepareIndex } from '../../lib/search/index-documents.ts';
import { asOnlyIndexer, finishIndexing, listPostsToIndex } from '../../lib/store/search-queue.ts';

/** At most 100 KB of text each: a request of 10 MB. */
const BATCH_POSTS_MAX = 100;

/**
 * Indexes every post that waits for it, until none is left. May run twice and anywhere: one
 * indexer works at a time, and a post counts as indexed only when Meilisearch's task succeeded.
 * @returns how many posts were written; 0 with search switched off, or while another indexes.
 * @throws SearchUnavailable: the rows stay, and the queue tries again.
 */
export async function indexPosts(): Promise<number> {
  let written = 0;
  await asOnlyIndexer(async () => {
    if (!(await prepareIndex())) return;
    for (;;) {
      const posts = await listPostsToIndex(BATCH_POSTS_MAX);
      if (posts.length === 0) return;
      const started = performance.now();
      await indexDocuments(posts);
      await finishIndexing(posts);
      written += posts.length;
      log.info('posts.indexed', {
        posts: posts.length,
        ms: Math.round(performance.now() - started),
      });
    }
  });
  return written;
}
