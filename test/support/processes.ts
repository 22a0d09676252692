import { readdirSync, readFileSync } from 'node:fs';
import { commandLineOf, until } from '../../lib/embedded/process.ts';

/** Ids of the processes whose command line holds every one of these words. */
export function findProcesses(...words: string[]): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .filter((pid) => {
      const line = commandLineOf(pid);
      return pid !== process.pid && words.every((word) => line.includes(word));
    });
}

/** Ids of the processes that this one started, as far as they still hang on it. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return new RegExp(`^PPid:\\s*${parent}$`, 'mu').test(
          readFileSync(`/proc/${pid}/status`, 'utf8'),
        );
      } catch {
        return false; // it has just ended
      }
    });
}

/** Waits for a condition. @throws when it does not come true in time. */
export async function waitFor(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 20_000,
): Promise<void> {
  if (!(await until(condition, limitMs))) throw new Error(`waited in vain for: ${what}`);
}
