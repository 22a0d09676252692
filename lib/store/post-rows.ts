import type { Tx } from '../db.ts';
import { FLOOD_CHECKED_MIN } from '../model/backfill.ts';
import type { PostDraft } from '../model/post.ts';
import { SETTING_VERSION } from '../model/setting-version.ts';
import { insertBands } from './story-owners.ts';

// The statements of savePosts, one a step, each for all posts of a feed at once.

/** Columns of a post that a draft gives; times as ISO text. */
function contentOf(draft: PostDraft) {
  return {
    canonical_url: draft.canonicalUrl,
    canonical_version: draft.canonicalVersion,
    url: draft.url,
    title: draft.title,
    byline: draft.byline,
    body_html: draft.bodyHtml,
    shown_html: draft.shownHtml ?? null,
    shown_version: draft.shownHtml === undefined ? 0 : SETTING_VERSION,
    body_text: draft.bodyText,
    summary_text: draft.summaryText,
    word_count: draft.wordCount,
    language: draft.language,
    enclosures: draft.enclosures,
    picture_url: draft.pictureUrl,
    comments_url: draft.commentsUrl,
    licence_url: draft.licence?.url ?? null,
    rights: draft.licence?.text ?? null,
    content_hash: draft.contentHash,
    published_at: draft.publishedAt,
    updated_at: draft.updatedAt,
  };
}

const CONTENT_COLUMNS = `
  canonical_url text, canonical_version int, url text, title text, byline text, body_html text,
  shown_html text, shown_version int, body_text text, summary_text text, word_count int, language text, enclosures jsonb, picture_url text,
  comments_url text, licence_url text, rights text, content_hash text, published_at timestamptz,
  updated_at timestamptz`;
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

/** A new post as it is to be stored. */
export interface NewPost {
  draft: PostDraft;
  sortAt: Date;
  /** Never alerted. */
  isBackfill: boolean;
  /** Not among the newest posts of all. */
  isQuiet: boolean;
  floodId: number | null;
}

/** Inserts posts under ids that are handed out in this order. */
export async function insertPosts(
  tx: Tx,
  feedId: number,
  posts: readonly NewPost[],
  now: Date,
): Promise<number[]> {
  if (posts.length === 0) return [];
  const ids = await tx.query<{ id: number }>(
    `SELECT nextval(pg_get_serial_sequence('posts', 'id'))::int AS id
     FROM generate_series(1, $1::int) ORDER BY id`,
    [posts.length],
  );
  const rows = posts.map(({ draft, sortAt, isBackfill, isQuiet, floodId }, i) => ({
    id: ids.rows[i]?.id,
    sort_at: sortAt,
    backfill: isBackfill,
    quiet: isQuiet,
    flood_id: floodId,
    ...contentOf(draft),
  }));
  await tx.query(
    `INSERT INTO posts (id, feed_id, sort_at, created_at, changed_at, backfill, matched_at, quiet,
                        flood_id, ${CONTENT_NAMES})
     SELECT id, $2, sort_at, $3, $3, backfill, CASE WHEN backfill THEN $3::timestamptz END, quiet,
            flood_id, ${CONTENT_NAMES}
     FROM jsonb_to_recordset($1) AS r (id int, sort_at timestamptz, backfill boolean,
                                       quiet boolean, flood_id int, ${CONTENT_COLUMNS})`,
    [JSON.stringify(rows), feedId, now],
  );
  await insertBands(
    tx,
    posts.map(({ draft }, i) => ({ draft, postId: ids.rows[i]?.id ?? 0 })),
  );
  return ids.rows.map((row) => row.id);
}

/** What is kept of an earlier text, in characters: a book's chapter, twice. */
export const VERSION_CHARACTERS_MAX = 100_000;
/** Earlier states kept of a post: the first, and the last ones. */
const VERSIONS_MAX = 20;

/** The columns of a body, which the post's own page may have given in full. */
const BODY_COLUMNS = [
  'body_html',
  'shown_html',
  'shown_version',
  'body_text',
  'word_count',
  'content_hash',
];

const written = (name: string) =>
  BODY_COLUMNS.includes(name)
    ? `CASE WHEN old.keeps THEN p.${name} ELSE r.${name} END`
    : `r.${name}`;

/**
 * Each post's row is locked before it is looked at, so that no state is lost between two saves.
 * What the publisher had withdrawn comes back with its item. What an earlier owner gave
 * (story-owners.ts) is no state of this one's. A full text stays until its page has been read
 * again: the excerpt is none of its states.
 */
const UPDATE_SQL = `
  WITH r AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1) AS r (id int, ${CONTENT_COLUMNS})
  ), old AS MATERIALIZED (
    SELECT p.id, p.version, p.title, p.body_text, p.content_hash <> '' AS "isOwn",
           EXISTS (SELECT FROM full_texts x WHERE x.post_id = p.id AND x.is_shown) AS keeps
    FROM posts p JOIN r ON r.id = p.id
    WHERE p.feed_id = $2 AND p.merged_into IS NULL
      AND (p.withdrawn_at IS NULL OR p.withdrawn_by = 'publisher')
    ORDER BY p.id FOR NO KEY UPDATE OF p
  ), kept AS (
    INSERT INTO post_versions (post_id, version, title, body_text, ended_at)
    SELECT old.id, old.version, old.title, left(old.body_text, ${VERSION_CHARACTERS_MAX}), $3
    FROM old JOIN r ON r.id = old.id
    WHERE old."isOwn"
      AND (old.title <> r.title OR (NOT old.keeps AND old.body_text <> r.body_text))
    RETURNING post_id
  )
  UPDATE posts p
  SET (${CONTENT_NAMES}) = (${CONTENT_NAMES.split(',')
    .map((name) => written(name.trim()))
    .join(', ')}),
      version = p.version + (p.id IN (SELECT post_id FROM kept))::int,
      former_title = CASE WHEN old."isOwn" AND p.title <> r.title THEN p.title
                          ELSE p.former_title END,
      withdrawn_at = NULL, withdrawn_by = NULL,
      changed_at = greatest($3, p.changed_at + interval '1 ms'), indexed_at = NULL
  FROM r JOIN old ON old.id = r.id
  WHERE p.id = r.id
  RETURNING p.id, p.id IN (SELECT post_id FROM kept) AS "hasVersion"`;

/**
 * Rewrites posts whose owner is this feed; the state before is kept as a version where title or
 * text differ. sort_at stays: copies of it stand in other tables.
 * @returns ids of the posts that were rewritten.
 */
export async function updatePosts(
  tx: Tx,
  feedId: number,
  drafts: readonly { draft: PostDraft; postId: number }[],
  now: Date,
): Promise<number[]> {
  if (drafts.length === 0) return [];
  const byPost = new Map(drafts.map(({ draft, postId }) => [postId, draft]));
  const rows = [...byPost].map(([id, draft]) => ({ id, ...contentOf(draft) }));
  const { rows: updated } = await tx.query<{ id: number; hasVersion: boolean }>(UPDATE_SQL, [
    JSON.stringify(rows),
    feedId,
    now,
  ]);
  await pruneVersions(
    tx,
    updated.filter((row) => row.hasVersion).map((row) => row.id),
  );
  return updated.map((row) => row.id);
}

/** Leaves of the earlier states of posts the first, and the last ones. */
export async function pruneVersions(tx: Tx, postIds: number[]): Promise<void> {
  if (postIds.length === 0) return;
  await tx.query(
    `DELETE FROM post_versions v USING posts p
     WHERE v.post_id = ANY($1) AND p.id = v.post_id
       AND v.version > 1 AND v.version <= p.version - $2`,
    [postIds, VERSIONS_MAX],
  );
}

/** Gives sources of a feed the guids that their items have now. */
export async function renameSources(
  tx: Tx,
  feedId: number,
  renamed: readonly { from: string; draft: PostDraft }[],
): Promise<void> {
  if (renamed.length === 0) return;
  await tx.query(
    `UPDATE post_sources s SET guid_hash = r.guid_hash, guid = r.guid, url = r.url
     FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS r (was, guid_hash, guid, url)
     WHERE s.feed_id = $1 AND s.guid_hash = r.was`,
    [
      feedId,
      renamed.map(({ from }) => from),
      renamed.map(({ draft }) => draft.guidHash),
      renamed.map(({ draft }) => draft.guid),
      renamed.map(({ draft }) => draft.url),
    ],
  );
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
    title: draft.title,
    categories: draft.categories,
    draft_hash: draft.draftHash,
  }));
  await tx.query(
    `INSERT INTO post_sources (feed_id, guid_hash, post_id, guid, url, title, categories,
                               draft_hash, sort_at, first_seen_at)
     SELECT $2, r.guid_hash, r.post_id, r.guid, r.url, r.title, r.categories, r.draft_hash,
            p.sort_at, $3
     FROM jsonb_to_recordset($1) AS r (guid_hash text, post_id int, guid text, url text,
                                       title text, categories text[], draft_hash text)
     JOIN posts p ON p.id = r.post_id
     ON CONFLICT (feed_id, guid_hash) DO UPDATE
       SET url = excluded.url, title = excluded.title, categories = excluded.categories,
           draft_hash = excluded.draft_hash`,
    [JSON.stringify(rows), feedId, now],
  );
}

/** Writes what alerts and text search look for, when everything else of the posts is written. */
export async function writeWords(tx: Tx, postIds: number[]): Promise<void> {
  if (postIds.length === 0) return;
  await tx.query(`UPDATE posts SET words = post_words(posts) WHERE id = ANY($1)`, [postIds]);
}

/** Has these posts found as ones that this feed carries as well. */
export async function noteSource(
  tx: Tx,
  slug: string,
  postIds: number[],
  now: Date,
): Promise<void> {
  if (postIds.length === 0) return;
  await tx.query(
    `UPDATE posts SET words = post_words(posts), indexed_at = NULL,
            changed_at = greatest($3, changed_at + interval '1 ms')
     WHERE id = ANY($1) AND NOT coalesce(words, '') @@ $2::tsquery`,
    [postIds, `'¶source:${slug}'`, now],
  );
}
