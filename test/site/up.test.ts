import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isAlive } from '../../lib/embedded/process.ts';
import { readRun } from '../../lib/embedded/run-file.ts';
import { childrenOf, findProcesses, waitFor } from '../support/processes.ts';
import { type RunningUp, runUp } from '../support/run-up.ts';

let dataDir: string;
let feedsFile: string;
const started: RunningUp[] = [];

// The first test starts with nothing; the others find what the one before them left.
beforeAll(() => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwire-up-'));
  fs.chmodSync(dataDir, 0o755);
  feedsFile = path.join(dataDir, 'feeds.opml');
  // Nothing of the outside is asked.
  fs.writeFileSync(
    feedsFile,
    '<opml version="2.0"><body><outline text="Nowhere" xmlUrl="http://127.0.0.1:9/feed"/></body></opml>',
  );
});
afterEach(async () => {
  for (const { child, exited } of started.splice(0)) {
    child.kill('SIGTERM');
    await exited;
  }
  await waitFor('the end of every part', () => findProcesses(dataDir).length === 0);
});
afterAll(() => fs.rmSync(dataDir, { recursive: true }));

const up = () => {
  const run = runUp(dataDir, { env: { FEEDS_FILE: feedsFile } });
  started.push(run);
  return run;
};

/** Ids of the parts, as the run file names them. */
const partsOf = () => Object.values(readRun(dataDir)?.pids ?? {});

const noneIsAlive = (pids: number[]) => pids.every((pid) => !isAlive(pid));

describe('bin/tagwire up', () => {
  test('serves the site, is refused beside itself, and leaves nothing behind when it is killed', async () => {
    const { child, ready, exited, output } = up();
    await ready;
    const run = readRun(dataDir);
    expect((await fetch(`${run?.settings?.SITE_URL}/healthz`)).status).toBe(200);
    await waitFor('the outcome of the poll', () => output().includes('Nowhere: '));
    expect(Object.keys(run?.pids ?? {})).toEqual(
      expect.arrayContaining(['Postgres', 'worker', 'site']),
    );

    const second = up();
    expect(await second.exited).toBe('code 1');
    expect(second.output()).toContain(`process ${child.pid}`);
    expect(child.exitCode).toBeNull();

    const left = [...partsOf(), ...childrenOf(child.pid ?? 0)];
    child.kill('SIGKILL');
    await exited;
    await waitFor('the end of every part', () => noneIsAlive(left));
  });

  test('starts again after that, and stops when one part crashes', async () => {
    const { child, ready, exited, output } = up();
    await ready;
    expect(readRun(dataDir)?.pid).toBe(child.pid);
    const parts = partsOf();
    process.kill(readRun(dataDir)?.pids?.worker ?? 0, 'SIGKILL');
    expect(await exited).toBe('code 1');
    expect(output()).toMatch(/the worker has ended, so everything stops/u);
    expect(noneIsAlive(parts)).toBe(true);
  });

  test('stops while it starts, when the process that started it lets go', async () => {
    const { child, exited, output } = up();
    await waitFor('its first step', () => output().includes(' s  '), 60_000);
    child.disconnect();
    expect(await exited).toBe('code 0');
  });
});
