import { createHash } from 'node:crypto';
import { dbPool, type Tx, transaction } from '../db.ts';
import type { ClaimedFeed } from '../model/feed.ts';
import { FAILING_DAYS_TOLD, type NoticeData, type NoticeKind } from '../model/notice.ts';
import { enqueue } from './jobs.ts';
import { ONLY_ONE } from './locks.ts';

// What the operator is told of feeds. A notice is written in the transaction of its cause; its
// key says since when, so that one cause is one notice however often it is met.

const DAY_MS = 24 * 60 * 60_000;
/** What was over before it could be mailed, and is older, is no news any more. */
const ENDED_DAYS_TOLD = 1;
/** From one mail to the next. */
const MAIL_MINUTES_MIN = 60;
const NOTICES_PER_MAIL_MAX = 100;
const KEPT_DAYS = 365;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** What a poll found that may want telling; a PollRecord is one. */
interface PollNews {
  isGood: boolean;
  status?: 'gone' | 'paused';
  error?: { kind: string; text?: string; isOurs?: boolean };
  newUrl?: string;
}

/** Writes a feed's notice. @param since tells this cause from others of its kind. */
export async function tell<K extends Exclude<NoticeKind, 'network' | 'mailbox'>>(
  tx: Tx,
  kind: K,
  feedId: number,
  since: string,
  data: Omit<NoticeData[K], 'title'>,
): Promise<void> {
  await tx.query(
    `INSERT INTO notices (key, kind, feed_id, data)
     SELECT $2, $3, id, jsonb_build_object('title', coalesce(title_override, title)) || $4::jsonb
     FROM feeds WHERE id = $1 ON CONFLICT (key) DO NOTHING`,
    [feedId, `${kind}-${feedId}-${since}`, kind, JSON.stringify(data)],
  );
}

/** Ends one notice: it has been dealt with. @param since as `tell` was given it. */
export async function endNotice(
  tx: Tx,
  kind: NoticeKind,
  feedId: number,
  since: string,
): Promise<void> {
  await tx.query('UPDATE notices SET ended_at = now() WHERE key = $1 AND ended_at IS NULL', [
    `${kind}-${feedId}-${since}`,
  ]);
}

/** Ends what is told of a feed: it is so no more. */
export async function endNotices(tx: Tx, feedId: number, kinds: NoticeKind[]): Promise<void> {
  await tx.query(
    `UPDATE notices SET ended_at = now()
     WHERE feed_id = $1 AND kind = ANY($2::"NoticeKind"[]) AND ended_at IS NULL`,
    [feedId, kinds],
  );
}

/**
 * The feed has another address now, or would have, were it not that of another feed. That there
 * is TLS now is no news.
 */
async function tellMove(tx: Tx, feed: ClaimedFeed, to: string): Promise<void> {
  if (to === feed.url.replace(/^http:/u, 'https:')) return;
  const { rows } = await tx.query<{ isTaken: boolean }>(
    'SELECT url <> $2 AS "isTaken" FROM feeds WHERE id = $1',
    [feed.id, to],
  );
  const isTaken = rows[0]?.isTaken ?? false;
  // A move happens once; that an address is taken is found every week anew.
  const since = isTaken ? sha256(to) : new Date().toISOString();
  await tell(tx, 'moved', feed.id, since, { from: feed.url, to, isTaken });
  if (!isTaken) await endNotices(tx, feed.id, ['moved']);
}

/** Tells what a poll found, after it has been written to the feed. */
export async function tellOfPoll(tx: Tx, feed: ClaimedFeed, news: PollNews): Promise<void> {
  const { id, url } = feed;
  if (news.isGood && feed.errorCount > 0) await endNotices(tx, id, ['failing']);
  if (news.newUrl !== undefined) await tellMove(tx, feed, news.newUrl);
  const since = (feed.errorSince ?? new Date()).toISOString();
  if (news.status === 'gone') {
    await endNotices(tx, id, ['failing']);
    // A feed that answers well and is gone was taken out by its publisher.
    if (news.isGood) await tell(tx, 'removed', id, since, { url });
    else {
      const goneSince = feed.goneSince?.toISOString() ?? since;
      await tell(tx, 'gone', id, goneSince, { url, since: goneSince });
    }
  } else if (news.error && !news.error.isOurs) {
    if (Date.now() - Date.parse(since) < FAILING_DAYS_TOLD * DAY_MS) return;
    await tell(tx, 'failing', id, since, { url, since, error: news.error.text ?? news.error.kind });
  }
}

/**
 * Writes a mail of what the operator has not been told by mail, unless there was one within the
 * last hour: the first notice is told at once, and those that follow wait for each other.
 * @returns how many notices it tells.
 */
export function buildNoticesMail(): Promise<number> {
  return transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [ONLY_ONE.noticesMail]);
    const { rowCount } = await tx.query(
      `WITH untold AS (
         SELECT id FROM notices WHERE delivery_id IS NULL AND mailed_at IS NULL
           AND (ended_at IS NULL OR created_at > now() - make_interval(days => $1))
         ORDER BY id LIMIT $2
       ), mail AS (
         INSERT INTO deliveries (kind, dedupe_key)
         SELECT 'notices', format('notices-%s', max(id)) FROM untold
         WHERE NOT EXISTS (
           SELECT FROM notices n JOIN deliveries d ON d.id = n.delivery_id
           WHERE d.created_at > now() - make_interval(mins => $3))
         HAVING count(*) > 0 RETURNING id
       )
       UPDATE notices n SET delivery_id = mail.id FROM mail, untold WHERE n.id = untold.id`,
      [ENDED_DAYS_TOLD, NOTICES_PER_MAIL_MAX, MAIL_MINUTES_MIN],
    );
    if (rowCount) await enqueue(tx, 'deliver-mail');
    return rowCount ?? 0;
  });
}

/** Removes notices of what has been over for a year. */
export async function pruneNotices(): Promise<void> {
  await dbPool().query('DELETE FROM notices WHERE ended_at < now() - make_interval(days => $1)', [
    KEPT_DAYS,
  ]);
}
