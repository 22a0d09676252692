import type { Tx } from '../db.ts';
import { FLOOD_CHECKED_MIN } from '../model/backfill.ts';
import type { PostDraft } from '../model/post.ts';

// The statements of savePosts, one a step, each for all posts of a feed at once.

export interface KnownSource {
  guidHash: string;
  postId: number;
  draftHash: string;
}

/** What is stored of these guids of a feed. */
export async function readSources(
  client: Pick<Tx, 'query'>,
  feedId: number,
  guidHashes: string[],
): Promise<Map<string, KnownSource>> {
  const { rows } = await client.query<KnownSource>(
    `SELECT guid_hash AS "guidHash", post_id AS "postId", draft_hash AS "draftHash"
     FROM post_sources WHERE feed_id = $1 AND guid_hash = ANY($2)`,
    [feedId, guidHashes],
  );
  return new Map(rows.map((row) => [row.guidHash, row]));
}

export interface Candidate {
  id: number;
  canonicalUrl: string;
  title: string;
  text: string;
  /** This feed carried it already. */
  isOwn: boolean;
}

/** Sets these locks apart from other advisory locks of this database. */
const ADDRESS_LOCKS = 7_461;
/**
 * Addresses share locks: Postgres has room for some 6,000 in all, and a first poll may bring 5,000
 * addresses; so six such polls may save at once. Two ordinary ones that bring 15 addresses each
 * share a lock, and wait for each other, one time in five.
 */
const ADDRESS_LOCKS_MAX = 1024;

/**
 * Takes the locks under which a story with one of these addresses may be made or joined, in
 * their order, so that no two transactions wait in a circle.
 */
export async function lockAddresses(tx: Tx, canonicalUrls: string[]): Promise<void> {
  await tx.query(
    `SELECT pg_advisory_xact_lock($2, bucket) FROM (
       SELECT DISTINCT (hashtextextended(url, 0) & ($3 - 1))::int AS bucket
       FROM unnest($1::text[]) AS url ORDER BY bucket) AS sorted`,
    [canonicalUrls, ADDRESS_LOCKS, ADDRESS_LOCKS_MAX],
  );
}

/** Stored posts with one of these addresses, oldest first. */
export async function readCandidates(
  tx: Tx,
  feedId: number,
  canonicalUrls: string[],
): Promise<Candidate[]> {
  const { rows } = await tx.query<Candidate>(
    `SELECT p.id, p.canonical_url AS "canonicalUrl", p.title, left(p.body_text, 4000) AS text,
            EXISTS (SELECT FROM post_sources s
                    WHERE s.post_id = p.id AND s.feed_id = $1) AS "isOwn"
     FROM unnest($2::text[]) AS wanted JOIN posts p ON p.canonical_url = wanted ORDER BY p.id`,
    [feedId, canonicalUrls],
  );
  return rows;
}

/** Columns of a post that a draft gives; times as ISO text. */
function contentOf(draft: PostDraft) {
  return {
    canonical_url: draft.canonicalUrl,
    url: draft.url,
    title: draft.title,
    byline: draft.byline,
    body_html: draft.bodyHtml,
    body_text: draft.bodyText,
    summary_text: draft.summaryText,
    word_count: draft.wordCount,
    language: draft.language,
    enclosures: draft.enclosures,
    content_hash: draft.contentHash,
    published_at: draft.publishedAt,
    updated_at: draft.updatedAt,
  };
}

const CONTENT_COLUMNS = `
  canonical_url text, url text, title text, byline text, body_html text, body_text text,
  summary_text text, word_count int, language text, enclosures jsonb, content_hash text,
  published_at timestamptz, updated_at timestamptz`;
const CONTENT_NAMES = CONTENT_COLUMNS.replace(/ (text|int|jsonb|timestamptz)/gu, '');

const WEEKS_COUNTED = 8;

/**
 * Mean of the posts a week that a feed has brought of late; not counted, and 0, when so few are
 * new that it does not matter.
 */
export async function countPostsPerWeek(tx: Tx, feedId: number, fresh: number): Promise<number> {
  if (fresh < FLOOD_CHECKED_MIN) return 0;
  const { rows } = await tx.query<{ posts: number }>(
    `SELECT count(*)::int AS posts FROM post_sources
     WHERE feed_id = $1 AND sort_at > now() - make_interval(weeks => $2)`,
    [feedId, WEEKS_COUNTED],
  );
  return (rows[0]?.posts ?? 0) / WEEKS_COUNTED;
}

/** Inserts posts under ids that are handed out in this order. */
export async function insertPosts(
  tx: Tx,
  feedId: number,
  drafts: { draft: PostDraft; sortAt: Date; isBackfill: boolean }[],
  now: Date,
): Promise<number[]> {
  if (drafts.length === 0) return [];
  const ids = await tx.query<{ id: number }>(
    `SELECT nextval(pg_get_serial_sequence('posts', 'id'))::int AS id
     FROM generate_series(1, $1::int) ORDER BY id`,
    [drafts.length],
  );
  const rows = drafts.map(({ draft, sortAt, isBackfill }, i) => ({
    id: ids.rows[i]?.id,
    sort_at: sortAt,
    backfill: isBackfill,
    ...contentOf(draft),
  }));
  await tx.query(
    `INSERT INTO posts (id, feed_id, sort_at, created_at, changed_at, backfill, matched_at,
                        ${CONTENT_NAMES})
     SELECT id, $2, sort_at, $3, $3, backfill, CASE WHEN backfill THEN $3::timestamptz END,
            ${CONTENT_NAMES}
     FROM jsonb_to_recordset($1)
          AS r (id int, sort_at timestamptz, backfill boolean, ${CONTENT_COLUMNS})`,
    [JSON.stringify(rows), feedId, now],
  );
  return ids.rows.map((row) => row.id);
}

/**
 * Rewrites posts whose owner is this feed. sort_at stays: copies of it stand in other tables.
 * @returns ids of the posts that were rewritten.
 */
export async function updatePosts(
  tx: Tx,
  feedId: number,
  drafts: { draft: PostDraft; postId: number }[],
  now: Date,
): Promise<number[]> {
  if (drafts.length === 0) return [];
  const rows = drafts.map(({ draft, postId }) => ({ id: postId, ...contentOf(draft) }));
  const { rows: updated } = await tx.query<{ id: number }>(
    `UPDATE posts p SET (${CONTENT_NAMES}) = (${prefixed('r')}),
            changed_at = greatest($3, p.changed_at + interval '1 ms'), indexed_at = NULL
     FROM jsonb_to_recordset($1) AS r (id int, ${CONTENT_COLUMNS})
     WHERE p.id = r.id AND p.feed_id = $2 AND p.withdrawn_at IS NULL RETURNING p.id`,
    [JSON.stringify(rows), feedId, now],
  );
  return updated.map((row) => row.id);
}

const prefixed = (table: string) =>
  CONTENT_NAMES.split(',')
    .map((name) => `${table}.${name.trim()}`)
    .join(', ');

/** A second source has the whole text where the first gave an excerpt: this much more at least. */
const FULLER_WORDS_MIN = 100;
const FULLER_FACTOR = 2;

/** Takes over the fuller body of another source; title, byline and address stay the first's. */
export async function adoptFullerBodies(
  tx: Tx,
  drafts: { draft: PostDraft; postId: number }[],
  now: Date,
): Promise<number[]> {
  if (drafts.length === 0) return [];
  const rows = drafts.map(({ draft, postId }) => ({ id: postId, ...contentOf(draft) }));
  const { rows: updated } = await tx.query<{ id: number }>(
    `UPDATE posts p SET body_html = r.body_html, body_text = r.body_text,
            word_count = r.word_count, content_hash = r.content_hash,
            changed_at = greatest($2, p.changed_at + interval '1 ms'), indexed_at = NULL
     FROM jsonb_to_recordset($1) AS r (id int, ${CONTENT_COLUMNS})
     WHERE p.id = r.id AND p.withdrawn_at IS NULL
       AND r.word_count >= p.word_count * $3 AND r.word_count >= p.word_count + $4
     RETURNING p.id`,
    [JSON.stringify(rows), now, FULLER_FACTOR, FULLER_WORDS_MIN],
  );
  return updated.map((row) => row.id);
}

/** Has posts indexed again whose own rows stayed as they were: their tags have changed. */
export async function touchPosts(tx: Tx, ids: number[], now: Date): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    `UPDATE posts SET indexed_at = NULL, changed_at = greatest($2, changed_at + interval '1 ms')
     WHERE id = ANY($1)`,
    [ids, now],
  );
}

/** Writes the fact that this feed carried these posts. */
export async function writeSources(
  tx: Tx,
  feedId: number,
  drafts: { draft: PostDraft; postId: number }[],
  now: Date,
): Promise<void> {
  const rows = drafts.map(({ draft, postId }) => ({
    guid_hash: draft.guidHash,
    post_id: postId,
    guid: draft.guid,
    url: draft.url,
    categories: draft.categories,
    draft_hash: draft.draftHash,
  }));
  await tx.query(
    `INSERT INTO post_sources (feed_id, guid_hash, post_id, guid, url, categories, draft_hash,
                               sort_at, first_seen_at)
     SELECT $2, r.guid_hash, r.post_id, r.guid, r.url, r.categories, r.draft_hash, p.sort_at, $3
     FROM jsonb_to_recordset($1) AS r (guid_hash text, post_id int, guid text, url text,
                                       categories text[], draft_hash text)
     JOIN posts p ON p.id = r.post_id
     ON CONFLICT (feed_id, guid_hash) DO UPDATE
       SET url = excluded.url, categories = excluded.categories, draft_hash = excluded.draft_hash`,
    [JSON.stringify(rows), feedId, now],
  );
}

/** Writes what alerts and text search look for, when everything else of the posts is written. */
export async function writeWords(tx: Tx, postIds: number[]): Promise<void> {
  if (postIds.length === 0) return;
  await tx.query(`UPDATE posts SET words = post_words(posts) WHERE id = ANY($1)`, [postIds]);
}
