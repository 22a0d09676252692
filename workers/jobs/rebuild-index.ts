import { config } from '../../lib/config.ts';
import type { PostToIndex } from '../../lib/model/search.ts';
import {
  dropIndex,
  indexDocuments,
  prepareIndex,
  swapIndex,
} from '../../lib/search/index-documents.ts';
import { asOnly } from '../../lib/store/only-one.ts';
import { finishIndexing, listPostsAfter } from '../../lib/store/search-queue.ts';
import { INDEX_BATCH, indexPosts } from './index-posts.ts';

const MARKED_AT_ONCE_MAX = 5000;

/**
 * Fills a new index with every post and swaps it in; the old one answers until then. Posts that
 * changed meanwhile stayed in the queue and are indexed at the end.
 * @returns how many posts were written; undefined when another process is indexing.
 * @throws SearchUnavailable or PostsRefused: the old index stays in use.
 */
export async function rebuildIndex(
  onProgress: (written: number) => void,
): Promise<number | undefined> {
  const written = await asOnly('indexer', () => fillAndSwap(onProgress));
  if (written !== undefined) await indexPosts();
  return written;
}

async function fillAndSwap(onProgress: (written: number) => void): Promise<number> {
  const fresh = `${config().meiliIndex}-rebuild`;
  await dropIndex(fresh); // of a rebuild that was broken off
  await prepareIndex();
  await prepareIndex(fresh);
  const done: Pick<PostToIndex, 'id' | 'changedAt'>[] = [];
  for (let afterId = 0; ; ) {
    const posts = await listPostsAfter(INDEX_BATCH, afterId);
    const last = posts.at(-1);
    if (last === undefined) break;
    await indexDocuments(posts, fresh);
    done.push(...posts.map(({ id, changedAt }) => ({ id, changedAt })));
    onProgress(done.length);
    afterId = last.id;
  }
  await swapIndex(fresh);
  for (let at = 0; at < done.length; at += MARKED_AT_ONCE_MAX) {
    await finishIndexing(done.slice(at, at + MARKED_AT_ONCE_MAX));
  }
  return done.length;
}
