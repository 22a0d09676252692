/**
 * Does `work` with what `take` gives, a few at a time, until it gives none or `signal` is aborted.
 * As long as there is something, one lane opens the next: when there is nothing, `take` is called
 * once. @throws the first failure, when all that was under way has ended.
 */
export async function inLanes<T>(
  lanesMax: number,
  take: () => Promise<T | undefined>,
  work: (taken: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const lanes: Promise<void>[] = [];
  let failure: { error: unknown } | undefined;
  const lane = async () => {
    while (!signal?.aborted && failure === undefined) {
      const taken = await take();
      if (taken === undefined) return;
      open();
      await work(taken);
    }
  };
  const open = () => {
    if (lanes.length === lanesMax) return;
    lanes.push(
      lane().catch((error) => {
        failure ??= { error };
      }),
    );
  };
  open();
  for (const each of lanes) await each;
  if (failure !== undefined) throw failure.error;
}
