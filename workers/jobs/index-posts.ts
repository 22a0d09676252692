import { log } from '../../lib/log.ts';
import { SearchUnavailable } from '../../lib/search/client.ts';
import { hasIndex, isIndexCurrent, prepareIndex } from '../../lib/search/index-documents.ts';
import { applySynonyms } from '../../lib/search/synonyms.ts';
import { asOnly } from '../../lib/store/only-one.ts';
import {
  finishIndexing,
  hasPostsToIndex,
  listPostsToIndex,
  listSameNames,
  requeuePosts,
} from '../../lib/store/search-queue.ts';
import { fillAndSwap } from './fill-index.ts';
import { INDEX_BATCH, indexBatch } from './index-batch.ts';

/**
 * Indexes every post that waits for it, until none is left. May run twice and anywhere: one
 * indexer works at a time, and a post counts as indexed only when Meilisearch's task succeeded.
 * Where Meilisearch has lost its data, everything is indexed anew; where the settings of this
 * version are others, a new index is filled while the old one answers.
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
          if (!isThere) await prepareIndex();
          else if (!(await isIndexCurrent())) written += await fillAndSwap(refused);
          // Posts of a merged tag wait, so that its new name is met here.
          await applySynonyms(await listSameNames());
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
    await indexBatch(posts, refused, { onAccepted: finishIndexing });
    const accepted = posts.length - (refused.size - before);
    written += accepted;
    const ms = Math.round(performance.now() - started);
    log.info('posts.indexed', { posts: accepted, ms });
  }
}
