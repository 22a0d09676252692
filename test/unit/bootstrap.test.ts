import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../lib/config.ts';
import { POLLS_AT_ONCE_MAX } from '../../workers/jobs/poll-feeds.ts';

test('name servers that never answer cannot take all threads of a worker', () => {
  const bootstrap = fs.readFileSync(path.join(ROOT, 'bin/tagwire'), 'utf8');
  const threads = /UV_THREADPOOL_SIZE \?\?= '(\d+)'/u.exec(bootstrap)?.[1];
  expect(Number(threads)).toBeGreaterThan(POLLS_AT_ONCE_MAX);
});
