import { dbPool } from '../db.ts';
import { ONLY_ONE } from './locks.ts';

/**
 * Runs `work` as the only one of its kind on this database; rows stay free for other writers.
 * @param options.waits to wait for another worker that is at it already.
 * @returns undefined when another is at it and we do not wait.
 */
export async function asOnly<T>(
  kind: 'indexer' | 'pinger' | 'mailbox',
  work: () => Promise<T>,
  options: { waits?: boolean } = {},
): Promise<T | undefined> {
  const client = await dbPool().connect();
  try {
    const { rows } = await client.query<{ got: boolean }>(
      options.waits
        ? 'SELECT true AS got FROM pg_advisory_lock($1)'
        : 'SELECT pg_try_advisory_lock($1) AS got',
      [ONLY_ONE[kind]],
    );
    if (!rows[0]?.got) return undefined;
    try {
      return await work();
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [ONLY_ONE[kind]]);
    }
  } finally {
    client.release();
  }
}
