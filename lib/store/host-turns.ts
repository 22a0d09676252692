import { config } from '../config.ts';
import { dbPool } from '../db.ts';
import type { ClaimedFeed } from '../model/feed.ts';

// How all workers together leave hosts in peace. A host has FETCH_HOST_CONCURRENCY slots; a poll
// takes one in the statement that claims its feed and leaves it when the host has answered, and
// it rests for FETCH_HOST_DELAY_MS. Whoever dies in between leaves nothing to be cleared up: a
// turn that is taken bears the time at which it ends by itself. Hosts stand in a queue (`ready_at`)
// in which only those can be found that have something due and may be asked.

/**
 * A turn that nobody ended ends after this, beside the pause. Longer than a feed can take
 * (FETCH_MS_MAX in lib/fetch) with one other request before it, as for robots.txt.
 */
const TURN_SECONDS = 60;

/** Seconds after which a turn ends by itself. */
const turnSeconds = () => TURN_SECONDS + config().fetchHostDelayMs / 1000;

/** The values of takeTurn, in their order: seconds, and slots of a host. */
export const turnValues = () => [turnSeconds(), config().fetchHostConcurrency];

/**
 * The common table expressions that take a turn: from `host` (host, turns; its row locked) and
 * `due` (feed_id, of_host; one feed's row locked, or none) they make `turn` (until). A host goes to
 * the end of the queue of those that are ready, so that one with many feeds does not keep others
 * waiting.
 * @param first number of the first of turnValues among the statement's values.
 */
export const takeTurn = (first: number) => `
  taken AS (
    SELECT of_host, until,
           ARRAY(SELECT t FROM unnest(host.turns) AS t WHERE t > now()) || until AS turns
    FROM due JOIN host ON host.host = of_host,
         (SELECT date_trunc('milliseconds', now()) + make_interval(secs => $${first}) AS until) AS one
  ), turn AS (
    UPDATE hosts h SET turns = taken.turns, free_at = next.free_at,
      ready_at = greatest(h.ready_at, next.free_at)
    FROM taken, LATERAL (
      SELECT greatest(turns_free_at(taken.turns, $${first + 1}),
                      date_trunc('milliseconds', now())) AS free_at) AS next
    WHERE h.host = of_host RETURNING until
  )`;

/** Whether `host.turns` leave a slot, as SQL. @param first as in takeTurn. */
export const hasFreeSlot = (first: number) =>
  `coalesce(turns_free_at(host.turns, $${first + 1}) <= now(), true)`;

/**
 * Ends a turn that has not ended by itself, as SQL. Nothing is read of the host's feeds: it stands
 * in the queue for when its slot is free, which may be too early, until the claim is given back.
 * @param first number of the first of endValues among the statement's values.
 */
export const endOfTurn = (first: number) => `
  UPDATE hosts SET (turns, free_at, ready_at) = (
    SELECT rest.turns, next.free_at, next.free_at
    FROM (SELECT date_trunc('milliseconds', now()) AS time) AS moment,
      LATERAL (SELECT turns_at_rest(turns, $${first + 1}, time + make_interval(secs => $${first + 2}))
               AS turns) AS rest,
      LATERAL (SELECT greatest(turns_free_at(rest.turns, $${first + 3}), time) AS free_at) AS next)
  WHERE host = $${first} AND $${first + 1}::timestamptz = ANY (turns)`;

/** The values of endOfTurn, in their order. */
export function endValues({ host, turnUntil }: Turn): unknown[] {
  const { fetchHostDelayMs, fetchHostConcurrency } = config();
  return [host, turnUntil, fetchHostDelayMs / 1000, fetchHostConcurrency];
}

type Turn = Pick<ClaimedFeed, 'host' | 'turnUntil'>;

const END_TURN = { name: 'end-turn', text: endOfTurn(1) };

/** Ends the turn of a poll: its host has answered, or will not. Ended once more it is no news. */
export async function endTurn(turn: Turn): Promise<void> {
  if (turn.turnUntil === null) return;
  await dbPool().query({ ...END_TURN, values: endValues(turn) });
  turn.turnUntil = null;
}

/** Puts a host that had nothing due into its place in the queue. */
export async function settleHost(host: string): Promise<void> {
  await dbPool().query('SELECT settle_host($1)', [host]);
}

/**
 * How long until a feed that is due may be asked, in milliseconds: 0 when one may now, which
 * another worker may be claiming. @returns undefined when no feed is due but those being polled.
 */
export async function msUntilDueTurn(): Promise<number | undefined> {
  const { rows } = await dbPool().query<{ ms: number }>(
    `SELECT greatest(extract(epoch FROM h.ready_at - now()) * 1000, 0)::float AS ms FROM hosts h
     WHERE h.ready_at <= now() + make_interval(secs => $1) AND EXISTS (
       SELECT FROM feeds f WHERE f.host = h.host AND f.status = 'active'
         AND f.next_check_at <= now() AND (f.claimed_until IS NULL OR f.claimed_until < now()))
     ORDER BY h.ready_at LIMIT 1`,
    [turnSeconds()],
  );
  return rows[0]?.ms;
}

/** Why a feed cannot be claimed at this moment. */
export type Unclaimed =
  /** Another worker is polling it. */
  | { kind: 'held' }
  /** Its host is being asked, or rests until so many milliseconds from now. */
  | { kind: 'waiting'; ms: number }
  /** Its server asked for rest (Retry-After). */
  | { kind: 'resting'; until: Date }
  | { kind: 'removed' };

/** Tells why claimFeed gave nothing. What has changed since is `waiting` for 0 ms. */
export async function whyUnclaimed(id: number): Promise<Unclaimed> {
  const { rows } = await dbPool().query<{ isHeld: boolean; until: Date | null; ms: number }>(
    `SELECT coalesce(claimed_until >= now(), false) AS "isHeld",
            CASE WHEN retry_after_until > now() THEN retry_after_until END AS until,
            greatest(extract(epoch FROM h.free_at - now()) * 1000, 0)::float AS ms
     FROM feeds LEFT JOIN hosts h USING (host) WHERE id = $1`,
    [id],
  );
  const [feed] = rows;
  if (feed === undefined) return { kind: 'removed' };
  if (feed.isHeld) return { kind: 'held' };
  return feed.until ? { kind: 'resting', until: feed.until } : { kind: 'waiting', ms: feed.ms };
}

/**
 * Forgets hosts that no feed is on any more, and puts right those that stand too late in the
 * queue: that can only be somebody's hand in the tables, but then their feeds would never be
 * polled again.
 * @returns how many were put right.
 */
export async function tidyHosts(): Promise<number> {
  await dbPool().query(
    `DELETE FROM hosts h WHERE ready_at IS NULL AND coalesce(free_at <= now(), true)
       AND coalesce(rest_until <= now(), true)
       AND NOT EXISTS (SELECT FROM feeds f WHERE f.host = h.host)`,
  );
  const { rowCount } = await dbPool().query(
    `SELECT settle_host(late.host) FROM (
       SELECT DISTINCT f.host FROM feeds f LEFT JOIN hosts h ON h.host = f.host
       WHERE f.status = 'active' AND f.next_check_at < now() - interval '10 minutes'
         AND (f.claimed_until IS NULL OR f.claimed_until < now())
         AND coalesce(h.free_at <= now(), true) AND coalesce(h.ready_at > now(), true)) AS late`,
  );
  return rowCount ?? 0;
}
