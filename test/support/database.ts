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
async function createDatabase(name: string): Promise<string> {
  // The log of what is copied would be the larger part of the work.
  await administer(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} STRATEGY file_copy`);
  return `${inject('postgresUrl')}${name}`;
}

/** Removes a database that createDatabase made, whoever is still connected to it. */
const dropDatabase = (name: string) => administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);

/** Gives a database another name, whoever is still connected to it. */
async function renameDatabase(name: string, to: string): Promise<void> {
  await administer(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  await administer(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
  );
  await administer(`ALTER DATABASE ${name} RENAME TO ${to}`);
  await administer(`ALTER DATABASE ${to} ALLOW_CONNECTIONS true`);
}

/** A name that no other database has. */
const freshName = () => `test_${crypto.randomUUID().replaceAll('-', '')}`;

/** The database of `openSite`, which files of this process have one after the other. */
const SITE_DATABASE = `site_${process.pid}`;
/** How the last of them ended. Its database stays till the next, or the site would look for it. */
let lastOfSite: 'passed' | 'failed' | undefined;

/**
 * Gives a test file its own fresh migrated database, and the search server of the run. A file
 * that failed leaves its database to be looked into while the run's server lives (watch mode).
 * @param options.isOfSite it stands where the site of `openSite` has its own.
 */
export function useDatabase({ isOfSite = false } = {}): void {
  const name = isOfSite ? SITE_DATABASE : freshName();
  beforeAll(async () => {
    if (isOfSite && lastOfSite === 'passed') await dropDatabase(name);
    if (isOfSite && lastOfSite === 'failed') await renameDatabase(name, freshName());
    const url = await createDatabase(name);
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
    if (isOfSite) lastOfSite = failed ? 'failed' : 'passed';
    else if (!failed) await dropDatabase(name);
  });
}
