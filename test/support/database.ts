import pg from 'pg';
import { afterAll, beforeAll, inject } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { closeDb } from '../../lib/db.ts';
import { TEMPLATE } from './global-servers.ts';

/** Runs one statement as the superuser of the run's Postgres. */
async function administer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: `${inject('postgresUrl')}postgres` });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Makes a fresh migrated database and returns its address. */
export async function createDatabase(): Promise<string> {
  const name = `test_${crypto.randomUUID().replaceAll('-', '')}`;
  await administer(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  return `${inject('postgresUrl')}${name}`;
}

/** Gives a test file its own fresh migrated database, and the search server of the run. */
export function useDatabase(): void {
  beforeAll(async () => {
    provideSettings({
      DATABASE_URL: await createDatabase(),
      SITE_SECRET: 'a secret for tests that is long enough',
      MEILI_URL: inject('meiliUrl'),
      MEILI_KEY: inject('meiliKey'),
      LOG_LEVEL: 'silent',
    });
  });
  afterAll(closeDb);
}
