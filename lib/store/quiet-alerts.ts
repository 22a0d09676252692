import { config } from '../config.ts';
import { db, transaction } from '../db.ts';
import { QUIET_AGAIN_DAYS, QUIET_DAYS } from '../model/alert.ts';
import { nextDigest } from './digest-times.ts';
import { enqueue } from './jobs.ts';
import { ONLY_ONE } from './locks.ts';

/** Alerts that would be told within these days are told in the same mail. */
const TOGETHER_DAYS = 7;
const ALERTS_PER_BATCH = 200;

/**
 * When an alert that was heard of at `since` is to be looked at, as SQL: QUIET_DAYS later, at the
 * hour at which its subscriber wants digests.
 * @param since SQL of a timestamptz, `subscriber` of the subscriber's id, `zone` of the site's.
 */
export const quietCheck = (since: string, subscriber: string, zone: string, days = QUIET_DAYS) =>
  nextDigest(`'daily'`, subscriber, `(${since} + interval '${days} days')`, zone);

/**
 * Looks at alerts whose time for it has come. Those that brought something meanwhile are looked at
 * again later; the others are told, all of one subscriber in one mail, if they want that.
 * A private feed tells nothing, for nobody asked it for mails.
 */
export function tellQuietAlerts(now = new Date()): Promise<{ looked: number; mails: number }> {
  return transaction(async (tx) => {
    // Of two at once, the second would tell what the first has told.
    await tx.query('SELECT pg_advisory_xact_lock($1)', [ONLY_ONE.quietMails]);
    const { rows } = await tx.query<{ looked: number; mails: number }>(
      `WITH due AS MATERIALIZED (
         SELECT subscriber_id FROM alerts
         WHERE status = 'active' AND quiet_at <= $1 ORDER BY quiet_at LIMIT ${ALERTS_PER_BATCH}
       ), who AS MATERIALIZED (
         SELECT s.id, s.quiet_mails AND s.status = 'confirmed' AS wants FROM subscribers s
         WHERE s.id IN (SELECT subscriber_id FROM due)
       ), looked AS MATERIALIZED (
         SELECT a.id, a.subscriber_id, a.quiet_at, a.cadence, who.wants,
                greatest(a.confirmed_at, a.words_changed_at, heard.at) AS heard_at
         FROM who JOIN alerts a ON a.subscriber_id = who.id
         LEFT JOIN LATERAL (SELECT m.matched_at AS at FROM alert_matches m WHERE m.alert_id = a.id
                            ORDER BY m.post_id DESC LIMIT 1) AS heard ON true
         WHERE a.status = 'active'
           AND a.quiet_at <= $1::timestamptz + interval '${TOGETHER_DAYS} days'
       ), quiet AS MATERIALIZED (
         SELECT * FROM looked WHERE cadence <> 'feed'
           AND heard_at <= $1::timestamptz - interval '${QUIET_DAYS - TOGETHER_DAYS} days'
       ), told AS MATERIALIZED (
         SELECT * FROM quiet WHERE subscriber_id IN (
           SELECT subscriber_id FROM quiet WHERE wants AND quiet_at <= $1
             AND heard_at <= $1::timestamptz - interval '${QUIET_DAYS} days')
       ), mail AS (
         INSERT INTO deliveries (subscriber_id, kind, dedupe_key, about, created_at, next_attempt_at)
         SELECT subscriber_id, 'quiet'::"DeliveryKind",
                format('quiet-%s-%s', subscriber_id, extract(epoch FROM $1::timestamptz)::bigint),
                array_agg(id ORDER BY id), $1::timestamptz, $1::timestamptz
         FROM told GROUP BY subscriber_id
         RETURNING id
       ), set_told AS (
         UPDATE alerts a SET
           quiet_at = ${quietCheck('$1::timestamptz', 'a.subscriber_id', '$2', QUIET_AGAIN_DAYS)}
         FROM told WHERE a.id = told.id
       ), set_later AS (
         UPDATE alerts a SET quiet_at = CASE
             WHEN l.heard_at > $1::timestamptz - interval '${QUIET_DAYS} days'
             THEN ${quietCheck('l.heard_at', 'a.subscriber_id', '$2')}
             ELSE ${quietCheck('$1::timestamptz', 'a.subscriber_id', '$2')} END
         FROM looked l WHERE a.id = l.id AND l.quiet_at <= $1 AND a.id NOT IN (SELECT id FROM told)
       )
       SELECT (SELECT count(*)::int FROM looked WHERE quiet_at <= $1) AS looked,
              (SELECT count(*)::int FROM mail) AS mails`,
      [now, config().siteTimezone],
    );
    const done = rows[0] ?? { looked: 0, mails: 0 };
    if (done.mails > 0) await enqueue(tx, 'deliver-mail');
    return done;
  });
}

/** Whether a subscriber is told of quiet alerts. @returns false when there is none such. */
export async function setQuietMails(id: number, quietMails: boolean): Promise<boolean> {
  const { count } = await db().subscriber.updateMany({ where: { id }, data: { quietMails } });
  return count === 1;
}
