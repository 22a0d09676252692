import { dbPool, type Tx, transaction } from '../db.ts';
import { enqueue } from './jobs.ts';
import type { SubscriptionStatus } from './websub.ts';

// What hubs have brought waits as rows; workers read those of one subscription in their order.

/** Pushes of one subscription that wait. Beyond, the feed is polled instead: that has them all. */
const WAITING_MAX = 20;
/** Longer than reading one can take; then another worker tries it. */
const LEASE_MS = 2 * 60_000;
/** A hub that tells too much makes us poll no more often than this. */
const POLL_PAUSE_SECONDS_MIN = 60;
const CONTENT_TYPE_CHARACTERS_MAX = 200;
const FOREIGN_KEY_GONE = '23503';

/**
 * Keeps what a hub has brought, as it came, and wakes a worker.
 * @returns false when the subscription has ended meanwhile.
 */
export async function savePush(
  push: { subscriptionId: number; contentType: string | null; body: Uint8Array },
  now: Date,
): Promise<boolean> {
  const type = push.contentType?.slice(0, CONTENT_TYPE_CHARACTERS_MAX) ?? null;
  try {
    return await transaction(async (tx) => {
      const { rowCount } = await tx.query(
        `INSERT INTO websub_pushes (subscription_id, content_type, body, received_at)
         SELECT $1, $2, $3, $4
         WHERE (SELECT count(*) FROM websub_pushes WHERE subscription_id = $1) < $5`,
        [push.subscriptionId, type, push.body, now, WAITING_MAX],
      );
      if (rowCount === 0) await pollSoon(tx, push.subscriptionId, now);
      await enqueue(tx, 'take-pushes');
      return true;
    });
  } catch (error) {
    if ((error as { code?: string }).code !== FOREIGN_KEY_GONE) throw error;
    return false;
  }
}

/** Has a feed polled at the next tick, however the poll ends that may be under way. */
async function pollSoon(tx: Tx, subscriptionId: number, now: Date): Promise<void> {
  await tx.query(
    `UPDATE feeds f SET next_check_at = CASE WHEN f.claimed_until > $2 THEN soon.at
                                             ELSE least(f.next_check_at, soon.at) END
     FROM websub_subscriptions w, LATERAL (
       SELECT greatest($2::timestamptz, retry_after_until,
                       checked_at + make_interval(secs => $3)) AS at
       FROM feeds WHERE id = w.feed_id) AS soon
     WHERE w.id = $1 AND f.id = w.feed_id AND f.status = 'active'`,
    [subscriptionId, now, POLL_PAUSE_SECONDS_MIN],
  );
}

/** A push that a worker is to read. */
export interface ClaimedPush {
  id: number;
  subscriptionId: number;
  contentType: string | null;
  body: Uint8Array;
  receivedAt: Date;
  /** Times that a worker has begun with it, with this one. */
  attempts: number;
  topic: string;
  status: SubscriptionStatus;
  /** Null when the feed was removed. */
  feed: {
    id: number;
    url: string;
    slug: string;
    status: 'active' | 'paused' | 'gone';
    firstGoodAt: Date | null;
    lastGoodAt: Date | null;
    feedTags: string[];
    dividesGuids: boolean;
    ownerDelayHours: number | null;
  } | null;
}

const CLAIM = `
  WITH next AS (
    SELECT id FROM websub_pushes p
    WHERE (claimed_until IS NULL OR claimed_until < $1)
      AND NOT EXISTS (SELECT FROM websub_pushes older
                      WHERE older.subscription_id = p.subscription_id AND older.id < p.id)
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
  )
  UPDATE websub_pushes p SET claimed_until = $2, attempts = p.attempts + 1
  FROM next, websub_subscriptions w LEFT JOIN feeds f ON f.id = w.feed_id
  WHERE p.id = next.id AND w.id = p.subscription_id
  RETURNING p.id, p.subscription_id AS "subscriptionId", p.content_type AS "contentType", p.body,
    p.received_at AS "receivedAt", p.attempts, w.topic, w.status,
    f.id AS "feedId", f.url, f.slug, f.status AS "feedStatus",
    f.first_good_at AS "firstGoodAt", f.last_good_at AS "lastGoodAt", f.feed_tags AS "feedTags",
    f.divides_guids AS "dividesGuids", f.owner_delay_hours AS "ownerDelayHours"`;

/**
 * Takes the oldest push that no other push of its subscription is before, for this worker alone:
 * two of one feed are never read at the same time. @returns undefined when there is none.
 */
export async function claimPush(now: Date): Promise<ClaimedPush | undefined> {
  const { rows } = await dbPool().query(CLAIM, [now, new Date(now.getTime() + LEASE_MS)]);
  const [row] = rows;
  if (row === undefined) return undefined;
  const { feedId, url, slug, feedStatus, firstGoodAt, lastGoodAt, feedTags, ...rest } = row;
  const { dividesGuids, ownerDelayHours, ...push } = rest;
  const named = { id: feedId, url, slug, status: feedStatus, feedTags };
  const feed = { ...named, firstGoodAt, lastGoodAt, dividesGuids, ownerDelayHours };
  return { ...push, feed: feedId === null ? null : feed };
}

/** What became of a push. */
export type PushEnd =
  /** It was read; `hasEdits`: posts that were there have changed. */
  | { kind: 'read'; hasChanged: boolean; hasEdits: boolean }
  /** It says that there is news, but not what: the feed is polled. */
  | { kind: 'poll' }
  | { kind: 'dropped' };

/** Ends a push. Done twice it changes nothing more. */
export function finishPush(push: ClaimedPush, end: PushEnd, now: Date): Promise<void> {
  return transaction(async (tx) => {
    if (end.kind === 'poll') await pollSoon(tx, push.subscriptionId, now);
    if (end.kind === 'read') {
      // The feed's row first, as a poll does it, so that no two wait in a circle. A hub may bring
      // an older edition late: then the next poll reads the feed whole, and mends that.
      await tx.query(
        `UPDATE feeds SET changed_at = CASE WHEN $2 THEN $4 ELSE changed_at END,
           etag = CASE WHEN $3 THEN NULL ELSE etag END,
           last_modified = CASE WHEN $3 THEN NULL ELSE last_modified END,
           body_hash = CASE WHEN $3 THEN NULL ELSE body_hash END
         WHERE id = $1 AND ($2 OR $3)`,
        [push.feed?.id, end.hasChanged, end.hasEdits, now],
      );
      await tx.query(
        `UPDATE websub_subscriptions SET pushed_at = greatest(pushed_at, $2) WHERE id = $1`,
        [push.subscriptionId, push.receivedAt],
      );
    }
    await tx.query('DELETE FROM websub_pushes WHERE id = $1', [push.id]);
  });
}
