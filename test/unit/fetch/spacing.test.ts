import { describe, expect, test } from 'vitest';
import { HostSpacing } from '../../../lib/fetch/spacing.ts';

/** A clock that moves only when somebody waits. */
function clockForTests() {
  let time = 1_000_000;
  return {
    now: () => time,
    wait: async (ms: number) => {
      time += ms;
    },
    pass: (ms: number) => {
      time += ms;
    },
  };
}

describe('spacing per host', () => {
  test('leaves the delay between the end of one request and the start of the next', async () => {
    const clock = clockForTests();
    const spacing = new HostSpacing({ delayMs: 2000, concurrency: 1 }, clock);
    const starts: number[] = [];
    const ask = () =>
      spacing.run('https://a.example/1', async () => {
        starts.push(clock.now());
        clock.pass(500);
      });
    await Promise.all([ask(), ask(), ask()]);
    expect(starts.map((at) => at - (starts[0] ?? 0))).toEqual([0, 2500, 5000]);
  });

  test('does not make one host wait for another', async () => {
    const clock = clockForTests();
    const spacing = new HostSpacing({ delayMs: 2000, concurrency: 1 }, clock);
    const before = clock.now();
    await spacing.run('https://a.example/', async () => {});
    await spacing.run('https://b.example/', async () => {});
    expect(clock.now()).toBe(before);
  });

  test('runs no more at a time than allowed, and goes on after a failure', async () => {
    const spacing = new HostSpacing({ delayMs: 0, concurrency: 2 }, clockForTests());
    let running = 0;
    let most = 0;
    const ask = (fails: boolean) =>
      spacing.run('https://a.example/', async () => {
        most = Math.max(most, ++running);
        await Promise.resolve();
        running--;
        if (fails) throw new Error('no');
      });
    const results = await Promise.allSettled([true, false, true, false, false].map(ask));
    expect(results.map((result) => result.status)).toEqual([
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(most).toBe(2);
  });

  test('rests in each slot by itself', async () => {
    const clock = clockForTests();
    const spacing = new HostSpacing({ delayMs: 2000, concurrency: 2 }, clock);
    const starts: number[] = [];
    const ask = (ms: number) =>
      spacing.run('https://a.example/', async () => {
        starts.push(clock.now());
        clock.pass(ms);
      });
    await ask(100);
    await ask(100);
    await ask(100);
    // The second one had a slot of its own; the third waited for the one that rested longer.
    expect(starts.map((at) => at - (starts[0] ?? 0))).toEqual([0, 100, 2100]);
  });

  test('lets nobody in between a request that ends and the one that waits for it', async () => {
    const spacing = new HostSpacing({ delayMs: 0, concurrency: 1 }, clockForTests());
    let running = 0;
    let most = 0;
    const ask = () =>
      spacing.run('https://a.example/', async () => {
        most = Math.max(most, ++running);
        await Promise.resolve();
        running--;
      });
    const first = ask().then(ask);
    await Promise.all([first, ask(), first.then(ask), ask()]);
    expect(most).toBe(1);
  });

  test('does not count a request that was called off before it began', async () => {
    const clock = clockForTests();
    const spacing = new HostSpacing({ delayMs: 2000, concurrency: 1 }, clock);
    const stop = AbortSignal.abort();
    await expect(spacing.run('https://a.example/', async () => {}, stop)).rejects.toThrow();
    const before = clock.now();
    await spacing.run('https://a.example/', async () => {});
    expect(clock.now()).toBe(before);
  });

  test('forgets hosts that have been at rest', async () => {
    const clock = clockForTests();
    const spacing = new HostSpacing({ delayMs: 2000, concurrency: 1 }, clock);
    for (let i = 0; i < 3000; i++) {
      await spacing.run(`https://host-${i}.example/`, async () => clock.pass(2000));
    }
    expect(spacing.hosts).toBeLessThan(1100);
  });
});
