import pg from 'pg';
import { afterAll, expect, inject, test } from 'vitest';
import { listMissingMigrations, migrateDatabase } from '../../lib/embedded/migrate.ts';

const names = ['new', 'used', 'twice'].map((name) => `migrate_${name}_${crypto.randomUUID()}`);
const [fresh, used, twice] = names.map((name) => `${inject('postgresUrl')}${name}`) as [
  string,
  string,
  string,
];

async function ask(url: string, ...statements: string[]): Promise<object[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let rows: object[] = [];
    for (const sql of statements) ({ rows } = await client.query(sql));
    return rows;
  } finally {
    await client.end();
  }
}

const administer = (sql: string) => ask(`${inject('postgresUrl')}postgres`, sql);

afterAll(async () => {
  for (const name of names) await administer(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
});

/** What Prisma knows of a database, without times and numbers by chance. */
const recordOf = (url: string) =>
  ask(
    url,
    `SELECT migration_name, checksum, applied_steps_count, rolled_back_at, logs,
       finished_at >= started_at AS is_finished
     FROM _prisma_migrations ORDER BY migration_name`,
  );
const columnsOf = (url: string) =>
  ask(
    url,
    `SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
     FROM information_schema.columns WHERE table_schema = 'public'
     ORDER BY table_name, ordinal_position`,
  );

test('a database that was missing is filled as Prisma fills one that was not empty', async () => {
  const applied = await migrateDatabase(fresh);
  expect(applied).toBeGreaterThan(40);
  expect(await migrateDatabase(fresh)).toBe(0);

  // One that has something already is left to Prisma.
  await administer(`CREATE DATABASE "${names[1]}"`);
  await ask(used, 'CREATE SEQUENCE besides');
  expect(await migrateDatabase(used)).toBe(applied);
  expect(await recordOf(fresh)).toEqual(await recordOf(used));
  expect(await columnsOf(fresh)).toEqual(await columnsOf(used));
});

test('two that make a database at the same moment make one', async () => {
  await administer(`CREATE DATABASE "${names[2]}"`);
  const applied = await Promise.all([migrateDatabase(twice), migrateDatabase(twice)]);
  expect(applied.filter((number) => number > 0)).toHaveLength(1);
  expect(await listMissingMigrations(twice)).toEqual([]);
});
