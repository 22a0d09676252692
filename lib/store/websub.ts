import { sourceTag } from '../cache-tags.ts';
import { db, dbPool, type Tx, transaction } from '../db.ts';
import { LIVELY_DAYS, retryAt } from '../model/websub.ts';
import { writeCacheEvents } from './cache-events.ts';

// Subscriptions with hubs: what is wanted, and what was asked for. A feed has at most one that is
// not ending.

export type SubscriptionStatus = 'wanted' | 'active' | 'denied' | 'ending';

/** A feed that has fallen silent is looked at again so often while its lease lasts. */
const SILENT_RECHECK_MS = 24 * 60 * 60_000;

/** SQL: whether the feed of this id has brought something of late; one row of its archive's index. */
const isLively = (feedId: string, now: string) =>
  `coalesce((SELECT s.sort_at > ${now}::timestamptz - interval '${LIVELY_DAYS} days'
             FROM post_sources s WHERE s.feed_id = ${feedId}
             ORDER BY s.sort_at DESC, s.post_id DESC LIMIT 1), false)`;

/** The source's page says which hub tells us of its news. */
export async function expireSource(tx: Tx, feedId: number | null): Promise<void> {
  const { rows } = await tx.query<{ slug: string }>('SELECT slug FROM feeds WHERE id = $1', [
    feedId,
  ]);
  await writeCacheEvents(
    tx,
    rows.map(({ slug }) => sourceTag(slug)),
  );
}

/**
 * Brings a feed's subscription in step with what the feed's row says now: begins one with the
 * first hub that it names, keeps one with a hub and topic that it still names, ends any other.
 * The caller holds the row.
 */
export async function settleSubscription(tx: Tx, feedId: number, now: Date): Promise<void> {
  const { rows } = await tx.query<{
    isActive: boolean;
    isLively: boolean;
    hubs: string[];
    topic: string;
    current: { hub: string; topic: string } | null;
  }>(
    `SELECT f.status = 'active' AS "isActive", ${isLively('f.id', '$2')} AS "isLively",
            coalesce(f.hubs, '{}') AS hubs, coalesce(f.topic, f.url) AS topic,
            CASE WHEN w.id IS NOT NULL
                 THEN json_build_object('hub', w.hub, 'topic', w.topic) END AS current
     FROM feeds f LEFT JOIN websub_subscriptions w ON w.feed_id = f.id AND w.status <> 'ending'
     WHERE f.id = $1`,
    [feedId, now],
  );
  const [feed] = rows;
  if (feed === undefined) return;
  const hubs = feed.isActive ? feed.hubs : [];
  const { current } = feed;
  if (current !== null) {
    if (hubs.includes(current.hub) && current.topic === feed.topic) return;
    await endSubscription(tx, feedId, now);
  }
  const [first] = hubs;
  if (first === undefined || !feed.isLively) return;
  await tx.query(
    'INSERT INTO websub_subscriptions (feed_id, hub, topic, due_at) VALUES ($1, $2, $3, $4)',
    [feedId, first, feed.topic, now],
  );
}

/** Has the hub told that nothing more is wanted for a feed; forgets what it has never agreed to. */
export async function endSubscription(tx: Tx, feedId: number, now: Date): Promise<void> {
  await tx.query(
    `DELETE FROM websub_subscriptions
     WHERE feed_id = $1 AND status <> 'ending' AND (requested_at IS NULL OR status = 'denied')`,
    [feedId],
  );
  const { rowCount } = await tx.query(
    `UPDATE websub_subscriptions SET status = 'ending', due_at = $2, attempts = 0, awaits = NULL
     WHERE feed_id = $1 AND status <> 'ending'`,
    [feedId, now],
  );
  if (rowCount) await expireSource(tx, feedId);
}

/** A subscription whose hub is to be asked now. */
export interface DueSubscription {
  id: number;
  feedId: number | null;
  status: SubscriptionStatus;
  hub: string;
  topic: string;
  /** Hubs that the feed names, first ones first. */
  hubs: string[];
  isLively: boolean;
  /** Nothing has come of the last request. */
  wasUnanswered: boolean;
  /** Requests since the hub last verified one, with this one. */
  attempts: number;
  leaseUntil: Date | null;
  /** When this request began: says which request an outcome belongs to. */
  requestedAt: Date;
}

const DUE = `
  SELECT w.id, w.feed_id AS "feedId", w.status, w.hub, w.topic, w.attempts,
         w.lease_until AS "leaseUntil", w.awaits IS NOT NULL AS "wasUnanswered",
         coalesce(f.hubs, '{}') AS hubs, ${isLively('w.feed_id', '$1')} AS "isLively"
  FROM websub_subscriptions w LEFT JOIN feeds f ON f.id = w.feed_id
  WHERE w.due_at <= $1 AND w.requested_at IS DISTINCT FROM $1
  ORDER BY w.due_at LIMIT 1 FOR UPDATE OF w SKIP LOCKED`;

/**
 * Takes the subscription whose hub has been due for longest, and writes down that it is being
 * asked, before it is: hubs verify while we still wait for their answer. If nothing comes of it,
 * it is due again after a pause that grows. At one moment none is asked twice, whatever the clock
 * of the site says that takes the verification. @returns undefined when none is due.
 */
export function claimSubscription(now: Date, random: number): Promise<DueSubscription | undefined> {
  return transaction(async (tx) => {
    const { rows } = await tx.query<Omit<DueSubscription, 'requestedAt'>>(DUE, [now]);
    const [due] = rows;
    if (due === undefined) return undefined;
    await tx.query(
      `UPDATE websub_subscriptions SET requested_at = $2, attempts = attempts + 1, due_at = $3,
         awaits = CASE WHEN status = 'ending' THEN 'unsubscribe' ELSE 'subscribe' END
       WHERE id = $1`,
      [due.id, now, retryAt(now, due.attempts, random)],
    );
    return { ...due, attempts: due.attempts + 1, requestedAt: now };
  });
}

/** Notes which hub is going to be asked. */
export async function chooseHub({ id, hub }: { id: number; hub: string }): Promise<void> {
  await db().websubSubscription.updateMany({ where: { id }, data: { hub } });
}

/**
 * Writes down how a request ended; a verification that came meanwhile stays.
 * @param errorText why it is not in force, for the operator.
 * @param wasAsked false when no hub was asked at all: then nothing is waited for.
 */
export async function finishRequest(
  due: DueSubscription,
  errorText: string,
  wasAsked: boolean,
): Promise<void> {
  await dbPool().query(
    `UPDATE websub_subscriptions SET error_text = $3, awaits = CASE WHEN $4 THEN awaits END,
       requested_at = CASE WHEN $4 OR status <> 'wanted' THEN requested_at END
     WHERE id = $1 AND requested_at = $2 AND awaits IS NOT NULL`,
    [due.id, due.requestedAt, errorText, wasAsked],
  );
}

/** Gives a claim back: the request was called off. */
export async function releaseSubscription(due: DueSubscription): Promise<void> {
  await db().websubSubscription.updateMany({
    where: { id: due.id, requestedAt: due.requestedAt },
    data: { dueAt: due.requestedAt, attempts: due.attempts - 1 },
  });
}

/** Lets a silent feed's lease run out, and forgets the subscription then. */
export async function restSubscription(due: DueSubscription, now: Date): Promise<void> {
  if (due.leaseUntil === null || due.leaseUntil <= now) return forgetSubscription(due.id);
  const again = Math.min(due.leaseUntil.getTime(), now.getTime() + SILENT_RECHECK_MS);
  await db().websubSubscription.updateMany({
    where: { id: due.id },
    data: { awaits: null, attempts: 0, dueAt: new Date(again) },
  });
}

/** Deletes a subscription that is over. What its hub still sends is answered with 410. */
export async function forgetSubscription(id: number): Promise<void> {
  await db().websubSubscription.deleteMany({ where: { id } });
}

/** What a push of a subscription meets; undefined when it is over. */
export async function findSubscription(
  id: number,
): Promise<{ feedId: number | null; status: SubscriptionStatus } | undefined> {
  const select = { feedId: true, status: true } as const;
  return (await db().websubSubscription.findUnique({ where: { id }, select })) ?? undefined;
}

/** What there is with a hub for a feed, for the operator. */
export function describeSubscription(feedId: number) {
  return db().websubSubscription.findFirst({
    where: { feedId, status: { not: 'ending' } },
    select: {
      hub: true,
      topic: true,
      status: true,
      activeSince: true,
      leaseUntil: true,
      requestedAt: true,
      dueAt: true,
      pushedAt: true,
      missedAt: true,
      errorText: true,
    },
  });
}

/**
 * Takes note that a poll at `now` has found what no push had brought: published over an hour before
 * and while the lease was in force, but seen for the first time by this poll.
 * @returns whether it has.
 */
export async function noteMissed(feedId: number, now: Date): Promise<boolean> {
  const { rowCount } = await dbPool().query(
    `UPDATE websub_subscriptions w SET missed_at = $2
     WHERE w.feed_id = $1 AND w.status = 'active' AND w.lease_until > $2
       AND EXISTS (SELECT FROM post_sources s
                   WHERE s.feed_id = $1 AND s.first_seen_at = $2
                     AND s.sort_at > greatest(w.active_since,
                                              $2::timestamptz - interval '${LIVELY_DAYS} days')
                     AND s.sort_at < $2::timestamptz - interval '1 hour')`,
    [feedId, now],
  );
  return rowCount === 1;
}

/** How many subscriptions there are by what has become of them; `lapsed`: the lease ran out. */
export async function countSubscriptions(
  now: Date,
): Promise<Record<SubscriptionStatus | 'lapsed', number>> {
  const { rows } = await dbPool().query<{ status: SubscriptionStatus | 'lapsed'; count: number }>(
    `SELECT CASE WHEN status = 'active' AND lease_until <= $1 THEN 'lapsed'
                 ELSE status::text END AS status, count(*)::int AS count
     FROM websub_subscriptions GROUP BY 1`,
    [now],
  );
  const counts = { wanted: 0, active: 0, lapsed: 0, denied: 0, ending: 0 };
  for (const { status, count } of rows) counts[status] = count;
  return counts;
}
