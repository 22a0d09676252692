import { setInterval } from 'node:timers';

/** How often we look whether npm, which started us, is still there. */
const PARENT_POLL_MS = 1000;
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
  const parent = process.ppid;
  // npm gives no channel, and kill -9 of it gives no signal.
  const timer = setInterval(() => {
    if (isUnderNpm && process.ppid !== parent) onDisconnect();
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
