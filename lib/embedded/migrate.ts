import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { childEnvironment, ROOT } from '../config.ts';
import { TagwireError } from '../errors.ts';
import { ended, keepOutput } from './process.ts';
import { guard } from './watchdog.ts';

const PRISMA = path.join(ROOT, 'node_modules/prisma/build/index.js');
const MIGRATIONS = path.join(ROOT, 'prisma/migrations');

/**
 * Applies the migrations in prisma/migrations with the official `prisma migrate deploy`, and
 * makes sure: that command has been seen to end with 0 having done nothing
 * (docs/decisions/0003-prisma-without-downloads.md), so its own record is read afterwards.
 * @returns the number of migrations that were applied now.
 * @throws TagwireError when the database cannot be reached or a migration failed.
 */
export async function migrateDatabase(databaseUrl: string): Promise<number> {
  const expected = listMigrations();
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
    const UNDEFINED_TABLE = '42P01';
    const NO_SUCH_DATABASE = '3D000';
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
