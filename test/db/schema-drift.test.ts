import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ROOT } from '../../lib/config.ts';
import { databaseUrl } from '../../lib/db.ts';
import { useDatabase } from '../support/database.ts';

useDatabase();

const PRISMA = path.join(ROOT, 'node_modules/prisma/build/index.js');

test('the migrations make the tables that the Prisma schema describes, and no others', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      PRISMA,
      'migrate',
      'diff',
      '--from-config-datasource',
      '--to-schema=prisma/schema.prisma',
      '--script',
    ],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        DATABASE_URL: databaseUrl(),
        PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`,
      },
    },
  );
  expect(stdout.trim()).toBe('-- This is an empty migration.');
});
