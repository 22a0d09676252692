import { dbPool } from '../db.ts';
import type { Coverage } from '../model/alert.ts';

/** More names make a list that nobody reads; the rest is a number. */
const NAMED_MAX = 5;
/** A source that failed once is asked again soon: it has missed nothing yet. */
const UNREACHABLE_HOURS_MIN = 6;

/** How complete a look at all sources is now. */
export async function readCoverage(now: Date): Promise<Coverage> {
  const { rows } = await dbPool().query<{ title: string; since: Date; all: number; away: number }>(
    `SELECT counts.all, counts.away, named.title, named.since FROM (
       SELECT count(*)::int AS all,
              count(*) FILTER (WHERE error_since < $1::timestamptz - make_interval(hours => $2))::int
                AS away
       FROM feeds WHERE status = 'active') AS counts
     LEFT JOIN LATERAL (
       SELECT coalesce(title_override, title) AS title, error_since AS since FROM feeds
       WHERE status = 'active' AND error_since < $1::timestamptz - make_interval(hours => $2)
       ORDER BY error_since DESC, id LIMIT $3) AS named ON true
     ORDER BY named.since DESC`,
    [now, UNREACHABLE_HOURS_MIN, NAMED_MAX],
  );
  const [first] = rows;
  return {
    sources: first?.all ?? 0,
    unreachable: first?.away ?? 0,
    latest: rows.flatMap(({ title, since }) =>
      title === null ? [] : [{ title, since: since.toISOString() }],
    ),
  };
}
