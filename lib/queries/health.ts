import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { config, ROOT } from '../config.ts';
import { dbPool } from '../db.ts';
import { messageOf } from '../errors.ts';

/** A database that takes longer is not ready. */
const CHECK_MS_MAX = 2000;

export interface Readiness {
  isReady: boolean;
  /** `ok`, or what is wrong, by part. */
  parts: { database: string; migrations: string; search: string };
}

const late = (what: string) =>
  new Promise<never>((_, reject) => {
    setTimeout(
      () => reject(new Error(`${what} did not answer in ${CHECK_MS_MAX} ms`)),
      CHECK_MS_MAX,
    ).unref();
  });

/** Names of migrations that the checkout has and the database has not. */
async function missingMigrations(): Promise<string[]> {
  const { rows } = await dbPool().query<{ migration_name: string }>(
    'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL',
  );
  const applied = new Set(rows.map((row) => row.migration_name));
  const entries = await readdir(path.join(ROOT, 'prisma', 'migrations'));
  return entries.filter((name) => /^\d/u.test(name) && !applied.has(name));
}

async function checkSearch(): Promise<string> {
  const { meiliUrl } = config();
  if (meiliUrl === undefined) return 'switched off';
  try {
    const signal = AbortSignal.timeout(CHECK_MS_MAX);
    const response = await fetch(new URL('/health', meiliUrl), { signal });
    return response.ok ? 'ok' : `answers ${response.status}`;
  } catch (error) {
    return messageOf(error);
  }
}

/** Whether this process can serve. Search is reported, but the site reads without it. */
export async function checkReadiness(): Promise<Readiness> {
  const search = checkSearch();
  try {
    const missing = await Promise.race([missingMigrations(), late('the database')]);
    const migrations = missing.length === 0 ? 'ok' : `not applied: ${missing.join(', ')}`;
    const parts = { database: 'ok', migrations, search: await search };
    return { isReady: missing.length === 0, parts };
  } catch (error) {
    const parts = { database: messageOf(error), migrations: 'unknown', search: await search };
    return { isReady: false, parts };
  }
}
