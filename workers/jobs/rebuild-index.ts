import { config } from '../../lib/config.ts';
import type { PostToIndex } from '../../lib/model/search.ts';
import {
  dropIndex,
  indexDocuments,
  prepareIndex,
  swapIndex,
} from '../../lib/search/index-documents.ts';
import { asOnlyIndexer, finishIndexing, listPostsAfter } from '../../lib/store/search-queue.ts';

const BATCH_POSTS_MAX = 100;

/**
 * Fills a new index with every post and swaps it in; the old one answers until then. Posts that
 * change meanwhile stay in the queue and are indexed afterwards.
 * @returns how many posts were written; undefined when another process is indexing.
 */
export async function rebuildIndex(
  onProgress: (written: number) => void,
): Promise<number | undefined> {
  const fresh = `${config().meiliIndex}-rebuild`;
  return asOnlyIndexer(async () => {
    await dropIndex(fresh); // of a rebuild that was broken off
    await prepareIndex();
    await prepareIndex(fresh);
    const done: PostToIndex[] = [];
    for (let afterId = 0; ; ) {
      const posts = await listPostsAfter(afterId, BATCH_POSTS_MAX);
      const last = posts.at(-1);
      if (last === undefined) break;
      await indexDocuments(posts, fresh);
      // Only what marking needs: the texts of all posts would not fit into memory.
      done.push(...posts.map((post) => ({ ...post, text: '' })));
      onProgress(done.length);
      afterId = last.id;
    }
    await swapIndex(fresh);
    for (let at = 0; at < done.length; at += 1000) await finishIndexing(done.slice(at, at + 1000));
    return done.length;
  });
}
