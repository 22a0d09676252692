import type { Tx } from '../db.ts';
import { PAIRED } from './locks.ts';

/** Has nobody else save posts of these feeds until the transaction ends. */
export async function lockFeeds(tx: Tx, feedIds: readonly number[]): Promise<void> {
  await tx.query(
    `SELECT pg_advisory_xact_lock($1, id)
     FROM (SELECT DISTINCT id FROM unnest($2::int[]) AS id ORDER BY id) AS sorted`,
    [PAIRED.feeds, feedIds],
  );
}
