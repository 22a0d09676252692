import { dbPool, transaction } from '../db.ts';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { DRAFT_VERSION, type PostDraft } from '../model/post.ts';
import { endNotices, tell } from './notices.ts';
import { type SavingFeed, savePosts } from './posts.ts';
import { readSources } from './story-candidates.ts';

// Items that wait because their publisher wants them shown later.

const HOUR_MS = 60 * 60_000;

/** An item that waits. Of a draft of another version only what can be read of it. */
export interface Held {
  guidHash: string;
  url: string;
  canonicalUrl: string;
  /** As text, however it was stored. */
  publishedAt: string | null;
  heldAt: Date;
  isStale: boolean;
}

/** What waits of a feed. */
export async function listHeld(feedId: number): Promise<Held[]> {
  const { rows } = await dbPool().query<Held>(
    `SELECT guid_hash AS "guidHash", coalesce(draft->>'url', '') AS url,
            coalesce(draft->>'canonicalUrl', '') AS "canonicalUrl",
            draft->>'publishedAt' AS "publishedAt", held_at AS "heldAt",
            draft_version <> $2 AS "isStale"
     FROM held_drafts WHERE feed_id = $1`,
    [feedId, DRAFT_VERSION],
  );
  return rows;
}

async function dropHeld(feedId: number, guidHashes: readonly string[]): Promise<void> {
  if (guidHashes.length === 0) return;
  await dbPool().query('DELETE FROM held_drafts WHERE feed_id = $1 AND guid_hash = ANY($2)', [
    feedId,
    guidHashes,
  ]);
}

interface Holding {
  /** Null for no delay: then nothing more is held. */
  delayHours: number | null;
  /** Guids, hashed, of what the publisher has deleted or withdrawn. */
  deletedGuids: readonly string[];
  /** Whether the drafts are all of the feed's document. */
  isWhole: boolean;
  now: Date;
}

/**
 * Whether an item that waits and is not in the document has left it because newer ones took its
 * place: it is older than all that have a date. Any other was deleted. One without a date counts
 * as deleted, and so does anything once the feed is empty: what was deleted must never be shown.
 */
function fellOff({ publishedAt }: Held, oldest: number): boolean {
  return publishedAt !== null && Date.parse(publishedAt) < oldest;
}

/** What of the items that wait is to wait no more, but for those in `waiting`. */
function findEnded(
  held: readonly Held[],
  drafts: readonly PostDraft[],
  { deletedGuids, isWhole }: Holding,
): Held[] {
  const present = new Set(drafts.map((draft) => draft.guidHash));
  const deleted = new Set(deletedGuids);
  const dates = drafts.flatMap((draft) => draft.publishedAt?.getTime() ?? []);
  // Not Infinity where there are none: an item is older than that.
  const oldest = dates.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...dates);
  return held.filter((one) => {
    if (present.has(one.guidHash)) return false;
    if (deleted.has(one.guidHash)) return true;
    return isWhole && (one.isStale || !fellOff(one, oldest));
  });
}

/**
 * Keeps back what its publisher wants shown later. What is stored already is not held: its changes
 * are shown at once. What waits and was deleted is forgotten.
 * @returns the drafts that are to be saved now.
 */
export async function holdDrafts(
  feedId: number,
  drafts: readonly PostDraft[],
  holding: Holding,
): Promise<PostDraft[]> {
  const { delayHours, now } = holding;
  const held = await listHeld(feedId);
  if (delayHours === null && held.length === 0) return [...drafts];
  const guidHashes = drafts.map((draft) => draft.guidHash);
  const known = await readSources(dbPool(), feedId, guidHashes);
  const heldAt = new Map(held.map((row) => [row.guidHash, row.heldAt]));
  const releaseAt = (draft: PostDraft) => {
    const since = draft.publishedAt ?? heldAt.get(draft.guidHash) ?? now;
    return new Date(since.getTime() + (delayHours ?? 0) * HOUR_MS);
  };
  const isEarly = (draft: PostDraft) =>
    delayHours !== null && !known.has(draft.guidHash) && releaseAt(draft) > now;
  const early = drafts.filter(isEarly);
  await writeHeld(feedId, early, releaseAt, now);
  const ended = findEnded(held, drafts, holding);
  const lost = ended.filter((one) => one.isStale).length;
  if (lost > 0) log.warn('feed.held_lost', { feedId, lost, why: 'of an older version, and gone' });
  const waiting = new Set(early);
  const shown = drafts.filter((draft) => !waiting.has(draft));
  // Also what is shown now: released later, it would take the post back to how it was before.
  await dropHeld(
    feedId,
    [...ended, ...shown].map((one) => one.guidHash),
  );
  return shown;
}

async function writeHeld(
  feedId: number,
  early: readonly PostDraft[],
  releaseAt: (draft: PostDraft) => Date,
  now: Date,
): Promise<void> {
  if (early.length === 0) return;
  await dbPool().query(
    `INSERT INTO held_drafts (feed_id, guid_hash, draft, draft_version, held_at, release_at)
     SELECT $1, r.guid_hash, r.draft, $6, $4, r.release_at
     FROM unnest($2::text[], $3::jsonb[], $5::timestamptz[]) AS r (guid_hash, draft, release_at)
     ON CONFLICT (feed_id, guid_hash) DO UPDATE
       SET draft = excluded.draft, draft_version = excluded.draft_version,
           release_at = excluded.release_at`,
    [
      feedId,
      early.map((draft) => draft.guidHash),
      early.map((draft) => JSON.stringify(draft)),
      now,
      early.map(releaseAt),
      DRAFT_VERSION,
    ],
  );
}

type Field = 'string' | 'number' | 'boolean?' | 'list' | 'string?' | 'object?' | 'time?';

/** A draft as JSON. Another field, or another type of one: raise DRAFT_VERSION. */
const FIELDS: Record<keyof PostDraft, Field> = {
  guid: 'string',
  guidHash: 'string',
  url: 'string',
  canonicalUrl: 'string',
  canonicalVersion: 'number',
  title: 'string',
  authors: 'list',
  byline: 'string',
  publishedAt: 'time?',
  updatedAt: 'time?',
  categories: 'list',
  tags: 'list',
  language: 'string?',
  bodyHtml: 'string',
  shownHtml: 'string?',
  bodyText: 'string',
  summaryText: 'string',
  wordCount: 'number',
  enclosures: 'list',
  pictureUrl: 'string?',
  commentsUrl: 'string?',
  licence: 'object?',
  isExcerpt: 'boolean?',
  bands: 'list',
  contentHash: 'string',
  draftHash: 'string',
};

function fits(value: unknown, field: Field): boolean {
  if (value === null || value === undefined) return field.endsWith('?');
  if (field === 'list') return Array.isArray(value);
  if (field === 'time?') return typeof value === 'string' && !Number.isNaN(Date.parse(value));
  return typeof value === field.replace('?', '');
}

/** A stored draft; undefined for what is none. */
function readDraft(stored: Record<string, unknown>): PostDraft | undefined {
  const isDraft = Object.entries(FIELDS).every(([name, field]) => fits(stored[name], field));
  if (!isDraft) return undefined;
  const draft = stored as unknown as PostDraft;
  const dateOf = (value: Date | null) => (value === null ? null : new Date(value));
  return { ...draft, publishedAt: dateOf(draft.publishedAt), updatedAt: dateOf(draft.updatedAt) };
}

/** Feeds looked at in one run; the next one takes the others. */
const RELEASED_FEEDS_MAX = 100;

interface Due extends SavingFeed {
  url: string;
  /** When the first of them was due. */
  since: Date;
  held: { guidHash: string; draft: Record<string, unknown> }[];
}

/**
 * Saves what has waited long enough. May run twice: what is saved again changes nothing. A feed
 * whose items cannot be saved holds up no other; the operator is told of it.
 */
export async function releaseDrafts(now: Date): Promise<void> {
  const { rows } = await dbPool().query<Due>(
    `SELECT f.id, f.url, f.slug, f.first_good_at AS "firstGoodAt", f.feed_tags AS "feedTags",
            min(h.release_at) AS since,
            json_agg(json_build_object('guidHash', h.guid_hash, 'draft', h.draft)
                     ORDER BY h.release_at) AS held
     FROM held_drafts h JOIN feeds f ON f.id = h.feed_id
     WHERE h.release_at <= $1 AND h.draft_version = $3 GROUP BY f.id LIMIT $2`,
    [now, RELEASED_FEEDS_MAX, DRAFT_VERSION],
  );
  for (const due of rows) {
    try {
      await release(due, now);
    } catch (error) {
      log.error('feed.release_broken', { feedId: due.id, url: due.url, error });
      const since = due.since.toISOString();
      const data = { url: due.url, since, error: messageOf(error) };
      await transaction((tx) => tell(tx, 'unreleased', due.id, since, data));
    }
  }
  await readStaleAgain(now);
}

async function release({ held, since: _, url, ...feed }: Due, now: Date): Promise<void> {
  const read = held.map(({ guidHash, draft }) => ({ guidHash, draft: readDraft(draft) }));
  const drafts = read.flatMap(({ draft }) => draft ?? []);
  const unreadable = read.flatMap(({ guidHash, draft }) => (draft ? [] : guidHash));
  if (unreadable.length > 0) {
    log.error('feed.held_unreadable', { feedId: feed.id, url, items: unreadable.length });
    await dbPool().query(
      'UPDATE held_drafts SET draft_version = 0 WHERE feed_id = $1 AND guid_hash = ANY($2)',
      [feed.id, unreadable],
    );
  }
  // They are late by their publisher's wish, and no archive.
  await savePosts({ ...feed, lastGoodAt: new Date(0) }, drafts, { now, isWhole: false });
  await transaction(async (tx) => {
    await tx.query(
      `DELETE FROM held_drafts h USING unnest($2::text[], $3::text[]) AS r (guid_hash, draft_hash)
       WHERE h.feed_id = $1 AND h.guid_hash = r.guid_hash AND h.draft->>'draftHash' = r.draft_hash`,
      [feed.id, drafts.map((draft) => draft.guidHash), drafts.map((draft) => draft.draftHash)],
    );
    await endNotices(tx, feed.id, ['unreleased']);
  });
}

/**
 * Has feeds read anew whose waiting items are of another version: they are written again as they
 * are in the document. Once: a feed that has been asked to has no hash of its body until it has
 * been read.
 */
async function readStaleAgain(now: Date): Promise<void> {
  const { rows } = await dbPool().query<{ id: number; url: string }>(
    `UPDATE feeds f SET etag = NULL, last_modified = NULL, body_hash = NULL,
       next_check_at = least(next_check_at, greatest($1::timestamptz, retry_after_until))
     WHERE f.status = 'active' AND f.body_hash IS NOT NULL AND EXISTS (
       SELECT FROM held_drafts h WHERE h.feed_id = f.id AND h.draft_version <> $2)
     RETURNING f.id, f.url`,
    [now, DRAFT_VERSION],
  );
  for (const { id, url } of rows) {
    log.warn('feed.read_again', { feedId: id, url, why: 'items that wait are of another version' });
  }
}
