import { expect, test } from 'vitest';
import { Breaker } from '../../lib/search/breaker.ts';

function at() {
  let ms = 0;
  return { breaker: new Breaker(() => ms), pass: (by: number) => (ms += by) };
}

test('after a silence nobody asks for five seconds, then one alone', () => {
  const { breaker, pass } = at();
  const first = breaker.begin();
  pass(700);
  expect(first?.silent()).toBe(true);
  expect(breaker.begin()).toBeUndefined();
  pass(4_999);
  expect(breaker.begin()).toBeUndefined();
  pass(1);
  const trial = breaker.begin();
  expect(trial).toBeDefined();
  expect(breaker.begin()).toBeUndefined();
  pass(700);
  expect(trial?.silent()).toBe(false);
  expect(breaker.begin()).toBeUndefined();
  pass(5_000);
  breaker.begin()?.answered();
  expect(breaker.begin()).toBeDefined();
  expect(breaker.begin()).toBeDefined();
});

test('a server that answers others meanwhile is slow with one, and asked on', () => {
  const { breaker, pass } = at();
  const slow = breaker.begin();
  pass(300);
  breaker.begin()?.answered();
  pass(400);
  expect(slow?.silent()).toBe(false);
  expect(breaker.begin()).toBeDefined();
});

test('of several that were silent together one says so, and a late answer ends the rest', () => {
  const { breaker, pass } = at();
  const [one, other, late] = [breaker.begin(), breaker.begin(), breaker.begin()];
  pass(700);
  expect([one?.silent(), other?.silent()]).toEqual([true, false]);
  expect(breaker.begin()).toBeUndefined();
  late?.answered();
  expect(breaker.begin()).toBeDefined();
});
