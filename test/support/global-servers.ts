import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { startMeilisearch } from '../../lib/embedded/meilisearch.ts';
import { migrateDatabase } from '../../lib/embedded/migrate.ts';
import { startPostgres } from '../../lib/embedded/postgres.ts';
import { migrateQueue } from '../../workers/queue.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A Postgres address that ends where a database's name belongs. */
    postgresUrl: string;
    meiliUrl: string;
    meiliKey: string;
  }
}

export const TEMPLATE = 'tagwire_template';

/** What a run writes: some copies of the tables at once, each of a thousand files. */
const ROOM_BYTES_MIN = 2 * 1024 ** 3;
const MEMORY = '/dev/shm';

/** Where nothing waits for a disk, if there is room: thousands of small files come and go. */
function placeForData(): string {
  if (!fs.existsSync(MEMORY)) return os.tmpdir();
  const { bavail, bsize } = fs.statfsSync(MEMORY);
  return bavail * bsize >= ROOM_BYTES_MIN ? MEMORY : os.tmpdir();
}

/**
 * One Postgres and one Meilisearch for the whole run, with a migrated database to copy; none where
 * only tests run that need none.
 */
export default async function setup(
  project: TestProject,
): Promise<(() => Promise<void>) | undefined> {
  if (project.vitest.projects.every(({ name }) => name === 'unit')) return undefined;
  const dataDir = fs.mkdtempSync(path.join(placeForData(), 'tagwire-test-'));
  // Postgres may run as another user, who must be able to enter.
  fs.chmodSync(dataDir, 0o755);
  const stops: (() => Promise<void>)[] = [];
  const stopAll = async () => {
    await Promise.all(stops.map((stop) => stop()));
    fs.rmSync(dataDir, { recursive: true });
  };
  try {
    const postgres = await startPostgres({ dataDir, durable: false });
    stops.push(postgres.stop);
    const meilisearch = await startMeilisearch({ dataDir });
    if (meilisearch.kind === 'running') stops.push(meilisearch.stop);
    await migrateDatabase(postgres.urlOf(TEMPLATE));
    await migrateQueue(postgres.urlOf(TEMPLATE));
    project.provide('postgresUrl', postgres.urlOf(''));
    project.provide('meiliUrl', meilisearch.kind === 'running' ? meilisearch.url : '');
    project.provide('meiliKey', meilisearch.kind === 'running' ? meilisearch.key : '');
    return stopAll;
  } catch (error) {
    await stopAll();
    throw error;
  }
}
