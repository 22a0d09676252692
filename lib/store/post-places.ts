import {
  authorTag,
  latestTag,
  postTag,
  sourcesTag,
  sourceTag,
  tagsTag,
  tagTag,
} from '../cache-tags.ts';
import type { Tx } from '../db.ts';

const NAMES = { source: sourceTag, tag: tagTag, author: authorTag };

/** Cache tags of the lists where posts stand: those of all their sources, tags and authors. */
export async function listPlaces(tx: Tx, postIds: readonly number[]): Promise<string[]> {
  if (postIds.length === 0) return [];
  const { rows } = await tx.query<{ kind: keyof typeof NAMES; slug: string }>(
    `SELECT 'source' AS kind, f.slug FROM post_sources s JOIN feeds f ON f.id = s.feed_id
     WHERE s.post_id = ANY($1)
     UNION SELECT 'tag', t.slug FROM post_tags pt JOIN tags t ON t.id = pt.tag_id
     WHERE pt.post_id = ANY($1)
     UNION SELECT 'author', a.slug FROM post_authors pa JOIN authors a ON a.id = pa.author_id
     WHERE pa.post_id = ANY($1)`,
    [postIds],
  );
  return rows.map(({ kind, slug }) => NAMES[kind](slug));
}

/** Cache tags of all that shows or counts these posts: for posts that come or go as a whole. */
export async function listTraces(tx: Tx, postIds: readonly number[]): Promise<string[]> {
  if (postIds.length === 0) return [];
  const places = await listPlaces(tx, postIds);
  return [latestTag(), sourcesTag(), tagsTag(), ...postIds.map(postTag), ...places];
}
