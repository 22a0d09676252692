import { describe, expect, test } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { NetworkWatch } from '../../workers/network-watch.ts';

provideSettings({ LOG_LEVEL: 'silent' });

const SILENT = { down: async () => {}, up: async () => {} };

/** Runs through hosts, `!` before those that could not be reached; gives whose fault each was. */
async function verdicts(...hosts: string[]): Promise<Record<string, boolean>> {
  const watch = new NetworkWatch(SILENT);
  const isOurs: Record<string, boolean> = {};
  for (const host of hosts) {
    if (!host.startsWith('!')) await watch.answered(host);
    // `!?` before hosts whose feeds were never read.
    else
      await watch.failed(host, !host.startsWith('!?'), async (outage) => {
        if (host in isOurs) throw new Error(`${host} is written twice`);
        isOurs[host] = outage !== undefined;
      });
  }
  await watch.end();
  return isOurs;
}

test('a few hosts that fail have failed themselves', async () => {
  expect(await verdicts('!a', '!b', '!c', '!d')).toEqual({
    '!a': false,
    '!b': false,
    '!c': false,
    '!d': false,
  });
  expect(Object.values(await verdicts('!a', 'x', '!b', 'y', '!c', '!d', '!e'))).toEqual(
    Array(5).fill(false),
  );
});

test('when most hosts fail, none of them is to blame, neither before nor after it became clear', async () => {
  const all = await verdicts('!a', '!b', 'x', '!c', '!d', '!e', '!f', '!g');
  expect(Object.values(all)).toEqual(Array(7).fill(true));
});

test('dead hosts of a list that was just added are to blame, as long as others answer', async () => {
  const dead = Array.from({ length: 30 }, (_, i) => `!?dead${i}`);
  expect(Object.values(await verdicts('x', ...dead))).toEqual(Array(30).fill(false));
  expect(Object.values(await verdicts('x', ...dead.slice(0, 20), '!a'))).toContain(true);
  expect(Object.values(await verdicts(...dead))).toEqual(Array(30).fill(true));
});

test('many feeds of one host are one host', async () => {
  const watch = new NetworkWatch(SILENT);
  const verdict: boolean[] = [];
  for (let i = 0; i < 10; i++) {
    await watch.failed('a', true, async (outage) => {
      verdict.push(outage !== undefined);
    });
  }
  await watch.end();
  expect(verdict).toEqual(Array(10).fill(false));
});

/** A watch with a clock that moves by hand, and what it has told. */
function watchFor(minutesBetween = 0) {
  let nowMs = 0;
  const told: string[] = [];
  const watch = new NetworkWatch(
    {
      down: async (hosts) => void told.push(`down ${hosts}`),
      up: async () => void told.push('up'),
    },
    () => nowMs,
  );
  const blamed: string[] = [];
  const lasted: number[] = [];
  return {
    told,
    blamed,
    /** Minutes that the outage had lasted at each failure that was laid to it. */
    lasted,
    watch,
    /** One poll after the other, as in `verdicts`. */
    async polls(...hosts: string[]) {
      for (const host of hosts) {
        nowMs += minutesBetween * 60_000;
        if (!host.startsWith('!')) await watch.answered(host);
        else {
          await watch.failed(host.replace(/^!\??/u, ''), !host.startsWith('!?'), async (outage) => {
            if (outage === undefined) blamed.push(host);
            else lasted.push(outage.lastsMs / 60_000);
          });
        }
      }
    },
  };
}

describe('an outage', () => {
  test('is over at the first answer when only hosts that never answered fail', async () => {
    const { told, blamed, polls } = watchFor();
    await polls('!?a', '!?b', '!?c', '!?d', '!?e', '!?f', '!?g', '!?h');
    expect([told, blamed]).toEqual([['down 5'], []]);
    await polls('x', '!?a', '!?b', '!?c', '!?d', '!?e', '!?f');
    expect(told).toEqual(['down 5', 'up']);
  });

  test('says to each failure for how long it has lasted', async () => {
    const { lasted, polls } = watchFor(0.2);
    await polls('!a', '!b', '!c', '!d', '!e', '!f', '!g');
    expect(lasted).toEqual([0, 0, 0, 0, 0, 0.2, 0.4]);
  });

  test('is told once, and its end when hosts answer again', async () => {
    const { told, polls } = watchFor();
    await polls('a', 'b', '!c', '!d', '!e', '!f', '!g', '!h', '!i', '!j', '!k');
    expect(told).toEqual(['up', 'down 8']);
    await polls('c');
    expect(told).toEqual(['up', 'down 8']);
    await polls('d');
    expect(told).toEqual(['up', 'down 8', 'up']);
    // What failed then says nothing now.
    await polls('!f', '!g', '!h');
    expect(told).toHaveLength(3);
  });

  test('that comes again is told again', async () => {
    const { told, polls } = watchFor();
    await polls('!a', '!b', '!c', '!d', '!e', 'a', 'b');
    await polls('!c', '!d', '!e', '!f', '!g', '!h', '!i', '!j');
    expect(told).toEqual(['down 5', 'up', 'down 8']);
  });

  test('is seen by a worker that asks one host every few minutes, also over several runs', async () => {
    const { told, blamed, watch, polls } = watchFor(2);
    for (const host of ['a', 'b', '!c', '!d', '!e', '!f', '!g', '!h', '!i', '!j']) {
      await polls(host);
      await watch.end();
    }
    expect(told[0]).toBe('up');
    expect(told[1]).toMatch(/^down/u);
    expect(blamed.length).toBeLessThan(6);
    expect(blamed).not.toContain('!j');
  });

  test('that lasts is told again every five minutes: who is silent may be dead', async () => {
    const { told, polls } = watchFor(1);
    await polls(...Array.from({ length: 15 }, (_, i) => `!host${i}`));
    expect(told).toEqual(['down 5', 'down 10', 'down 11']);
  });

  test('long ago says nothing of failures today', async () => {
    const { told, blamed, polls } = watchFor(11);
    await polls(...Array.from({ length: 20 }, (_, i) => `!host${i}`));
    expect(told).toEqual([]);
    expect(blamed.length).toBeGreaterThan(15);
  });

  test('of a whole run does not hide behind hosts that answered before it', async () => {
    const { told, polls } = watchFor();
    await polls(...Array.from({ length: 400 }, (_, i) => `well${i}`));
    await polls(...Array.from({ length: 25 }, (_, i) => `!host${i}`));
    expect(told).toEqual(['up', 'down 20']);
  });
});
