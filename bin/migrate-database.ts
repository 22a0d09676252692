import { migrateDatabase } from '../lib/embedded/migrate.ts';
import { migrateQueue } from '../workers/queue.ts';

/**
 * Brings our tables and the job queue's own up to date.
 * @returns how many of our migrations were applied now.
 * @throws TagwireError when the database cannot be used or a migration failed.
 */
export async function migrateAll(databaseUrl: string): Promise<number> {
  const applied = await migrateDatabase(databaseUrl);
  await migrateQueue(databaseUrl);
  return applied;
}
