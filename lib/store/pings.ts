import { dbPool } from '../db.ts';

// Cache events with pinged_at null are the queue of what our own hub is to be told.

/** Told at once; a poll that brings much writes a few. */
const EVENTS_MAX = 1000;

export interface UnpingedEvent {
  id: string;
  tags: string[];
  createdAt: Date;
}

/** Since when the oldest event waits, when telling it last failed, and when the hub was last told. */
export interface PingState {
  waitingSince: Date | null;
  triedAt: Date | null;
  pingedAt: Date | null;
}

/** Two looks into short indexes. */
export async function readPingState(): Promise<PingState> {
  const { rows } = await dbPool().query<PingState>(
    `SELECT (SELECT max(pinged_at) FROM cache_events WHERE pinged_at IS NOT NULL) AS "pingedAt",
            oldest.created_at AS "waitingSince", oldest.ping_tried_at AS "triedAt"
     FROM (SELECT) AS one LEFT JOIN LATERAL (
       SELECT created_at, ping_tried_at FROM cache_events WHERE pinged_at IS NULL
       ORDER BY id LIMIT 1) AS oldest ON true`,
  );
  return rows[0] ?? { waitingSince: null, triedAt: null, pingedAt: null };
}

/** The events that the hub has not been told of, oldest first. */
export async function listUnpinged(): Promise<UnpingedEvent[]> {
  const { rows } = await dbPool().query<UnpingedEvent>(
    `SELECT id, tags, created_at AS "createdAt" FROM cache_events
     WHERE pinged_at IS NULL ORDER BY id LIMIT $1`,
    [EVENTS_MAX],
  );
  return rows;
}

/**
 * What has come of an event. The time of one that is about no list is its own: it says nothing of
 * when the hub was told.
 */
export interface PingEnd {
  id: string;
  outcome: 'told' | 'failed' | 'no-list';
}

/** Writes down what has come of events. */
export async function finishPings(ends: PingEnd[], now: Date): Promise<void> {
  await dbPool().query(
    `UPDATE cache_events e SET
       pinged_at = CASE o.outcome WHEN 'told' THEN $3::timestamptz
                                  WHEN 'no-list' THEN e.created_at END,
       ping_tried_at = CASE o.outcome WHEN 'failed' THEN $3::timestamptz END
     FROM unnest($1::bigint[], $2::text[]) AS o (id, outcome)
     WHERE e.id = o.id AND e.pinged_at IS NULL`,
    [ends.map(({ id }) => id), ends.map(({ outcome }) => outcome), now],
  );
}
