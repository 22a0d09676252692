import { config } from '../../lib/config.ts';
import { log } from '../../lib/log.ts';
import type { PostToIndex } from '../../lib/model/search.ts';
import { dropIndex, hasIndex, prepareIndex, swapIndex } from '../../lib/search/index-documents.ts';
import { applySynonyms } from '../../lib/search/synonyms.ts';
import { finishIndexing, listPostsAfter, listSameNames } from '../../lib/store/search-queue.ts';
import { INDEX_BATCH, indexBatch } from './index-batch.ts';

const MARKED_AT_ONCE_MAX = 5000;

/**
 * Fills a new index with every post and swaps it in; the old one answers until then. For who
 * holds the indexer's lock. Posts that change meanwhile stay in the queue.
 * @param refused gets the ids of posts that Meilisearch will not have.
 * @returns how many posts were written.
 * @throws SearchUnavailable: the old index stays in use.
 */
export async function fillAndSwap(
  refused: Set<number>,
  onProgress?: (written: number) => void,
): Promise<number> {
  const fresh = `${config().meiliIndex}-rebuild`;
  const started = performance.now();
  await dropIndex(fresh); // of a rebuild that was broken off
  // Two are needed to swap. One that is there keeps its settings: it is about to go.
  if (!(await hasIndex())) await prepareIndex();
  await prepareIndex(fresh);
  await applySynonyms(await listSameNames(), fresh);
  const done: Pick<PostToIndex, 'id' | 'changedAt'>[] = [];
  const onAccepted = (posts: PostToIndex[]) => {
    done.push(...posts.map(({ id, changedAt }) => ({ id, changedAt })));
  };
  for (let afterId = 0; ; ) {
    const posts = await listPostsAfter(INDEX_BATCH, afterId);
    const last = posts.at(-1);
    if (last === undefined) break;
    await indexBatch(posts, refused, { uid: fresh, onAccepted });
    onProgress?.(done.length);
    afterId = last.id;
  }
  await swapIndex(fresh);
  for (let at = 0; at < done.length; at += MARKED_AT_ONCE_MAX) {
    await finishIndexing(done.slice(at, at + MARKED_AT_ONCE_MAX));
  }
  const ms = Math.round(performance.now() - started);
  log.info('search.index_swapped', { posts: done.length, ms });
  return done.length;
}
