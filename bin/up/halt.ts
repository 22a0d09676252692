import { commandLineOf, parentOf } from '../../lib/embedded/process.ts';

/** How often we look whether npm, which started us, is still there. */
const PARENT_POLL_MS = 1000;
/** npm starts a shell, which starts us, or our wrapper, which starts us. */
const ANCESTORS_MAX = 4;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type HaltReason =
  | { kind: 'asked'; by: string }
  | { kind: 'crashed'; name: string; words: string };

export interface Halt {
  /** Aborted when everything is to stop. */
  signal: AbortSignal;
  reason: Promise<HaltReason>;
  /** A part has ended that should not have. */
  crashed(name: string, words: string): void;
  /** Stops listening. */
  dispose(): void;
}

/**
 * The processes between us and npm, npm last; none when npm is not found. npm gives no channel,
 * its shell passes no signal on, and kill -9 gives none.
 */
function wayToNpm(): number[] {
  const way = [process.ppid];
  while (way.length <= ANCESTORS_MAX) {
    const last = way.at(-1) ?? 0;
    if (commandLineOf(last).startsWith('npm ')) return way;
    const parent = parentOf(last);
    if (parent === undefined || parent <= 1) return [];
    way.push(parent);
  }
  return [];
}

const isWhole = (way: number[]) =>
  way.every((pid, i) => pid === (i === 0 ? process.ppid : parentOf(way[i - 1] ?? 0)));

/**
 * Listens for everything that means "stop": signals, the end of the process that started us (the
 * wrapper's channel, or npm), the crash of a part. Only the first counts.
 */
export function listenForHalt(isUnderNpm: boolean): Halt {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<HaltReason>();
  const halt = (reason: HaltReason) => {
    resolve(reason);
    controller.abort();
  };
  const asked = (by: string) => halt({ kind: 'asked', by });
  for (const name of SIGNALS) process.on(name, asked);
  const onDisconnect = () => asked('the end of the process that started this one');
  process.on('disconnect', onDisconnect);
  const way = isUnderNpm ? wayToNpm() : [];
  const timer = setInterval(() => {
    if (!isWhole(way)) onDisconnect();
  }, PARENT_POLL_MS);
  return {
    signal: controller.signal,
    reason: promise,
    crashed: (name, words) => halt({ kind: 'crashed', name, words }),
    dispose() {
      clearInterval(timer);
      process.off('disconnect', onDisconnect);
      // The signals stay caught: a second Ctrl-C must not cut the clean end short.
    },
  };
}
