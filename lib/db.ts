import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { config } from './config.ts';
import { TagwireError } from './errors.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { log } from './log.ts';

/** Connections of one process. Postgres allows 100 by default; a house has a few processes. */
const POOL_CONNECTIONS_MAX = 10;
/**
 * A new connection costs its first reader some 60 ms: to open it, and to read what every statement
 * needs to know of the tables. So one is kept over the pauses between ticks and readers.
 */
const IDLE_MS_MAX = 5 * 60_000;

let pool: pg.Pool | undefined;
let prisma: PrismaClient | undefined;

/** The address of the database. @throws TagwireError when none is set. */
export function databaseUrl(): string {
  const url = config().databaseUrl;
  if (url === undefined) {
    throw new TagwireError(
      'No database: DATABASE_URL is not set and no embedded Postgres was started.',
      'Start everything with `npm start`, or set DATABASE_URL.',
    );
  }
  return url;
}

/** The process's pool of Postgres connections, for SQL that Prisma cannot say. */
export function dbPool(): pg.Pool {
  if (pool === undefined) {
    const made = new pg.Pool({
      connectionString: databaseUrl(),
      max: POOL_CONNECTIONS_MAX,
      idleTimeoutMillis: IDLE_MS_MAX,
    });
    // An idle connection that breaks (server restarted) is dropped by the pool; the next query
    // opens another. Without a listener it would end the process. A pool that is being closed
    // may lose its last connections to a server that stops with it.
    made.on('error', (error) => {
      if (pool === made) log.warn('db.connection_lost', { error });
    });
    // One that breaks while it is in use tells whoever uses it; this one need only be there.
    made.on('connect', (client) => client.on('error', () => {}));
    pool = made;
  }
  return pool;
}

/** The process's Prisma client, on the same pool. Made on first use. */
export function db(): PrismaClient {
  prisma ??= new PrismaClient({ adapter: new PrismaPg(dbPool()) });
  return prisma;
}

/** A connection or transaction's client, as store functions pass it among themselves. */
export type Tx = pg.PoolClient;

/** Runs `work` in one transaction on one connection; rolls back when it throws. */
export async function transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await dbPool().connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // A connection that cannot even roll back must not go back into the pool.
    await client.query('ROLLBACK').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Closes every connection of this process; the next use opens them anew. */
export async function closeDb(): Promise<void> {
  const [oldPrisma, oldPool] = [prisma, pool];
  prisma = undefined;
  pool = undefined;
  await oldPrisma?.$disconnect();
  await oldPool?.end();
}
