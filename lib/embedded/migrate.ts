import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { childEnvironment, ROOT } from '../config.ts';
import { TagwireError } from '../errors.ts';
import { log } from '../log.ts';
import { ended, keepOutput } from './process.ts';
import { guard } from './watchdog.ts';

const PRISMA = path.join(ROOT, 'node_modules/prisma/build/index.js');
const MIGRATIONS = path.join(ROOT, 'prisma/migrations');
const UNDEFINED_TABLE = '42P01';
const NO_SUCH_DATABASE = '3D000';

/** The lock that `prisma migrate` takes while it works. */
const PRISMA_LOCK = 72_707_369;
/** Where `prisma migrate` keeps what it has done, as it makes it. */
const RECORD = `CREATE TABLE _prisma_migrations (
  id varchar(36) PRIMARY KEY NOT NULL, checksum varchar(64) NOT NULL, finished_at timestamptz,
  migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`;

/**
 * Brings a database up to date by the migrations in prisma/migrations. A new one gets all of them at
 * once; any other is left to the official `prisma migrate deploy`, which takes three seconds for
 * whatever it does. That command has been seen to end with 0 having done nothing
 * (docs/decisions/0003-prisma-without-downloads.md), so its own record is read afterwards.
 * @returns the number of migrations that were applied now.
 * @throws TagwireError when the database cannot be reached or a migration failed.
 */
export async function migrateDatabase(databaseUrl: string): Promise<number> {
  const expected = listMigrations();
  const isNew = (await appliedMigrations(databaseUrl)).size === 0;
  if (isNew && (await fillNewDatabase(databaseUrl))) return expected.length;
  // Another process may have filled it meanwhile.
  const before = await appliedMigrations(databaseUrl);
  if (expected.every((name) => before.has(name))) return 0;
  const child = spawn(process.execPath, [PRISMA, 'migrate', 'deploy'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: withOurNode(childEnvironment({ DATABASE_URL: databaseUrl })),
  });
  guard(child, 'TERM');
  const words = keepOutput(child);
  const how = await ended(child);
  const after = await appliedMigrations(databaseUrl);
  const missing = expected.filter((name) => !after.has(name));
  if (missing.length > 0) {
    throw new TagwireError(
      `The database ${nameOf(databaseUrl)} was not brought up to date: ${missing.length} ` +
        `migrations are missing, the first of them ${missing[0]}. prisma migrate deploy ended with ` +
        `${how}: ${lastWords(words())}`,
      'Mend what it names, then run `bin/tagwire migrate` again. A database that is not there, ' +
        '`createdb --owner=USER NAME` makes.',
    );
  }
  return expected.filter((name) => !before.has(name)).length;
}

/**
 * Makes a database, if it is missing, and applies every migration in one transaction, recorded as
 * Prisma records them.
 * @returns false, with nothing done, when it is not new or cannot be filled: what stands in the way
 * stands in Prisma's as well, and Prisma has the words for it.
 */
async function fillNewDatabase(databaseUrl: string): Promise<boolean> {
  // A schema of its own is what only Prisma reads from an address.
  if (new URL(databaseUrl).searchParams.has('schema')) return false;
  let client: pg.Client | undefined;
  try {
    client = await connectOrCreate(databaseUrl);
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [PRISMA_LOCK]);
    const { rowCount } = await client.query(
      `SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace LIMIT 1`,
    );
    if (rowCount !== 0) return false;
    await client.query(RECORD);
    for (const name of listMigrations().sort()) {
      const script = fs.readFileSync(path.join(MIGRATIONS, name, 'migration.sql'));
      await client.query(script.toString());
      await client.query(
        `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
         VALUES (gen_random_uuid(), $1, $2, clock_timestamp(), 1)`,
        [createHash('sha256').update(script).digest('hex'), name],
      );
    }
    await client.query('COMMIT');
    return true;
  } catch (error) {
    log.debug('migrate.not_filled', { error });
    return false;
  } finally {
    // What is not committed by now never was.
    await client?.end();
  }
}

/** A connection to a database, which is made when the server has none of this name. */
async function connectOrCreate(databaseUrl: string): Promise<pg.Client> {
  const connect = async (connectionString: string) => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    return client;
  };
  try {
    return await connect(databaseUrl);
  } catch (error) {
    if ((error as pg.DatabaseError).code !== NO_SUCH_DATABASE) throw error;
  }
  const url = new URL(databaseUrl);
  const name = decodeURIComponent(url.pathname.slice(1));
  url.pathname = '/postgres';
  const client = await connect(url.href);
  try {
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  return connect(databaseUrl);
}

/** As messages name a database: never with its password. */
function nameOf(databaseUrl: string): string {
  const { host, pathname } = new URL(databaseUrl);
  return `${pathname.slice(1)} at ${host}`;
}

/** Why Prisma's command has failed; before that it tells at length what it is about to do. */
function lastWords(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const begin = lines.findIndex((line) => /^Error\b/u.test(line));
  return lines.slice(begin === -1 ? -8 : begin, begin === -1 ? undefined : begin + 12).join(' ');
}

const listMigrations = () =>
  fs
    .readdirSync(MIGRATIONS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);

/**
 * Names of the migrations that a database lacks.
 * @throws TagwireError when it cannot be reached.
 */
export async function listMissingMigrations(databaseUrl: string): Promise<string[]> {
  const applied = await appliedMigrations(databaseUrl);
  return listMigrations().filter((name) => !applied.has(name));
}

/** The schema engine is run by its first line, which looks for `node` on the PATH. */
function withOurNode(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, PATH: [path.dirname(process.execPath), env.PATH].join(path.delimiter) };
}

/** Names of the migrations that the database has; empty for a database that is new or missing. */
async function appliedMigrations(databaseUrl: string): Promise<Set<string>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  try {
    await client.connect();
    const { rows } = await client.query<{ migration_name: string }>(
      'SELECT migration_name FROM _prisma_migrations ' +
        'WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    );
    return new Set(rows.map((row) => row.migration_name));
  } catch (error) {
    const { code, message } = error as pg.DatabaseError;
    if (code === UNDEFINED_TABLE || code === NO_SUCH_DATABASE) return new Set();
    throw new TagwireError(
      `The database ${nameOf(databaseUrl)} cannot be used: ${message || code}`,
      'Is the server running, and are user and password in DATABASE_URL right?',
      { cause: error },
    );
  } finally {
    await client.end();
  }
}
