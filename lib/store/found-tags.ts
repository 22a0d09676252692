import type { Tx } from '../db.ts';
import {
  FOUND_TEXT_CHARACTERS_MAX,
  findTags,
  type KnownTag,
  type PostWords,
  possibleSlugs,
  readWords,
  type SlugMemo,
} from '../model/found-tags.ts';
import { enqueue } from './jobs.ts';
import { slugsOfTags } from './tags.ts';

// Tags that we give to posts whose sources give none. Known tags only: feeds of two sources have
// given them to three posts. What we find is no evidence for finding more.

const SOURCES_MIN = 2;
const POSTS_MIN = 3;
/**
 * Posts that are read within the transaction that saves them. An archive without categories has
 * thousands: the rest of it is left to lib/store/retags.ts.
 */
export const READ_AT_ONCE_MAX = 100;
/** Behind all tags that sources give. */
const FOUND_POSITION_MIN = 2_000;

interface Candidate {
  id: number;
  words: PostWords;
}

/** The posts among these that no source gives a tag that is shown. */
async function readCandidates(tx: Tx, postIds: number[]): Promise<Candidate[]> {
  const { rows } = await tx.query<{
    id: number;
    title: string;
    text: string;
    language: string | null;
  }>(
    `SELECT p.id, p.title, left(p.body_text, $2) AS text, p.language FROM posts p
     WHERE p.id = ANY($1) AND NOT EXISTS (
       SELECT FROM post_tags pt JOIN tags t ON t.id = pt.tag_id AND NOT t.hidden
       WHERE pt.post_id = p.id AND pt.origin <> 'text')
     ORDER BY p.id DESC`,
    [postIds, FOUND_TEXT_CHARACTERS_MAX],
  );
  const memo: SlugMemo = new Map();
  return rows.map(({ id, ...post }) => ({ id, words: readWords(post, memo) }));
}

/** Whether tag `t` is known: two short looks into indexes, however large it is. */
const IS_KNOWN = `NOT t.hidden
  AND (SELECT count(*) FROM (SELECT FROM tag_sources s WHERE s.tag_id = t.id
                             LIMIT ${SOURCES_MIN}) AS s) = ${SOURCES_MIN}
  AND (SELECT count(*) FROM (SELECT FROM post_tags g WHERE g.tag_id = t.id AND g.origin = 'feed'
                             LIMIT ${POSTS_MIN}) AS g) = ${POSTS_MIN}`;

/** Known tags by these slugs, aliases among them. */
async function readKnown(tx: Tx, slugs: string[]): Promise<Map<string, KnownTag>> {
  const { rows } = await tx.query<KnownTag & { asked: string }>(
    `SELECT t.slug AS asked, t.id, t.slug, t.name FROM tags t
     WHERE t.slug = ANY($1) AND ${IS_KNOWN}
       AND NOT EXISTS (SELECT FROM tag_aliases a WHERE a.slug = t.slug)
     UNION ALL
     SELECT a.slug, t.id, t.slug, coalesce(nullif(a.name, ''), a.slug)
     FROM tag_aliases a JOIN tags t ON t.id = a.tag_id
     WHERE a.slug = ANY($1) AND ${IS_KNOWN}`,
    [slugs],
  );
  return new Map(rows.map(({ asked, ...tag }) => [asked, tag]));
}

interface FoundRow {
  postId: number;
  tagId: number;
  position: number;
}

async function find(tx: Tx, candidates: Candidate[]): Promise<FoundRow[]> {
  const slugs = new Set<string>();
  for (const { words } of candidates) for (const slug of possibleSlugs(words)) slugs.add(slug);
  if (slugs.size === 0) return [];
  const known = await readKnown(tx, [...slugs]);
  const rows = candidates.flatMap(({ id, words }) =>
    findTags(words, known).map((tag, i) => ({
      postId: id,
      tagId: tag.id,
      position: FOUND_POSITION_MIN + i,
    })),
  );
  // Whoever merges or removes one of them waits for us from here on, or has done it already.
  const held = await tx.query<{ id: number }>(
    'SELECT id FROM tags WHERE id = ANY($1) AND NOT hidden ORDER BY id FOR KEY SHARE',
    [[...new Set(rows.map(({ tagId }) => tagId))]],
  );
  const ids = new Set(held.rows.map(({ id }) => id));
  return rows.filter(({ tagId }) => ids.has(tagId));
}

/**
 * Gives the posts among these that have no tag of a source the known tags that their words name,
 * and takes such tags from the others. A fixed number of statements, whatever the number of posts.
 * @returns the posts whose tags changed, and the slugs of the tags that they gained or lost.
 */
export async function writeFoundTags(
  tx: Tx,
  postIds: number[],
  readMax = READ_AT_ONCE_MAX,
): Promise<{ postIds: number[]; slugs: string[] }> {
  if (postIds.length === 0) return { postIds: [], slugs: [] };
  const candidates = await readCandidates(tx, postIds);
  const rows = await find(tx, candidates.slice(0, readMax));
  const later = candidates.slice(readMax).map(({ id }) => id);
  if (later.length > 0) {
    await tx.query(
      `INSERT INTO post_retags (post_id) SELECT unnest($1::int[]) ON CONFLICT DO NOTHING`,
      [later],
    );
    await enqueue(tx, 'retag-posts');
  }
  const columns = [rows.map((row) => row.postId), rows.map((row) => row.tagId)];
  const lost = await tx.query<{ postId: number; tagId: number }>(
    `DELETE FROM post_tags pt
     WHERE pt.post_id = ANY($1) AND pt.post_id <> ALL($4) AND pt.origin = 'text'
       AND NOT EXISTS (SELECT FROM unnest($2::int[], $3::int[]) AS k (post_id, tag_id)
                       WHERE k.post_id = pt.post_id AND k.tag_id = pt.tag_id)
     RETURNING pt.post_id AS "postId", pt.tag_id AS "tagId"`,
    [postIds, ...columns, later],
  );
  const given = await giveFound(tx, rows);
  const changed = [...lost.rows, ...given];
  return {
    postIds: changed.map((row) => row.postId),
    slugs: await slugsOfTags(tx, [...new Set(changed.map((row) => row.tagId))]),
  };
}

async function giveFound(tx: Tx, found: FoundRow[]): Promise<Pick<FoundRow, 'postId' | 'tagId'>[]> {
  if (found.length === 0) return [];
  const { rows } = await tx.query<Pick<FoundRow, 'postId' | 'tagId'>>(
    `INSERT INTO post_tags (post_id, tag_id, sort_at, position, origin)
     SELECT r.post_id, r.tag_id, p.sort_at, r.position, 'text'
     FROM unnest($1::int[], $2::int[], $3::int[]) AS r (post_id, tag_id, position)
     JOIN posts p ON p.id = r.post_id
     ORDER BY r.tag_id, r.post_id
     ON CONFLICT (post_id, tag_id) DO UPDATE SET position = excluded.position
       WHERE post_tags.origin = 'text' AND post_tags.position <> excluded.position
     RETURNING post_id AS "postId", tag_id AS "tagId"`,
    [
      found.map((row) => row.postId),
      found.map((row) => row.tagId),
      found.map((row) => row.position),
    ],
  );
  return rows;
}
