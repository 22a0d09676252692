import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTimeOf } from '../../lib/embedded/process.ts';
import { claimFolder, readRun } from '../../lib/embedded/run-file.ts';

let folder: string;
const file = () => path.join(folder, 'run.json');

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwire-run-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const claim = (what = 'up') => {
  const outcome = claimFolder(folder, what);
  if (outcome.kind !== 'claimed') throw new Error('held');
  return outcome.claim;
};

describe('the run file', () => {
  test('is held by one process at a time, and says by whom', () => {
    const first = claim('up --demo');
    expect(claimFolder(folder, 'up')).toMatchObject({
      kind: 'held',
      by: { what: 'up --demo', pid: process.pid },
    });
    first.release();
    expect(claimFolder(folder, 'up').kind).toBe('claimed');
  });

  test('gives addresses to other commands and to nobody else', () => {
    claim().update({ settings: { PORT: '4000' } });
    expect(readRun(folder)?.settings).toEqual({ PORT: '4000' });
    expect(fs.statSync(file()).mode & 0o777).toBe(0o600);
    expect(fs.readdirSync(folder)).toEqual(['run.json']);
  });

  test('of a dead process is taken over', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('exit', resolve));
    claim();
    const run = JSON.parse(fs.readFileSync(file(), 'utf8'));
    fs.writeFileSync(file(), JSON.stringify({ ...run, id: 'old', pid: child.pid, startTime: '1' }));
    expect(readRun(folder)).toBeUndefined();
    expect(claimFolder(folder, 'up').kind).toBe('claimed');
  });

  test.skipIf(startTimeOf(process.pid) === '')(
    'of a process whose id another one has now is taken over',
    () => {
      claim();
      const run = JSON.parse(fs.readFileSync(file(), 'utf8'));
      fs.writeFileSync(file(), JSON.stringify({ ...run, id: 'old', startTime: '1' }));
      expect(claimFolder(folder, 'up').kind).toBe('claimed');
    },
  );

  test('that was half written is taken over', () => {
    fs.writeFileSync(file(), '{"id":');
    expect(claimFolder(folder, 'up').kind).toBe('claimed');
  });

  test('is released by its holder alone', () => {
    const mine = claim();
    const run = JSON.parse(fs.readFileSync(file(), 'utf8'));
    fs.writeFileSync(file(), JSON.stringify({ ...run, id: 'of another' }));
    mine.release();
    expect(readRun(folder)?.id).toBe('of another');
  });
});
