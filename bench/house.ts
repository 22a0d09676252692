import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { migrateAll } from '../bin/migrate-database.ts';
import { provideSettings } from '../lib/config.ts';
import { closeDb, databaseUrl } from '../lib/db.ts';
import { type Servers, startServers } from '../lib/embedded/servers.ts';
import { POLLS_AT_ONCE_MAX } from '../workers/jobs/poll-feeds.ts';

/** Servers that live as long as one measure, with data of their own. */
export interface House {
  /** Process ids of the servers, by name. */
  postgresPid: number;
  meilisearchPid: number | undefined;
  /** Gives this process a new migrated database. */
  freshDatabase(): Promise<void>;
  /** An empty database without our tables, for a floor. */
  emptyDatabase(name: string): Promise<string>;
  /** Writes out what is due, so that it does not fall into the next turn. */
  settle(): Promise<void>;
}

const open = new Set<() => Promise<void>>();

/** Stops all servers that still run, and removes their data. */
export async function closeHouses(): Promise<void> {
  await Promise.all([...open].map((close) => close()));
}

/**
 * Starts Postgres (and Meilisearch) for `work` and stops them after it. Fetching is let through
 * to this machine, and not spaced apart: all feeds of the bench have one host.
 */
export async function withHouse<T>(
  needs: { search?: boolean },
  work: (house: House) => Promise<T>,
): Promise<T> {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwire-bench-'));
  fs.chmodSync(dataDir, 0o755); // Postgres may run as another user, who must be able to enter
  provideSettings({
    DATABASE_URL: '',
    MEILI_URL: '',
    MEILI_KEY: '',
    LOG_LEVEL: 'warn',
    TAGWIRE_DATA: dataDir,
    SITE_SECRET: 'a secret for the bench that is long enough',
    FETCH_ALLOW: '127.0.0.0/8',
    FETCH_HOST_DELAY_MS: '0',
    FETCH_HOST_CONCURRENCY: String(POLLS_AT_ONCE_MAX),
  });
  let servers: Servers | undefined;
  const close = async () => {
    open.delete(close);
    await closeDb();
    await servers?.stop();
    fs.rmSync(dataDir, { recursive: true, force: true });
  };
  open.add(close);
  try {
    servers = await startServers(dataDir, { database: true, ...needs }, () => {});
    provideSettings(servers.settings);
    return await work(await openHouse(servers));
  } finally {
    await close();
  }
}

async function openHouse(servers: Servers): Promise<House> {
  const template = databaseUrl();
  await migrateAll(template);
  await closeDb();
  const name = new URL(template).pathname.slice(1);
  let count = 0;
  let current: string | undefined;
  const run = (sql: string) => runSql(urlOf(template, 'postgres'), sql);
  return {
    postgresPid: servers.pids.Postgres ?? 0,
    meilisearchPid: servers.pids.Meilisearch,
    async freshDatabase() {
      await closeDb();
      if (current !== undefined) await run(`DROP DATABASE ${current} WITH (FORCE)`);
      count += 1;
      current = `bench_${count}`;
      await run(`CREATE DATABASE ${current} TEMPLATE ${name}`);
      provideSettings({ DATABASE_URL: urlOf(template, current) });
    },
    async emptyDatabase(database) {
      await run(`CREATE DATABASE ${database} TEMPLATE template0`);
      return urlOf(template, database);
    },
    settle: () => run('CHECKPOINT'),
  };
}

function urlOf(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = database;
  return other.href;
}

async function runSql(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
