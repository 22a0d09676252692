import { Logger, runMigrations } from 'graphile-worker';
import { log } from '../lib/log.ts';

/** Its own words would go to standard output, which is for results. */
const logger = new Logger(() => (level, message) => {
  if (level === 'error' || level === 'warning') log.warn('queue.migration', { message });
});

/** Makes or updates the job queue's own schema, graphile_worker. */
export async function migrateQueue(databaseUrl: string): Promise<void> {
  await runMigrations({ connectionString: databaseUrl, logger });
}
