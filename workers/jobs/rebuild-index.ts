import { asOnly } from '../../lib/store/only-one.ts';
import { fillAndSwap } from './fill-index.ts';
import { indexPosts } from './index-posts.ts';

/**
 * Fills a new index with every post and swaps it in; the old one answers until then. Posts that
 * changed meanwhile stayed in the queue and are indexed at the end.
 * @returns how many posts were written; undefined when another process is indexing.
 * @throws SearchUnavailable: the old index stays in use.
 */
export async function rebuildIndex(
  onProgress: (written: number) => void,
): Promise<number | undefined> {
  const written = await asOnly('indexer', () => fillAndSwap(new Set(), onProgress));
  if (written !== undefined) await indexPosts();
  return written;
}
