import { expect, test } from 'vitest';
import { readRange } from '../../lib/serve/byte-range.ts';

const TEN = { bytes: 10, etag: '"a"' };
const rangeOf = (range: string | undefined, ifRange?: string) => readRange({ range, ifRange }, TEN);

test.each([
  ['bytes=0-0', 0, 0],
  ['bytes=2-5', 2, 5],
  ['Bytes=2-', 2, 9],
  ['bytes=9-', 9, 9],
  ['bytes=-3', 7, 9],
  ['bytes=-300', 0, 9],
  ['bytes= 4-400 ', 4, 9],
])('%s of ten bytes is from %s to %s', (range, first, last) => {
  expect(rangeOf(range)).toEqual({ first, last });
});

test.each(['bytes=10-', 'bytes=10-12', 'bytes=-0', 'bytes=999999999999999-'])(
  '%s of ten bytes cannot be met',
  (range) => expect(rangeOf(range)).toBe('unsatisfiable'),
);

test.each([
  undefined,
  '',
  'bytes=-',
  'bytes=5-2',
  'bytes=0-1,3-4',
  'lines=1-2',
  'bytes=a-b',
  'bytes=1.5-3',
  `bytes=${'9'.repeat(400)}-`,
])('%s is not heard: the answer is the whole', (range) => {
  expect(rangeOf(range)).toBe('whole');
});

test('parts of another state than the one that is here are not given', () => {
  expect(rangeOf('bytes=0-3', '"a"')).toEqual({ first: 0, last: 3 });
  expect(rangeOf('bytes=0-3', '"b"')).toBe('whole');
  // A weak validator does not say that every byte is the same (RFC 9110, section 13.1.5).
  expect(rangeOf('bytes=0-3', 'W/"a"')).toBe('whole');
  expect(rangeOf('bytes=0-3', 'Sat, 06 Jun 2026 10:00:00 GMT')).toBe('whole');
  expect(rangeOf('bytes=20-', '"b"')).toBe('whole');
});
