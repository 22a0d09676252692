import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { ended } from '../../lib/embedded/process.ts';
import { waitFor } from './processes.ts';

const TAGWIRE = path.join(import.meta.dirname, '../../bin/tagwire');
/** Starting includes building the site, if its sources have changed. */
const START_MS_MAX = 170_000;

export interface RunningUp {
  child: ChildProcess;
  /** What it has printed so far. */
  output(): string;
  /** Resolves when it has printed its addresses. */
  ready: Promise<void>;
  /** How it ended: `code 0` or the name of a signal. */
  exited: Promise<string>;
}

/** Runs `bin/tagwire up` on a data folder of its own and a free port. */
export function runUp(dataDir: string, options: { args?: string[]; env?: object } = {}): RunningUp {
  const child = spawn(process.execPath, [TAGWIRE, 'up', ...(options.args ?? [])], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, TAGWIRE_DATA: dataDir, PORT: '0', ...options.env },
  });
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  const exited = ended(child);
  let isOver = false;
  void exited.then(() => {
    isOver = true;
  });
  const isReady = () => /^ {2}Stop /mu.test(text);
  const ready = waitFor('the addresses', () => isReady() || isOver, START_MS_MAX).then(() => {
    if (!isReady()) throw new Error(`up has ended: ${text}`);
  });
  // Not every test waits for it.
  ready.catch(() => {});
  return { child, output: () => text, ready, exited };
}
