import { randomUUID } from 'node:crypto';
import { sourcesTag, sourceTag } from '../cache-tags.ts';
import { dbPool, type Tx, transaction } from '../db.ts';
import type { CheckReason, ClaimedFeed, PollHints, Validators } from '../model/feed.ts';
import { slugOf } from '../model/slug.ts';
import { writeCacheEvents } from './cache-events.ts';
import { freeSlug } from './feeds.ts';
import {
  endOfTurn,
  endTurn,
  endValues,
  hasFreeSlot,
  settleHost,
  takeTurn,
  turnValues,
} from './host-turns.ts';
import { tellOfPoll } from './notices.ts';
import { siteOf } from './site.ts';

// How workers share the feeds: each claims one, polls it, and gives it back with what it found.

/** Longer than a poll can take; then another worker may try. */
export const LEASE_SECONDS = 10 * 60;

const CLAIMED_COLUMNS = `
  id, url, host, slug, title, claim_token AS "claimToken", etag, last_modified AS "lastModified",
  body_hash AS "bodyHash", feed_tags AS "feedTags", language, first_good_at AS "firstGoodAt",
  last_good_at AS "lastGoodAt", error_count AS "errorCount",
  retry_after_until AS "retryAfterUntil", error_kind AS "errorKind",
  error_since AS "errorSince", hints, rhythm_minutes AS "rhythmMinutes",
  newest_at AS "newestAt", full_check_at AS "fullCheckAt", moved_to AS "movedTo",
  moved_since AS "movedSince"`;

type ClaimedRow = Omit<ClaimedFeed, 'validators'> & {
  etag: string | null;
  lastModified: string | null;
};

function toClaimed({ etag, lastModified, ...feed }: ClaimedRow): ClaimedFeed {
  const validators: Validators = {
    ...(etag === null ? {} : { etag }),
    ...(lastModified === null ? {} : { lastModified }),
  };
  return { ...feed, validators };
}

/**
 * A claim as one statement: locks a host, takes a feed of it that is free, and a turn. The host's
 * row is held when the feed is looked for, and whoever else holds a feed's row may wait for its
 * host's: so feeds that are locked are passed over.
 * Prepared, for planning it takes longer than running it.
 * @param host which: a query of hosts, locking.
 * @param feed which of its feeds: a condition, and an order.
 */
const claim = (name: string, host: string, feed: { where: string; order?: string }) => ({
  name,
  text: `
  WITH host AS MATERIALIZED (${host}), due AS MATERIALIZED (
    SELECT f.id AS feed_id, host.host AS of_host FROM host CROSS JOIN LATERAL (
      SELECT id FROM feeds
      WHERE ${feed.where} AND feeds.host = host.host
        AND (claimed_until IS NULL OR claimed_until < now())
      ${feed.order ?? ''} LIMIT 1 FOR UPDATE SKIP LOCKED) AS f
    WHERE ${hasFreeSlot(4)}
  ), ${takeTurn(4)}, claimed AS (
    UPDATE feeds SET claimed_until = now() + make_interval(secs => $2), claim_token = $3
    FROM due WHERE id = feed_id RETURNING ${CLAIMED_COLUMNS}
  )
  SELECT host.host AS "lookedAt", turn.until AS "turnUntil", claimed.*
  FROM host LEFT JOIN (turn JOIN claimed ON true) ON true`,
});

/** What a claim found: the host that it looked at, and the feed, if one was free. */
async function look(
  query: ReturnType<typeof claim>,
  what: number | string[],
): Promise<{ host: string; feed?: ClaimedFeed } | undefined> {
  const values = [what, LEASE_SECONDS, randomUUID(), ...turnValues()];
  const { rows } = await dbPool().query<ClaimedRow & { lookedAt: string }>({ ...query, values });
  const [row] = rows;
  if (row === undefined) return undefined;
  const { lookedAt: host, ...claimed } = row;
  return claimed.id === null ? { host } : { host, feed: toClaimed(claimed) };
}

const CLAIM_DUE = claim(
  'claim-due-feed',
  `SELECT host, turns FROM hosts WHERE ready_at <= now() AND host <> ALL($1::text[])
   ORDER BY ready_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
  { where: `status = 'active' AND next_check_at <= now()`, order: 'ORDER BY next_check_at' },
);

/**
 * Takes the feed that could have been asked for longest, with a turn at its host, for this worker
 * alone: hosts whose turns are taken or that rest are passed over, and of a host that is free the
 * feed is taken that has been due for longest. Any number of workers may ask at once: locked rows
 * are skipped, and the lease outlives the transaction.
 * @returns undefined when there is none now; msUntilDueTurn says when there will be.
 */
export async function claimDueFeed(): Promise<ClaimedFeed | undefined> {
  const idle: string[] = [];
  for (;;) {
    const looked = await look(CLAIM_DUE, idle);
    if (looked === undefined || looked.feed) return looked?.feed;
    // It stood too early in the queue: its feeds have been put off, paused or removed.
    await settleHost(looked.host);
    idle.push(looked.host);
  }
}

const CLAIM_ONE = claim(
  'claim-feed',
  'SELECT host, turns FROM hosts WHERE host = (SELECT host FROM feeds WHERE id = $1) FOR UPDATE',
  { where: 'id = $1 AND coalesce(retry_after_until <= now(), true)' },
);

/**
 * Takes one feed, with a turn at its host, whatever its next check time says.
 * @returns undefined while another worker holds it, and while its host may not be asked;
 *   whyUnclaimed tells which.
 */
export async function claimFeed(id: number): Promise<ClaimedFeed | undefined> {
  return (await look(CLAIM_ONE, id))?.feed;
}

/**
 * Gives a source the address that it keeps, made from its title, before its first posts are
 * saved: their authors, caches and search documents name it.
 * @returns the slug; undefined when the lease had run out and another worker has the feed.
 */
export async function nameFeed(feed: ClaimedFeed, title: string): Promise<string | undefined> {
  return transaction(async (tx) => {
    const slug = await freeSlug(tx, slugOf(title), feed.id);
    const { rowCount } = await tx.query(
      'UPDATE feeds SET slug = $3, title = $4 WHERE id = $1 AND claim_token = $2',
      [feed.id, feed.claimToken, slug, title],
    );
    if (rowCount === 0) return undefined;
    await writeCacheEvents(tx, [sourcesTag(), sourceTag(slug)]);
    return slug;
  });
}

/** What a poll found out about its feed; unnamed fields stay as they are. */
export interface PollRecord {
  next: { at: Date; reason: CheckReason };
  status?: 'gone';
  validators?: Validators;
  bodyHash?: string;
  retryAfterUntil?: Date;
  /** The feed answered well, also with "not modified". */
  isGood: boolean;
  /** It brought new or changed posts. */
  hasChanged?: boolean;
  /** `isOurs`: our own network was down, so it does not count as a failure of the feed. */
  error?: { kind: string; text: string; isOurs?: boolean };
  channel?: {
    title: string;
    link?: string | undefined;
    description?: string | undefined;
    language?: string | undefined;
  };
  /** What the document says of itself: hints and rhythm, read anew. */
  pace?: { hints: PollHints; rhythmMinutes: number | null; newestAt: Date | null };
  /** It answered without having been given validators. */
  isFullCheck?: boolean;
  /** Where permanent redirects lead now, and since when; null when there are none. */
  move?: { to: string; since: Date } | null;
  /** The feed's new address from now on. */
  newUrl?: string;
}

/**
 * Ends a claim with what the poll found, and its turn, if that is not over.
 * @returns false when the lease had run out and another worker has the feed: nothing is written.
 */
export async function finishPoll(feed: ClaimedFeed, record: PollRecord): Promise<boolean> {
  return transaction(async (tx) => {
    const { rows } = await tx.query<{ slug: string; title: string }>(
      'SELECT slug, title FROM feeds WHERE id = $1 AND claim_token = $2 FOR UPDATE',
      [feed.id, feed.claimToken],
    );
    const current = rows[0];
    if (current === undefined) return false;
    const values = [...finishValues(feed, record), ...endValues(feed)];
    // Prepared: planned anew, it would take longer for that than to run.
    await tx.query({ name: 'finish-poll', text: FINISH_SQL, values });
    await tellOfPoll(tx, feed, record);
    if (record.retryAfterUntil) await restSite(tx, feed, record.retryAfterUntil);
    const isRenamed = record.channel !== undefined && record.channel.title !== current.title;
    const isFirst = record.isGood && feed.firstGoodAt === null;
    const isNews = isFirst || isRenamed || record.error !== undefined || feed.errorCount > 0;
    if (isNews) await writeCacheEvents(tx, [sourcesTag(), sourceTag(current.slug)]);
    return true;
  });
}

/**
 * Lets every feed of the same site rest as long: its server asked, not one feed. Rows that another
 * worker is finishing are left out: that one has been asked the same, and two that waited for each
 * other would stand still.
 */
async function restSite(tx: Tx, feed: ClaimedFeed, until: Date): Promise<void> {
  await tx.query(
    `UPDATE feeds SET retry_after_until = greatest(retry_after_until, $3),
       check_reason = CASE WHEN next_check_at < $3 THEN 'retry-after' ELSE check_reason END,
       next_check_at = greatest(next_check_at, $3)
     WHERE id IN (SELECT id FROM feeds WHERE site = $2 AND site <> '' AND id <> $1
                  FOR NO KEY UPDATE SKIP LOCKED)`,
    [feed.id, siteOf(feed.url), until],
  );
}

/** Until when its server wants to be left alone: said now, or meanwhile to another feed. */
const REST = 'coalesce($8, CASE WHEN retry_after_until > now() THEN retry_after_until END)';

/** Its turn ends with a claim at the latest, in the same statement. */
const FINISH_SQL = `
  WITH turn AS (${endOfTurn(28)})
  UPDATE feeds SET
    claimed_until = NULL, claim_token = NULL, checked_at = now(),
    next_check_at = greatest($2, ${REST}), check_reason = $18,
    status = coalesce($3::"FeedStatus", status),
    etag = CASE WHEN $4 THEN $5 ELSE etag END,
    last_modified = CASE WHEN $4 THEN $6 ELSE last_modified END,
    body_hash = coalesce($7, body_hash),
    retry_after_until = ${REST},
    first_good_at = CASE WHEN $9 THEN coalesce(first_good_at, now()) ELSE first_good_at END,
    last_good_at = CASE WHEN $9 THEN now() ELSE last_good_at END,
    changed_at = CASE WHEN $10 THEN now() ELSE changed_at END,
    error_count = CASE WHEN $9 THEN 0 WHEN $11::text IS NULL OR $26 THEN error_count
                       ELSE error_count + 1 END,
    error_since = CASE WHEN $9 THEN NULL WHEN $11 IS NULL OR $26 THEN error_since
                       ELSE coalesce(error_since, now()) END,
    error_kind = CASE WHEN $9 THEN NULL ELSE coalesce($11, error_kind) END,
    error_text = CASE WHEN $9 THEN NULL ELSE coalesce($12, error_text) END,
    title = coalesce($13, title), site_url = coalesce($14, site_url),
    description = coalesce($15, description), language = coalesce($16, language),
    hints = coalesce($19::jsonb, hints),
    rhythm_minutes = CASE WHEN $19 IS NULL THEN rhythm_minutes ELSE $20 END,
    newest_at = CASE WHEN $19 IS NULL THEN newest_at ELSE $21 END,
    full_check_at = CASE WHEN $22 THEN now() ELSE full_check_at END,
    moved_to = CASE WHEN $23 THEN $24 ELSE moved_to END,
    moved_since = CASE WHEN $23 THEN $25 ELSE moved_since END,
    site = $27,
    url = CASE WHEN $17::text IS NULL OR EXISTS (SELECT FROM feeds o WHERE o.url = $17)
               THEN url ELSE $17 END
  WHERE id = $1`;

function finishValues(feed: ClaimedFeed, record: PollRecord): unknown[] {
  return [
    feed.id,
    record.next.at,
    record.status ?? null,
    record.validators !== undefined,
    record.validators?.etag ?? null,
    record.validators?.lastModified ?? null,
    record.bodyHash ?? null,
    record.retryAfterUntil ?? null,
    record.isGood,
    record.hasChanged ?? false,
    record.error?.kind ?? null,
    record.error?.text ?? null,
    record.channel?.title ?? null,
    record.channel?.link ?? null,
    record.channel?.description ?? null,
    record.channel?.language ?? null,
    record.newUrl ?? null,
    record.next.reason,
    record.pace === undefined ? null : JSON.stringify(record.pace.hints),
    record.pace?.rhythmMinutes ?? null,
    record.pace?.newestAt ?? null,
    record.isFullCheck ?? false,
    record.move !== undefined,
    record.move?.to ?? null,
    record.move?.since ?? null,
    record.error?.isOurs ?? false,
    siteOf(record.newUrl ?? feed.url),
  ];
}

/** Gives a claim back untouched: the poll was called off. */
export async function releaseFeed(feed: ClaimedFeed): Promise<void> {
  await endTurn(feed);
  await dbPool().query(
    `UPDATE feeds SET claimed_until = NULL, claim_token = NULL WHERE id = $1 AND claim_token = $2`,
    [feed.id, feed.claimToken],
  );
}
