import { db, type Tx } from '../db.ts';

/** Longer than any site process may lag; one that lagged more drops its whole cache. */
const CACHE_EVENTS_KEPT_MINUTES = 60;

/** Writes cache tags that this transaction makes stale; sites are woken at its commit. */
export async function writeCacheEvents(tx: Tx, tags: Iterable<string>): Promise<void> {
  const unique = [...new Set(tags)];
  if (unique.length === 0) return;
  await tx.query('INSERT INTO cache_events (tags) VALUES ($1)', [unique]);
}

/** Writes an event that makes nothing stale: a site that has read it shows all that was before. */
export async function writeMark(): Promise<string> {
  const { id } = await db().cacheEvent.create({ data: { tags: [] }, select: { id: true } });
  return String(id);
}

/** Removes events that every site process has read or slept through. */
export async function pruneCacheEvents(): Promise<number> {
  const oldest = new Date(Date.now() - CACHE_EVENTS_KEPT_MINUTES * 60_000);
  const { count } = await db().cacheEvent.deleteMany({ where: { createdAt: { lt: oldest } } });
  return count;
}
