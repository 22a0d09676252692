import { setImmediate } from 'node:timers/promises';

/** Work of one process at a stretch: other feeds wait for their answers meanwhile. */
const SLICE_MS_MAX = 10;

/** Does all steps of some work, and lets others have their turn between two of them. */
export async function inSlices<T>(steps: Generator<void, T>): Promise<T> {
  let until = performance.now() + SLICE_MS_MAX;
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() < until) continue;
    await setImmediate();
    until = performance.now() + SLICE_MS_MAX;
  }
}
