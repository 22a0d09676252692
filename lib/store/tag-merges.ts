import { everythingTag, tagsTag, tagTag } from '../cache-tags.ts';
import type { Tx } from '../db.ts';
import { writeCacheEvents } from './cache-events.ts';
import { enqueue } from './jobs.ts';
import { transactionAgain } from './transaction-again.ts';

// A tag with the slug of an alias is being merged: its name means another one already, and its
// posts go there step by step. So it heals by itself when a step is lost, and when a poll makes
// such a tag in the moment in which its name becomes an alias.

/** Posts of one step. It blocks polls that bring one of both tags for as long as it lasts. */
const STEP_POSTS = 2_000;

/** The next tag on the way, by one look into an index for each alias: aliases are few. */
const NEXT = 'SELECT min((SELECT m.id FROM tags m WHERE m.slug = b.slug)) AS id FROM tag_aliases b';
/**
 * Holds it until this transaction ends: a poll that knows it still has ended then, and later ones
 * find the alias.
 */
const HOLD = `
  SELECT t.id, t.slug, a.tag_id AS "intoId",
         (SELECT i.slug FROM tags i WHERE i.id = a.tag_id) AS "intoSlug"
  FROM tags t JOIN tag_aliases a ON a.slug = t.slug
  WHERE t.id = (${NEXT}) FOR UPDATE OF t`;

/** The better position and origin of the two count; what follows of it is queued. */
const MOVE = `
  WITH step AS MATERIALIZED (
    SELECT post_id, sort_at, position, origin FROM post_tags WHERE tag_id = $1
    ORDER BY sort_at DESC, post_id DESC LIMIT $3
  ), put AS (
    INSERT INTO post_tags (post_id, tag_id, sort_at, position, origin)
    SELECT post_id, $2, sort_at, position, origin FROM step ORDER BY post_id
    ON CONFLICT (post_id, tag_id) DO UPDATE
      SET position = least(post_tags.position, excluded.position),
          origin = least(post_tags.origin, excluded.origin)
      WHERE excluded.position < post_tags.position OR excluded.origin < post_tags.origin
  ), taken AS (
    DELETE FROM post_tags pt USING step WHERE pt.tag_id = $1 AND pt.post_id = step.post_id
  )
  INSERT INTO post_retags (post_id, renamed) SELECT post_id, true FROM step ORDER BY post_id
  ON CONFLICT (post_id) DO UPDATE SET renamed = true`;

interface Held {
  id: number;
  slug: string;
  intoId: number;
  intoSlug: string;
}

async function moveStep(tx: Tx): Promise<boolean> {
  const { rows } = await tx.query<Held>(HOLD);
  const [held] = rows;
  // Another worker may have ended one while we waited for it.
  if (held === undefined) return (await tx.query(NEXT)).rows[0]?.id !== null;
  const { rowCount } = await tx.query(MOVE, [held.id, held.intoId, STEP_POSTS]);
  const stale = [tagTag(held.slug), tagTag(held.intoSlug), tagsTag()];
  if ((rowCount ?? 0) < STEP_POSTS) {
    await tx.query('DELETE FROM tags WHERE id = $1', [held.id]);
    stale.push(everythingTag());
  }
  await writeCacheEvents(tx, stale);
  await enqueue(tx, 'retag-posts');
  return true;
}

/**
 * Moves some posts of a tag that is being merged; with the last of them the tag goes. May run
 * twice and anywhere.
 * @returns false when no tag is being merged.
 */
export const moveMergedPosts = (): Promise<boolean> => transactionAgain(moveStep);
