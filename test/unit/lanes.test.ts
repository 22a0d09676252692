import { describe, expect, test } from 'vitest';
import { type Next, runLanes } from '../../workers/lanes.ts';

/** Work that ends when the test says so. */
function work() {
  const ends = new Map<string, () => void>();
  const begun: string[] = [];
  return {
    begun,
    end: (item: string) => ends.get(item)?.(),
    work: (item: string) => {
      begun.push(item);
      return new Promise<void>((resolve) => ends.set(item, resolve));
    },
  };
}

/** Gives these one after the other, and then none. */
function inOrder(...steps: Next<string>[]) {
  return async (): Promise<Next<string>> => steps.shift() ?? { kind: 'none' };
}

const item = (name: string): Next<string> => ({ kind: 'work', item: name });

describe('lanes', () => {
  test('are never more than there may be, and go on as soon as one is free', async () => {
    const { begun, end, work: one } = work();
    const next = inOrder(item('a'), item('b'), item('c'));
    const run = runLanes({ max: 2, next, work: one });
    await expect.poll(() => begun).toEqual(['a', 'b']);
    end('b');
    await expect.poll(() => begun).toEqual(['a', 'b', 'c']);
    end('a');
    end('c');
    await run;
  });

  test('are not taken by what has to wait', async () => {
    const { begun, end, work: one } = work();
    const next = inOrder(item('slow'), { kind: 'wait', ms: 30 }, item('b'), item('c'));
    const run = runLanes({ max: 3, next, work: one });
    await expect.poll(() => begun).toEqual(['slow', 'b', 'c']);
    for (const each of begun) end(each);
    await run;
  });

  test('end when there is nothing more, and wait for what has been begun', async () => {
    const { begun, end, work: one } = work();
    let isOver = false;
    const run = runLanes({ max: 2, next: inOrder(item('a')), work: one }).then(() => {
      isOver = true;
    });
    await expect.poll(() => begun).toEqual(['a']);
    expect(isOver).toBe(false);
    end('a');
    await run;
  });

  test('look again when one became free while there was said to be nothing', async () => {
    for (const stays of [false, true]) {
      const { begun, end, work: one } = work();
      // What “a” stands in the way of is free as soon as it has ended, which is too late for the
      // answer that is on its way.
      const steps = [
        async () => item('a'),
        ...(stays ? [async () => item('slow')] : []),
        async (): Promise<Next<string>> => {
          end('a');
          await new Promise((resolve) => setImmediate(resolve));
          return { kind: 'none' };
        },
        async () => item('b'),
      ];
      const next = async () => (await steps.shift()?.()) ?? ({ kind: 'none' } as const);
      const run = runLanes({ max: 3, next, work: one });
      await expect.poll(() => begun).toContain('b');
      for (const each of begun) end(each);
      await run;
    }
  });

  test('begin nothing more when they are called off, also while they wait', async () => {
    const { begun, end, work: one } = work();
    const stop = new AbortController();
    const next = inOrder(item('a'), { kind: 'wait', ms: 3_600_000 }, item('b'));
    const run = runLanes({ max: 2, next, work: one, signal: stop.signal });
    await expect.poll(() => begun).toEqual(['a']);
    end('a');
    stop.abort();
    await run;
    expect(begun).toEqual(['a']);
  });

  test('pass the first error on, when what has been begun has ended', async () => {
    const { begun, end, work: one } = work();
    const next = inOrder(item('a'), item('broken'), item('b'));
    const run = runLanes({
      max: 3,
      next,
      work: (name) => (name === 'broken' ? Promise.reject(new Error('no')) : one(name)),
    });
    const failure = expect(run).rejects.toThrow('no');
    await expect.poll(() => begun).toContain('a');
    for (const each of begun) end(each);
    end('b');
    await failure;
  });
});
