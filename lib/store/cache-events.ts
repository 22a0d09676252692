import { config } from '../config.ts';
import { db, type Tx } from '../db.ts';

/** Longer than any site process may lag; one that lagged more drops its whole cache. */
const CACHE_EVENTS_KEPT_MINUTES = 60;
/** Where our lists name a hub: of what it could not be told for a day, the next change tells. */
const UNPINGED_KEPT_HOURS = 24;

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

/** Removes events that every site process has read or slept through, and our hub was told of. */
export async function pruneCacheEvents(now = new Date()): Promise<number> {
  const before = (minutes: number) => ({ lt: new Date(now.getTime() - minutes * 60_000) });
  const { count } = await db().cacheEvent.deleteMany({
    where: {
      createdAt: before(CACHE_EVENTS_KEPT_MINUTES),
      ...(config().websubHub === undefined
        ? {}
        : { OR: [{ pingedAt: { not: null } }, { createdAt: before(UNPINGED_KEPT_HOURS * 60) }] }),
    },
  });
  return count;
}
