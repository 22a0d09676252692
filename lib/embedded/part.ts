import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../config.ts';
import { ended, keepOutput, stopChild } from './process.ts';
import { guard } from './watchdog.ts';

/** A site that answers a slow request may take this long to end; then it is ended by force. */
const STOP_MS_MAX = 10_000;
/** One file of log; the one before it is kept as well. */
const LOG_BYTES_MAX = 16 * 1024 * 1024;

export interface Part {
  name: string;
  pid: number;
  logFile: string;
  stop(): Promise<void>;
  /** Resolves when the part has ended, with how and its last words. */
  exited: Promise<string>;
}

/**
 * Starts a Node program of ours (worker, site) as a child whose output goes to a log file. It
 * gets SIGTERM when this process is gone.
 */
export function startPart(options: {
  name: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  logFile: string;
}): Part {
  const { name, args, env, logFile } = options;
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own process group: Ctrl-C goes to us alone, and we stop the parts in their order.
    detached: true,
  });
  guard(child, 'TERM');
  const words = keepOutput(child);
  const write = logWriter(logFile);
  child.stdout.on('data', write);
  child.stderr.on('data', write);
  return {
    name,
    pid: child.pid ?? 0,
    logFile,
    stop: () => stopChild(child, 'SIGTERM', STOP_MS_MAX),
    exited: ended(child).then((how) => `${how}\n${words()}`.trim()),
  };
}

/** Appends to a file, and starts it anew when it has grown too large. */
function logWriter(file: string): (chunk: Buffer) => void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  let size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return (chunk) => {
    if (size > LOG_BYTES_MAX) {
      fs.renameSync(file, `${file}.1`);
      size = 0;
    }
    // Logs name the addresses of readers' alerts: for the operator only.
    fs.appendFileSync(file, chunk, { mode: 0o600 });
    size += chunk.length;
  };
}
