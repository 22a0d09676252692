import { closeDb, dbPool } from '../../lib/db.ts';

const COUNTED_MS_MAX = 20_000;

/** Returns when every connection has told what it did. */
export async function hearAll(): Promise<void> {
  await closeDb();
  const others = `SELECT FROM pg_stat_activity
                  WHERE datname = current_database() AND pid <> pg_backend_pid()
                    AND backend_type = 'client backend'`;
  const giveUpAt = Date.now() + COUNTED_MS_MAX;
  while (((await dbPool().query(others)).rowCount ?? 0) > 0) {
    if (Date.now() > giveUpAt) throw new Error('connections stay open');
  }
}

/** Reads of whole tables so far. */
export async function wholeReads(tables: string[]): Promise<Record<string, number>> {
  await hearAll();
  const { rows } = await dbPool().query<{ name: string; reads: number }>(
    `SELECT relname AS name, seq_scan::int AS reads FROM pg_stat_user_tables
     WHERE relname = ANY($1)`,
    [tables],
  );
  return Object.fromEntries(rows.map(({ name, reads }) => [name, reads]));
}
