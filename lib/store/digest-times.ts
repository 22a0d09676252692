import { config } from '../config.ts';
import { transaction } from '../db.ts';
import { DIGEST_HOUR } from '../model/alert.ts';

/** Of those that clocks went back in any zone, the most: Troll in Antarctica. */
const HOURS_BACK_MAX = 2;

/**
 * The first moment with a local time, as SQL. Of an hour that there is twice, Postgres takes the
 * second.
 */
const firstMoment = (local: string, zone: string) => `(
  SELECT coalesce(min(earlier.t) FILTER (WHERE earlier.t AT TIME ZONE ${zone} = ${local}), max(earlier.t))
  FROM (SELECT ${local} AT TIME ZONE ${zone} - make_interval(hours => back) AS t
        FROM generate_series(0, ${HOURS_BACK_MAX}) AS back) AS earlier)`;

/**
 * The next time after `now` at which a digest comes, as SQL; null for other cadences. Local times
 * of the subscriber, or of the site: in the nights when clocks change an hour that there is not is
 * the one after it, and one that there is twice the first (as RFC 5545, section 3.3.5).
 * @param cadence SQL of the cadence, `subscriber` of the subscriber's id, `now` and `zone`
 * (the site's time zone) of parameters.
 */
export const nextDigest = (cadence: string, subscriber: string, now: string, zone: string) => `(
  SELECT min(times.t)
  FROM subscribers who,
       LATERAL (SELECT coalesce(who.time_zone, ${zone}::text) AS zone,
                       coalesce(who.digest_hour, ${DIGEST_HOUR}) AS hour) AS wish,
       LATERAL (SELECT date_trunc('day', ${now}::timestamptz AT TIME ZONE wish.zone) AS start) AS today,
       generate_series(today.start, today.start + interval '8 days', interval '1 day') AS days (day),
       LATERAL (SELECT days.day + make_interval(hours => wish.hour::int) AS local) AS clock,
       LATERAL (SELECT ${firstMoment('clock.local', 'wish.zone')} AS t) AS times
  WHERE who.id = ${subscriber} AND times.t > ${now}::timestamptz
    AND (${cadence}::text = 'daily'
         OR (${cadence}::text = 'weekly' AND extract(isodow FROM days.day) = 1)))`;

/**
 * Sets when digests come to a subscriber; undefined takes the site's hour or zone.
 * @returns false when Postgres does not know the zone: then nothing changes.
 */
export function setDigestTimes(
  subscriberId: number,
  wish: { hour: number | undefined; zone: string | undefined },
  now = new Date(),
): Promise<boolean> {
  return transaction(async (tx) => {
    if (wish.zone !== undefined) {
      const known = await tx.query('SELECT FROM pg_timezone_names WHERE name = $1', [wish.zone]);
      if (known.rows.length === 0) return false;
    }
    await tx.query('UPDATE subscribers SET digest_hour = $2, time_zone = $3 WHERE id = $1', [
      subscriberId,
      wish.hour ?? null,
      wish.zone ?? null,
    ]);
    // What is due at this moment stays due.
    await tx.query(
      `UPDATE alerts a SET next_digest_at = ${nextDigest('a.cadence', 'a.subscriber_id', '$2', '$3')}
       WHERE subscriber_id = $1 AND cadence IN ('daily', 'weekly') AND next_digest_at > $2`,
      [subscriberId, now, config().siteTimezone],
    );
    return true;
  });
}
