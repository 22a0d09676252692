import { beforeEach, expect, test } from 'vitest';
import { LastModified } from '../../lib/serve/last-modified.ts';

// Who asks with the date alone is never told that nothing has changed when something has.

const START = Date.UTC(2026, 5, 1, 12, 0, 0);
const at = (seconds: number) => new Date(START + seconds * 1000).toUTCString();
let times: LastModified;
/** At `second` a document is rendered whose content is `etag`, and which says it is of `own`. */
const settle = (etag: string, second: number, own: string) =>
  times.settle('/tag/numa/feed.xml', etag, own, START + second * 1000 + 400);

beforeEach(() => {
  times = new LastModified();
});

test('what a process has not seen before is as new as its first look', () => {
  // Another process, or an earlier one, may have given out the document’s time with other words.
  expect(settle('a', 0, at(-3600))).toBe(at(0));
  expect(settle('a', 900, at(-3600))).toBe(at(0));
});

test('news have the time that they say', () => {
  settle('a', 0, at(-3600));
  expect(settle('b', 60, at(57))).toBe(at(57));
  expect(settle('b', 90, at(57))).toBe(at(57));
});

test('a part that left, or a name that changed, is as new as the look that found it', () => {
  settle('a', 0, at(-3600));
  expect(settle('b', 60, at(-7200))).toBe(at(60));
  expect(settle('a', 70, at(-3600))).toBe(at(70));
});

test('no time is after this moment (RFC 9110, section 8.8.2.1)', () => {
  expect(settle('a', 0, at(300))).toBe(at(0));
  expect(settle('b', 60, at(300))).toBe(at(60));
});

test('two contents of one second have no time that tells them apart, until the next second', () => {
  expect(settle('a', 0, at(-3600))).toBe(at(0));
  expect(settle('b', 0, at(0))).toBeUndefined();
  expect(settle('a', 0, at(-3600))).toBe(at(0));
  expect(settle('c', 1, at(0))).toBe(at(1));
});

test('a document without a time gets none', () => {
  expect(settle('a', 0, 'soon')).toBeUndefined();
});
