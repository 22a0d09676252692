import { expect, test } from 'vitest';
import { addExchange, describePoll, writeBytes, writeShare } from '../../lib/model/fetching.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 KB'],
  [1234, '1.2 KB'],
  [34 * 1024, '34 KB'],
  [8 * 1024 ** 2, '8 MB'],
  [5.64 * 1024 ** 3, '5.6 GB'],
  [3e15, '2728 TB'],
])('%d bytes are %s', (bytes, written) => {
  expect(writeBytes(bytes)).toBe(written);
});

test('a share of nothing is none', () => {
  expect([writeShare(1, 3), writeShare(0, 3), writeShare(0, 0)]).toEqual(['33 %', '0 %', '–']);
});

test('how a poll ended is said in a few words', () => {
  const poll = { outcome: 'read', status: 200, posts: 0, errorKind: null } as const;
  expect(describePoll(poll)).toBe('no new posts');
  expect(describePoll({ ...poll, posts: 1 })).toBe('1 new post');
  expect(describePoll({ ...poll, outcome: 'unchanged', status: 304 })).toBe('not modified');
  expect(describePoll({ ...poll, outcome: 'unchanged' })).toBe('the same as before');
  const failed = { ...poll, outcome: 'failed', errorKind: 'http' } as const;
  expect(describePoll({ ...failed, status: 503 })).toBe('a fault of the server');
  expect(describePoll({ ...failed, status: 404 })).toBe('nothing there');
  expect(describePoll({ ...failed, errorKind: 'dns', status: null })).toBe('no such name');
  expect(describePoll({ ...failed, errorKind: 'a new one' })).toBe('failed');
});

test('exchanges add up to what both cost, and end as the last did', () => {
  const first = {
    requests: 2,
    status: 200,
    isConditional: true,
    wireBytes: 10,
    bodyBytes: 40,
    ms: 5,
  };
  const last = { ...first, requests: 1, status: 404, isConditional: false };
  expect(addExchange(first, last)).toEqual({
    requests: 3,
    status: 404,
    isConditional: false,
    wireBytes: 20,
    bodyBytes: 80,
    ms: 10,
  });
});
