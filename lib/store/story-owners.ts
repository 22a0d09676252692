import type { Tx } from '../db.ts';
import type { PostDraft } from '../model/post.ts';
import { isSameTitle } from '../model/same-story.ts';
import { forgetFullTexts } from './full-text-queue.ts';
import { queueRetags } from './retags.ts';
import { closenessOf } from './site.ts';

// Whose words are shown of a story that several feeds carry: those of the feed that is nearest to
// the page they link to, and among such of the one seen first. Only the address from where we
// fetch a feed counts, for whatever stands in it may be made up.

/** A post that gets another owner. */
interface HandOver {
  postId: number;
  from: number;
  to: number;
}

/**
 * Makes other feeds the owners of posts. What the earlier ones gave was never the new ones': its
 * versions go, and an empty `content_hash` says that what still stands there is to be replaced
 * without being kept. The caller writes what is to be shown. Nobody is alerted anew.
 * @returns ids of the posts that were still the earlier owners'.
 */
export async function handOver(tx: Tx, posts: readonly HandOver[]): Promise<number[]> {
  if (posts.length === 0) return [];
  const { rows } = await tx.query<{ id: number }>(
    `UPDATE posts p SET feed_id = r.new_id, content_hash = '', version = 1, former_title = NULL,
            flood_id = NULL, indexed_at = NULL
     FROM unnest($1::int[], $2::int[], $3::int[]) AS r (post_id, old_id, new_id)
     WHERE p.id = r.post_id AND p.feed_id = r.old_id RETURNING p.id`,
    [posts.map((post) => post.postId), posts.map(({ from }) => from), posts.map(({ to }) => to)],
  );
  const ids = rows.map((row) => row.id);
  await tx.query('DELETE FROM post_versions WHERE post_id = ANY($1)', [ids]);
  await tx.query('DELETE FROM post_bands WHERE post_id = ANY($1)', [ids]);
  await forgetFullTexts(tx, ids);
  await queueRetags(tx, 'anew', { sql: 'SELECT unnest($1::int[]) AS post_id', values: [ids] });
  return ids;
}

interface Shared {
  id: number;
  canonicalUrl: string;
  title: string;
  hasText: boolean;
  ownerId: number;
  ownerUrl: string;
  feedUrl: string;
}

/**
 * Makes a feed the owner of those among its stories whose page is on its site, or host, and not on
 * that of the feed which is the owner until now: a link blog that was read before the author.
 * @returns which of the drafts are the feed's own now, to be written like edits.
 */
export async function takeOver<Placed extends { draft: PostDraft; postId: number }>(
  tx: Tx,
  feedId: number,
  placed: readonly Placed[],
): Promise<Placed[]> {
  if (placed.length === 0) return [];
  const { rows } = await tx.query<Shared>(
    `SELECT p.id, p.canonical_url AS "canonicalUrl", p.title, p.body_text ~ '\\S' AS "hasText",
            owner.id AS "ownerId", owner.url AS "ownerUrl", feed.url AS "feedUrl"
     FROM posts p JOIN feeds owner ON owner.id = p.feed_id JOIN feeds feed ON feed.id = $1
     WHERE p.id = ANY($2) AND p.feed_id <> $1 AND p.merged_into IS NULL
       AND (p.withdrawn_at IS NULL OR p.withdrawn_by = 'publisher')`,
    [feedId, placed.map(({ postId }) => postId)],
  );
  const nearer = new Map(
    rows
      .filter(
        ({ canonicalUrl, ownerUrl, feedUrl }) =>
          closenessOf(feedUrl, canonicalUrl) > closenessOf(ownerUrl, canonicalUrl),
      )
      .map((post) => [post.id, post]),
  );
  const titled = ({ title }: { title: string }) => ({ title, text: '' });
  const taken = placed.filter(({ draft, postId }) => {
    const post = nearer.get(postId);
    // Without a text to compare, a comment on a post may have passed for the post.
    return (
      post !== undefined &&
      (isSameTitle(titled(post), titled(draft)) || (post.hasText && draft.bodyText.trim() !== ''))
    );
  });
  const from = (postId: number) => nearer.get(postId)?.ownerId ?? 0;
  const ids = new Set(taken.map(({ postId }) => postId));
  const handed = await handOver(
    tx,
    [...ids].map((postId) => ({ postId, from: from(postId), to: feedId })),
  );
  const own = taken.filter(({ postId }) => handed.includes(postId));
  await insertBands(tx, own);
  return own;
}

/** Notes by which nearly equal texts these posts are found from now on. */
export async function insertBands(
  tx: Tx,
  placed: readonly { draft: Pick<PostDraft, 'bands'>; postId: number }[],
): Promise<void> {
  await tx.query(
    `INSERT INTO post_bands (band, post_id)
     SELECT DISTINCT band, post_id FROM unnest($1::bigint[], $2::int[]) AS b (band, post_id)
     ON CONFLICT DO NOTHING`,
    [
      placed.flatMap(({ draft }) => draft.bands),
      placed.flatMap(({ draft, postId }) => draft.bands.map(() => postId)),
    ],
  );
}
