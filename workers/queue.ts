import { runMigrations } from 'graphile-worker';

/** Makes or updates the job queue's own schema, graphile_worker. */
export async function migrateQueue(databaseUrl: string): Promise<void> {
  await runMigrations({ connectionString: databaseUrl });
}
