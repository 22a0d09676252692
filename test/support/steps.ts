/** Does all steps of some work at once. @returns its result, and how many steps it had. */
export function countSteps<T>(steps: Generator<void, T>): { result: T; count: number } {
  for (let count = 0; ; count++) {
    const step = steps.next();
    if (step.done) return { result: step.value, count };
  }
}

/** Does all steps of some work at once. */
export const allSteps = <T>(steps: Generator<void, T>): T => countSteps(steps).result;
