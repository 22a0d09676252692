import { listMissingMigrations, migrateDatabase } from '../lib/embedded/migrate.ts';
import { TagwireError } from '../lib/errors.ts';
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

/**
 * Makes sure that a program can start on this database.
 * @throws TagwireError when it cannot be reached, or is not up to date.
 */
export async function requireDatabase(databaseUrl: string): Promise<void> {
  const missing = await listMissingMigrations(databaseUrl);
  if (missing.length === 0) return;
  throw new TagwireError(
    `The database is not up to date: ${missing.length} migrations are missing.`,
    'Run `bin/tagwire migrate` first.',
  );
}
