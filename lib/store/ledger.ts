import { dbPool } from '../db.ts';
import { DAYS_KEPT, POLLS_KEPT, type PollEntry } from '../model/fetching.ts';

// What we fetched of a feed: its last polls in a ring of rows, and sums for each day.

/** What a day has sums of. */
const COUNTS = `
  polls, requests, not_modified, failures, retry_afters, wire_bytes, body_bytes, posts`;

/**
 * Writes a poll into the ledger, as the rest of a statement that ends the poll: no round trip of
 * its own. What precedes it is `finished`, one row with the feed's `id` and the number of this
 * poll. Nothing is written when there is no entry.
 * @param entry the parameter with what entryJson gave.
 */
export const writeEntrySql = (entry: string) => `
  entry AS (
    SELECT f.id AS feed_id, f.poll_number, e.*
    FROM finished f, jsonb_to_record(${entry}::jsonb) AS e(
      outcome text, status smallint, "errorKind" text, "isConditional" boolean,
      requests smallint, "wireBytes" int, "bodyBytes" int, ms int, posts int,
      "isFailure" boolean, "isRest" boolean)
    WHERE ${entry}::jsonb IS NOT NULL),
  ring AS (
    INSERT INTO feed_polls AS p (feed_id, slot, at, outcome, status, error_kind, is_conditional,
                                 requests, wire_bytes, body_bytes, ms, posts)
    SELECT feed_id, poll_number % ${POLLS_KEPT}, now(), outcome, status, "errorKind",
           "isConditional", requests, "wireBytes", "bodyBytes", ms, posts
    FROM entry
    ON CONFLICT (feed_id, slot) DO UPDATE SET
      at = excluded.at, outcome = excluded.outcome, status = excluded.status,
      error_kind = excluded.error_kind, is_conditional = excluded.is_conditional,
      requests = excluded.requests, wire_bytes = excluded.wire_bytes,
      body_bytes = excluded.body_bytes, ms = excluded.ms, posts = excluded.posts)
  INSERT INTO feed_days AS d (feed_id, day, ${COUNTS})
  SELECT feed_id, (now() AT TIME ZONE 'UTC')::date, 1, requests, (status IS NOT DISTINCT FROM 304)::int,
         "isFailure"::int, "isRest"::int, "wireBytes", "bodyBytes", posts
  FROM entry
  ON CONFLICT (feed_id, day) DO UPDATE SET
    polls = d.polls + 1, requests = d.requests + excluded.requests,
    not_modified = d.not_modified + excluded.not_modified,
    failures = d.failures + excluded.failures,
    retry_afters = d.retry_afters + excluded.retry_afters,
    wire_bytes = d.wire_bytes + excluded.wire_bytes,
    body_bytes = d.body_bytes + excluded.body_bytes, posts = d.posts + excluded.posts`;

/**
 * An entry as writeEntrySql takes it.
 * @param facts.errorKind what failed; `isFailure`: it was the feed's fault; `isRest`: its server
 *   asked us to come later (Retry-After).
 */
export function entryJson(
  entry: PollEntry,
  facts: { errorKind: string | null; isFailure: boolean; isRest: boolean },
): string {
  return JSON.stringify({ ...entry, ...facts });
}

/** Removes the sums of days that nobody is shown any more. @returns how many. */
export async function pruneFeedDays(): Promise<number> {
  const { rowCount } = await dbPool().query(
    `DELETE FROM feed_days WHERE day < (now() AT TIME ZONE 'UTC')::date - $1::int`,
    [DAYS_KEPT],
  );
  return rowCount ?? 0;
}
