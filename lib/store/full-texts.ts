import { createHash } from 'node:crypto';
import { latestTag, postTag, tagTag } from '../cache-tags.ts';
import type { Tx } from '../db.ts';
import type { Exchange } from '../model/fetching.ts';
import type { ClaimedPage, FullTextReason, PageReading } from '../model/full-text.ts';
import { SETTING_VERSION } from '../model/setting-version.ts';
import { writeCacheEvents } from './cache-events.ts';
import { lockFeeds } from './feed-locks.ts';
import { writeFoundTags } from './found-tags.ts';
import { ALLOWED } from './full-text-queue.ts';
import { enqueue } from './jobs.ts';
import { listPlaces } from './post-places.ts';
import { pruneVersions, VERSION_CHARACTERS_MAX, writeWords } from './post-rows.ts';
import { restSite } from './site-rests.ts';
import { transactionAgain } from './transaction-again.ts';

// What becomes of a page that was read: the post's text, a reason, another try.

type FullText = Extract<PageReading, { kind: 'text' }>;

/** How the reading of a page ended. */
export type PageEnd =
  /** It is at another address, which is asked in its turn. */
  | { kind: 'moved'; url: string }
  /** It is tried again; its host is left alone until then if it asked for that. */
  | { kind: 'again'; at: Date; restUntil?: Date; reason: FullTextReason; message: string }
  | { kind: 'left'; restUntil?: Date; reason: FullTextReason; message: string }
  | FullText;

/** The row of a claimed page with its post, both locked. */
interface Row {
  isShown: boolean;
  excerptText: string;
  queuedAt: Date;
  bodyHtml: string;
  bodyText: string;
  isAllowed: boolean;
}

async function lockRow(tx: Tx, page: ClaimedPage): Promise<Row | undefined> {
  // As a save does, so that none of this feed is under way.
  await lockFeeds(tx, [page.feedId]);
  const { rows } = await tx.query<Row>(
    `SELECT x.is_shown AS "isShown", x.excerpt_text AS "excerptText", x.queued_at AS "queuedAt",
            p.body_html AS "bodyHtml", p.body_text AS "bodyText",
            ${ALLOWED} AND p.withdrawn_at IS NULL AS "isAllowed"
     FROM posts p JOIN full_texts x ON x.post_id = p.id JOIN feeds f ON f.id = x.feed_id
     WHERE x.post_id = $1 AND x.claim_token = $2 FOR UPDATE OF p, x`,
    [page.postId, page.claimToken],
  );
  return rows[0];
}

/**
 * Gives a claimed page back with how its reading ended, and what it came to on the wire.
 * @returns false when it is no longer this worker's, or must not be read any more: then nothing of
 *   it is kept.
 */
export function finishPage(
  page: ClaimedPage,
  end: PageEnd,
  { spent, now }: { spent: Exchange; now: Date },
): Promise<boolean> {
  return transactionAgain(async (tx) => {
    const row = await lockRow(tx, page);
    if (row === undefined) return false;
    await tx.query(
      `UPDATE full_texts SET claimed_until = NULL, claim_token = NULL, requests = requests + $2,
         wire_bytes = wire_bytes + $3, read_at = CASE WHEN $2 > 0 THEN $4 ELSE read_at END
       WHERE post_id = $1`,
      [page.postId, spent.requests, spent.wireBytes, now],
    );
    if ('restUntil' in end && end.restUntil) await restHost(tx, page, end.restUntil);
    if (!row.isAllowed) return false;
    await writeEnd(tx, page, row, { end, now });
    return true;
  });
}

async function writeEnd(
  tx: Tx,
  page: ClaimedPage,
  row: Row,
  { end, now }: { end: PageEnd; now: Date },
): Promise<void> {
  const { postId } = page;
  switch (end.kind) {
    case 'moved':
      await tx.query(
        `UPDATE full_texts SET url = $2, host = host_of($2), hops = hops + 1,
           attempts = attempts - 1, due_at = $3
         WHERE post_id = $1`,
        [postId, end.url, now],
      );
      return;
    case 'again':
      await tx.query(
        `UPDATE full_texts SET due_at = $2, reason = $3, reason_text = $4
         WHERE post_id = $1`,
        [postId, end.at, end.reason, end.message],
      );
      return;
    case 'left':
      await leave(tx, postId, end);
      if (row.isShown) await putBack(tx, [postId], now);
      return;
    case 'text':
      // Not ours to overwrite: an adopted body is as full.
      if (!row.isShown && row.bodyText !== row.excerptText) {
        const message = 'another source has given the whole text meanwhile';
        return leave(tx, postId, { reason: 'given', message });
      }
      await tx.query(
        `UPDATE full_texts SET state = 'taken', is_shown = true, due_at = NULL, reason = NULL,
           reason_text = NULL, reads = reads + 1 WHERE post_id = $1`,
        [postId],
      );
      if (row.bodyHtml !== end.html) await show(tx, postId, row, { text: end, now });
  }
}

async function leave(
  tx: Tx,
  postId: number,
  { reason, message }: { reason: FullTextReason; message: string },
): Promise<void> {
  await tx.query(
    `UPDATE full_texts SET state = 'left', due_at = NULL, reason = $2, reason_text = $3,
       reads = reads + 1 WHERE post_id = $1`,
    [postId, reason, message],
  );
}

/** Nothing of this host, nor feed of its site, is asked before: its server wants rest. */
async function restHost(tx: Tx, page: ClaimedPage, until: Date): Promise<void> {
  await tx.query('UPDATE hosts SET rest_until = greatest(rest_until, $2) WHERE host = $1', [
    page.host,
    until,
  ]);
  await restSite(tx, page.url, until);
}

/**
 * Makes the full text a post's body. The excerpt was no state of the text, so nothing has changed
 * for readers when the first one comes; a later one that differs is an edit, unless the save that
 * asked for it has kept the state before.
 */
async function show(
  tx: Tx,
  postId: number,
  row: Row,
  { text, now }: { text: FullText; now: Date },
): Promise<void> {
  const isEdit = row.isShown && row.bodyText !== text.text;
  const kept = isEdit
    ? await tx.query(
        `INSERT INTO post_versions (post_id, version, title, body_text, ended_at)
         SELECT id, version, title, left(body_text, ${VERSION_CHARACTERS_MAX}), $2 FROM posts p
         WHERE id = $1 AND NOT EXISTS (
           SELECT FROM post_versions v WHERE v.post_id = p.id AND v.ended_at >= $3)`,
        [postId, now, row.queuedAt],
      )
    : { rowCount: 0 };
  await tx.query(
    `UPDATE posts SET body_html = $2, shown_html = $8, shown_version = $9, body_text = $3,
       word_count = $4, content_hash = $5, version = version + $6, changed_at = greatest($7, changed_at + interval '1 ms'),
       indexed_at = NULL WHERE id = $1`,
    [
      postId,
      text.html,
      text.text,
      text.wordCount,
      createHash('sha256').update(text.html).digest('hex'),
      kept.rowCount ?? 0,
      now,
      text.shownHtml ?? null,
      text.shownHtml === undefined ? 0 : SETTING_VERSION,
    ],
  );
  if (kept.rowCount) await pruneVersions(tx, [postId]);
  await tx.query(
    `INSERT INTO post_bands (band, post_id) SELECT DISTINCT band, $2::int
     FROM unnest($1::bigint[]) AS b (band) ON CONFLICT DO NOTHING`,
    [text.bands, postId],
  );
  await refresh(tx, [postId]);
}

/** Tags that words name, text search and stale caches follow; alerts have been matched, or will be. */
async function refresh(tx: Tx, postIds: number[]): Promise<void> {
  const found = await writeFoundTags(tx, postIds);
  await writeWords(tx, postIds);
  const stale = [...(await listPlaces(tx, postIds)), ...found.slugs.map(tagTag)];
  await writeCacheEvents(tx, [latestTag(), ...stale, ...postIds.map(postTag)]);
  await enqueue(tx, 'index-posts');
}

/** Shows excerpts again where full texts are shown. */
async function putBack(tx: Tx, postIds: number[], now: Date): Promise<void> {
  const { rows } = await tx.query<{ id: number }>(
    `UPDATE posts p SET body_html = x.excerpt_html, body_text = x.excerpt_text,
       word_count = x.excerpt_words, content_hash = x.excerpt_hash,
       changed_at = greatest($2, p.changed_at + interval '1 ms'), indexed_at = NULL
     FROM full_texts x WHERE x.post_id = p.id AND x.is_shown AND p.id = ANY($1) RETURNING p.id`,
    [postIds, now],
  );
  if (rows.length === 0) return;
  const ids = rows.map(({ id }) => id);
  await tx.query('UPDATE full_texts SET is_shown = false WHERE post_id = ANY($1)', [ids]);
  await refresh(tx, ids);
}

/** Posts of one transaction: their words and tags are made anew. */
const BATCH_POSTS = 100;

/**
 * Forgets the next pages that must not be read any more, and shows the excerpts again.
 * @returns how many; 0 when there are none left.
 */
export function dropUnwanted(now: Date): Promise<number> {
  return transactionAgain(async (tx) => {
    const { rows } = await tx.query<{ id: number }>(
      `SELECT x.post_id AS id FROM full_texts x JOIN feeds f ON f.id = x.feed_id
       WHERE x.due_at <= now() AND NOT ${ALLOWED}
       ORDER BY x.post_id LIMIT $1 FOR UPDATE OF x SKIP LOCKED`,
      [BATCH_POSTS],
    );
    const ids = rows.map(({ id }) => id);
    if (ids.length === 0) return 0;
    await putBack(tx, ids, now);
    await tx.query('DELETE FROM full_texts WHERE post_id = ANY($1)', [ids]);
    return ids.length;
  });
}
