import type { Tx } from '../db.ts';
import { PAIRED } from './locks.ts';

/** Waits until nobody else writes the posts of a feed; held to the end of the transaction. */
export async function lockFeed(tx: Tx, feedId: number): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock($1, $2)', [PAIRED.feeds, feedId]);
}
