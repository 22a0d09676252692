import { expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { useDatabase } from '../support/database.ts';

useDatabase();

test('a test file gets a migrated, empty database with the job queue in it', async () => {
  const { rows } = await dbPool().query(
    "SELECT count(*)::int AS feeds, to_regclass('graphile_worker._private_jobs') IS NOT NULL AS queue FROM feeds",
  );
  expect(rows).toEqual([{ feeds: 0, queue: true }]);
});
