import { randomUUID } from 'node:crypto';
import { sourcesTag, sourceTag } from '../cache-tags.ts';
import { dbPool, type Tx, transaction } from '../db.ts';
import type { CheckReason, ClaimedFeed, PollHints, Validators } from '../model/feed.ts';
import { slugOf } from '../model/slug.ts';
import { writeCacheEvents } from './cache-events.ts';
import { freeSlug } from './feeds.ts';
import { siteOf } from './site.ts';
import { settleSubscription } from './websub.ts';

// How workers share the feeds: each claims one, polls it, and gives it back with what it found.

/** Longer than a poll can take, queueing for its host included; then another worker may try. */
export const LEASE_SECONDS = 10 * 60;

const CLAIMED_COLUMNS = `
  id, url, slug, title, claim_token AS "claimToken", etag, last_modified AS "lastModified",
  body_hash AS "bodyHash", feed_tags AS "feedTags", language, first_good_at AS "firstGoodAt",
  last_good_at AS "lastGoodAt", error_count AS "errorCount",
  retry_after_until AS "retryAfterUntil", error_kind AS "errorKind",
  error_since AS "errorSince", hints, rhythm_minutes AS "rhythmMinutes",
  newest_at AS "newestAt", full_check_at AS "fullCheckAt", moved_to AS "movedTo",
  moved_since AS "movedSince", next_check_at AS "nextCheckAt",
  (SELECT json_build_array(w.lease_until, w.pushed_at, w.missed_at) FROM websub_subscriptions w
   WHERE w.feed_id = feeds.id AND w.status = 'active') AS push`;

type ClaimedRow = Omit<ClaimedFeed, 'validators' | 'push'> & {
  etag: string | null;
  lastModified: string | null;
  push: [string | null, string | null, string | null] | null;
};

const toDate = (text: string | null) => (text === null ? null : new Date(text));

function toClaimed({ etag, lastModified, push: times, ...feed }: ClaimedRow): ClaimedFeed {
  const validators: Validators = {
    ...(etag === null ? {} : { etag }),
    ...(lastModified === null ? {} : { lastModified }),
  };
  const [leaseUntil = null, pushedAt = null, missedAt = null] = (times ?? []).map(toDate);
  return { ...feed, validators, push: times && { leaseUntil, pushedAt, missedAt } };
}

/**
 * Takes the feed that has been due for longest, for this worker alone. Any number of workers may
 * ask at once: locked rows are skipped, and the lease outlives the transaction.
 * @returns undefined when none is due.
 */
export async function claimDueFeed(): Promise<ClaimedFeed | undefined> {
  const { rows } = await dbPool().query<ClaimedRow>(
    `UPDATE feeds SET claimed_until = now() + make_interval(secs => $1), claim_token = $2
     WHERE id = (
       SELECT id FROM feeds
       WHERE status = 'active' AND next_check_at <= now()
         AND (claimed_until IS NULL OR claimed_until < now())
       ORDER BY next_check_at LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING ${CLAIMED_COLUMNS}`,
    [LEASE_SECONDS, randomUUID()],
  );
  return rows.map(toClaimed)[0];
}

/**
 * Takes one feed whatever its next check time says.
 * @returns undefined while another worker holds it.
 */
export async function claimFeed(id: number): Promise<ClaimedFeed | undefined> {
  const { rows } = await dbPool().query<ClaimedRow>(
    `UPDATE feeds SET claimed_until = now() + make_interval(secs => $2), claim_token = $3
     WHERE id = $1 AND (claimed_until IS NULL OR claimed_until < now())
     RETURNING ${CLAIMED_COLUMNS}`,
    [id, LEASE_SECONDS, randomUUID()],
  );
  return rows.map(toClaimed)[0];
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
  /** What it names for WebSub, as far as we take it up; a null topic is its own address. */
  offer?: { hubs: string[]; topic: string | null };
  /** It answered without having been given validators. */
  isFullCheck?: boolean;
  /** Where permanent redirects lead now, and since when; null when there are none. */
  move?: { to: string; since: Date } | null;
  /** The feed's new address from now on. */
  newUrl?: string;
}

/**
 * Ends a claim with what the poll found.
 * @returns false when the lease had run out and another worker has the feed: nothing is written.
 */
export async function finishPoll(feed: ClaimedFeed, record: PollRecord): Promise<boolean> {
  return transaction(async (tx) => {
    const { rows } = await tx.query<{ slug: string; title: string; hubs: string[] | null }>(
      'SELECT slug, title, hubs FROM feeds WHERE id = $1 AND claim_token = $2 FOR UPDATE',
      [feed.id, feed.claimToken],
    );
    const current = rows[0];
    if (current === undefined) return false;
    await tx.query(FINISH_SQL, finishValues(feed, record));
    if (record.retryAfterUntil) await restSite(tx, feed, record.retryAfterUntil);
    const hubs = [...(current.hubs ?? []), ...(record.offer?.hubs ?? [])];
    if (hubs.length > 0) await settleSubscription(tx, feed.id, new Date());
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

const FINISH_SQL = `
  UPDATE feeds SET
    claimed_until = NULL, claim_token = NULL, checked_at = now(),
    -- Somebody who asked for a poll meanwhile asked for another one than this.
    next_check_at = greatest(CASE WHEN next_check_at = $30 THEN $2
                                  ELSE least($2, next_check_at) END, ${REST}),
    check_reason = $18,
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
    site = $27, hubs = coalesce($28::text[], hubs),
    topic = CASE WHEN $28::text[] IS NULL THEN topic ELSE $29 END,
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
    record.offer?.hubs ?? null,
    record.offer?.topic ?? null,
    feed.nextCheckAt,
  ];
}

/** Gives a claim back untouched: the poll was called off. */
export async function releaseFeed(feed: ClaimedFeed): Promise<void> {
  await dbPool().query(
    `UPDATE feeds SET claimed_until = NULL, claim_token = NULL WHERE id = $1 AND claim_token = $2`,
    [feed.id, feed.claimToken],
  );
}
