import {
  authorTag,
  latestTag,
  postTag,
  sourcesTag,
  sourceTag,
  tagsTag,
  tagTag,
} from '../cache-tags.ts';
import { type Tx, transaction } from '../db.ts';
import { writeCacheEvents } from './cache-events.ts';
import { enqueue } from './jobs.ts';

/** Cache tags of all that shows a post. */
async function staleTags(tx: Tx, postId: number): Promise<string[]> {
  const { rows } = await tx.query<{ sources: string[]; tags: string[]; authors: string[] }>(
    `SELECT ARRAY(SELECT f.slug FROM post_sources s JOIN feeds f ON f.id = s.feed_id
                  WHERE s.post_id = $1) AS sources,
            ARRAY(SELECT t.slug FROM post_tags pt JOIN tags t ON t.id = pt.tag_id
                  WHERE pt.post_id = $1) AS tags,
            ARRAY(SELECT a.slug FROM post_authors pa JOIN authors a ON a.id = pa.author_id
                  WHERE pa.post_id = $1) AS authors`,
    [postId],
  );
  const { sources = [], tags = [], authors = [] } = rows[0] ?? {};
  return [
    latestTag(),
    sourcesTag(),
    tagsTag(),
    postTag(postId),
    ...sources.map(sourceTag),
    ...tags.map(tagTag),
    ...authors.map(authorTag),
  ];
}

async function setWithdrawn(postId: number, isWithdrawn: boolean): Promise<boolean> {
  return transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `UPDATE posts SET withdrawn_at = CASE WHEN $2 THEN now() END, changed_at = now(),
         indexed_at = NULL, matched_at = coalesce(matched_at, now())
       WHERE id = $1 AND (withdrawn_at IS NOT NULL) <> $2`,
      [postId, isWithdrawn],
    );
    if (rowCount === 0) return false;
    await writeCacheEvents(tx, await staleTags(tx, postId));
    await enqueue(tx, 'index-posts');
    return true;
  });
}

/**
 * Takes a post from pages, feeds, search and alerts; its address answers 410 from then on, also
 * when its feed brings it again. @returns false when there is no such post, or it was withdrawn
 * before.
 */
export const withdrawPost = (postId: number) => setWithdrawn(postId, true);

/** Shows a withdrawn post again; it is not alerted. @returns false when none was withdrawn. */
export const restorePost = (postId: number) => setWithdrawn(postId, false);
