import { dbPool, type Tx } from '../db.ts';

/** Longer than any site process may lag; one that lagged more drops its whole cache. */
export const CACHE_EVENTS_KEPT_MINUTES = 60;

/** Writes cache tags that this transaction makes stale; sites are woken at its commit. */
export async function writeCacheEvents(tx: Tx, tags: Iterable<string>): Promise<void> {
  const unique = [...new Set(tags)];
  if (unique.length === 0) return;
  await tx.query('INSERT INTO cache_events (tags) VALUES ($1)', [unique]);
}

/** Removes events that every site process has read or slept through. */
export async function pruneCacheEvents(): Promise<number> {
  const { rowCount } = await dbPool().query(
    `DELETE FROM cache_events WHERE created_at < now() - make_interval(mins => $1)`,
    [CACHE_EVENTS_KEPT_MINUTES],
  );
  return rowCount ?? 0;
}
