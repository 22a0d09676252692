import { expect, test } from 'vitest';
import { runStorm } from '../../bench/storm/run-storm.ts';
import { useDatabase } from '../support/database.ts';

useDatabase();

// The same at its full size: bench/storm.ts.
test('every mail arrives through a mail server that fails in all ways and a worker that is killed, and what comes twice has a reason', async () => {
  const report = await runStorm({ mails: 150, kills: 4, seed: 1 }, () => {});
  expect(report.kills).toBe(4);
  expect(report.missing).toEqual([]);
  expect(report.doubles.unexplained).toEqual([]);
  expect(report.taken + report.refused).toBe(150);
  // A storm that was none would show nothing.
  expect(report.answers['4']).toBeGreaterThan(0);
  expect(report.answers['5']).toBeGreaterThan(0);
});
