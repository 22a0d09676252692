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

/** Makes a fresh migrated database and returns its address. The server is this run's alone. */
async function createDatabase(): Promise<string> {
  const name = `test_${crypto.randomUUID().replaceAll('-', '')}`;
  // The log of what is copied would be the larger part of the work.
  await administer(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} STRATEGY file_copy`);
  return `${inject('postgresUrl')}${name}`;
}

/** Removes a database that createDatabase made, whoever is still connected to it. */
async function dropDatabase(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  await administer(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
}

/**
 * Gives a test file its own fresh migrated database, and the search server of the run. A file
 * that failed leaves its database to be looked into while the run's server lives (watch mode).
 */
export function useDatabase(): void {
  let url: string;
  beforeAll(async () => {
    url = await createDatabase();
    provideSettings({
      DATABASE_URL: url,
      SITE_SECRET: 'a secret for tests that is long enough',
      MEILI_URL: inject('meiliUrl'),
      MEILI_KEY: inject('meiliKey'),
      LOG_LEVEL: 'silent',
    });
  });
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of fixtures from it.
  afterAll(async ({}, suite) => {
    await closeDb();
    const failed = suite.tasks.some((task) => task.result?.state === 'fail');
    if (!failed) await dropDatabase(url);
  });
}
