import { expect, test } from 'vitest';
import { type FeedPast, findBackfill } from '../../lib/model/backfill.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY_MS);
const feed: FeedPast = { firstGoodAt: daysAgo(100), lastGoodAt: daysAgo(1), postsPerWeek: 2 };
const verdictsOf = (past: FeedPast, dates: (Date | null)[], now: Date) =>
  dates.map(findBackfill(past, dates, now));
const count = (verdicts: boolean[]) => verdicts.filter(Boolean).length;
const times = (number: number, date: Date | null) => Array<Date | null>(number).fill(date);

test('the first good poll is backfill, whatever it brings', () => {
  expect(verdictsOf({ ...feed, firstGoodAt: null }, [NOW, null], NOW)).toEqual([true, true]);
});

test('a few new items are news, also when they were published long ago', () => {
  expect(verdictsOf(feed, [daysAgo(2), daysAgo(200), null], NOW)).toEqual([false, false, false]);
  expect(count(verdictsOf(feed, times(5, daysAgo(200)), NOW))).toBe(0);
});

test('more than five old items are an archive; what is new beside them is news', () => {
  const verdicts = verdictsOf(feed, [...times(6, daysAgo(31)), daysAgo(0.5)], NOW);
  expect(verdicts).toEqual([...Array(6).fill(true), false]);
});

test('more than twenty items, and five times a week’s, are a flood', () => {
  expect(count(verdictsOf(feed, times(20, daysAgo(3)), NOW))).toBe(0);
  expect(count(verdictsOf(feed, times(21, daysAgo(3)), NOW))).toBe(21);
  const busy = { ...feed, postsPerWeek: 50 };
  expect(count(verdictsOf(busy, times(250, daysAgo(3)), NOW))).toBe(0);
  expect(count(verdictsOf(busy, times(251, daysAgo(3)), NOW))).toBe(251);
});

test('in a flood, what was published since the last good poll is news, and what has no time is not', () => {
  const verdicts = verdictsOf(feed, [...times(25, daysAgo(2)), daysAgo(0.9), null], NOW);
  expect(verdicts.slice(-2)).toEqual([false, true]);
});
