import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';

const OUTPUT_KEPT_CHARACTERS_MAX = 4000;
const POLL_MS = 25;

/** Resolves when `condition` holds; false when it does not within `limitMs`. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  limitMs: number,
  pollMs = POLL_MS,
): Promise<boolean> {
  const giveUpAt = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > giveUpAt) return false;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return true;
}

/** Whether a process with this id runs, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  // Ended, but nobody has asked how: in a container whose first process asks for nobody but its
  // own children, orphans stay so for ever.
  return statOf(pid)?.[0] !== 'Z';
}

/**
 * Fields of /proc/PID/stat from the third on, the state (proc(5)); undefined where /proc or the
 * process is missing.
 */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold spaces and brackets.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** The command line of a process; empty when there is none. */
export function commandLineOf(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // No /proc (macOS), or no such process: ps knows both.
    return (
      spawnSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).stdout ?? ''
    );
  }
}

/**
 * Tells two processes apart that had the same id one after the other: the start time in clock
 * ticks since boot, field 22 of /proc/PID/stat (proc(5)). Empty where /proc is missing.
 */
export function startTimeOf(pid: number): string {
  return statOf(pid)?.[19] ?? '';
}

/** The process that a process hangs on; undefined where /proc is missing. */
export function parentOf(pid: number): number | undefined {
  const parent = statOf(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** Keeps the last words of a child's output, for the message when it fails. */
export function keepOutput(child: ChildProcess): () => string {
  let text = '';
  const keep = (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-OUTPUT_KEPT_CHARACTERS_MAX);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return () => text.trim();
}

/** Resolves with the exit code or signal name once the child has ended; at once if it has. */
export function ended(child: ChildProcess): Promise<string> {
  const how = () => child.signalCode ?? `code ${child.exitCode}`;
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(how());
  return new Promise((resolve) => child.once('exit', () => resolve(how())));
}

/** Asks a child to end, and ends it by force when it has not after `limitMs`. */
export async function stopChild(
  child: ChildProcess,
  signal: NodeJS.Signals,
  limitMs: number,
): Promise<void> {
  const isOver = child.exitCode !== null || child.signalCode !== null;
  if (isOver || child.pid === undefined) return;
  const end = ended(child);
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  await end;
  clearTimeout(timer);
}

/**
 * Ends what a killed run left behind: the process, if its command line still bears `mark`.
 * A stale id that now belongs to something else is left alone.
 */
export async function stopOrphan(
  pid: number,
  mark: string,
  signal: NodeJS.Signals,
  limitMs: number,
): Promise<void> {
  const isOurs = () => isAlive(pid) && commandLineOf(pid).includes(mark);
  if (!isOurs()) return;
  process.kill(pid, signal);
  if (await until(() => !isOurs(), limitMs)) return;
  process.kill(pid, 'SIGKILL');
  await until(() => !isOurs(), limitMs);
}
