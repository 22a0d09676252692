import { setTimeout as sleep } from 'node:timers/promises';

/** Looks for more work this often while lanes are busy and there was none. */
const LOOK_MS = 5000;
/** Never at once again: what stands in the way of some work needs a moment. */
export const WAIT_MS_MIN = 5;

/** What comes next of some work. */
export type Next<T> =
  | { kind: 'work'; item: T }
  /** There will be some, perhaps, in so many milliseconds. */
  | { kind: 'wait'; ms: number }
  | { kind: 'none' };

export interface Lanes<T> {
  /** Pieces of work that are done at once. */
  max: number;
  /** Asked for one piece at a time, when a lane is free for it. */
  next: () => Promise<Next<T>>;
  work: (item: T) => Promise<void>;
  /** No more is begun when it is aborted. */
  signal?: AbortSignal | undefined;
}

/**
 * Does work in lanes until there is none, and none is being done. A lane is never taken by what
 * has to wait; however long some work takes, more is begun beside it as soon as it may.
 * @throws the first error of `next` or `work`, when all that has been begun has ended.
 */
export async function runLanes<T>({ max, next, work, signal }: Lanes<T>): Promise<void> {
  const busy = new Set<Promise<void>>();
  let ended = 0;
  let failure: { error: unknown } | undefined;
  const fail = (error: unknown) => {
    failure ??= { error };
  };
  const begin = (item: T) => {
    const lane: Promise<void> = work(item)
      .catch(fail)
      .finally(() => {
        busy.delete(lane);
        ended += 1;
      });
    busy.add(lane);
  };
  const open = async (): Promise<boolean> => {
    if (busy.size === max) {
      await Promise.race(busy);
      return true;
    }
    const before = ended;
    const upcoming = await next();
    if (upcoming.kind === 'work') begin(upcoming.item);
    // Meanwhile some work ended, and it may have been what stood in the way.
    else if (ended !== before) return true;
    else if (upcoming.kind === 'none' && busy.size === 0) return false;
    else await firstOf(busy, upcoming.kind === 'wait' ? upcoming.ms : LOOK_MS, signal);
    return true;
  };
  try {
    while (!signal?.aborted && failure === undefined && (await open()));
  } catch (error) {
    fail(error);
  }
  await Promise.all(busy);
  if (failure !== undefined) throw failure.error;
}

/** Resolves when one lane is done, the time is over, or `signal` is aborted. */
async function firstOf(
  busy: ReadonlySet<Promise<void>>,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const over = new AbortController();
  const end = () => over.abort();
  signal?.addEventListener('abort', end, { once: true });
  const pause = sleep(Math.max(ms, WAIT_MS_MIN), undefined, { signal: over.signal });
  // It only ever fails for having been ended.
  await Promise.race([...busy, pause.catch(() => {})]);
  signal?.removeEventListener('abort', end);
  end();
}
