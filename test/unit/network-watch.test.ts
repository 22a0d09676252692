import { expect, test } from 'vitest';
import { NetworkWatch } from '../../workers/network-watch.ts';

/** Runs through hosts, `!` before those that could not be reached; gives whose fault each was. */
async function verdicts(...hosts: string[]): Promise<Record<string, boolean>> {
  const watch = new NetworkWatch();
  const isOurs: Record<string, boolean> = {};
  for (const host of hosts) {
    if (!host.startsWith('!')) await watch.answered(host);
    else
      await watch.failed(host, async (ours) => {
        if (host in isOurs) throw new Error(`${host} is written twice`);
        isOurs[host] = ours;
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

test('many feeds of one host are one host', async () => {
  const watch = new NetworkWatch();
  const verdict: boolean[] = [];
  for (let i = 0; i < 10; i++) {
    await watch.failed('a', async (isOurs) => {
      verdict.push(isOurs);
    });
  }
  await watch.end();
  expect(verdict).toEqual(Array(10).fill(false));
});
