import { expect, test } from 'vitest';
import { ONLY_ONE, PAIRED } from '../../lib/store/locks.ts';

test.each([
  ['single', ONLY_ONE],
  ['paired', PAIRED],
])('no two %s locks have one number', (_, locks) => {
  const numbers = Object.values(locks);
  expect(new Set(numbers).size).toBe(numbers.length);
});
