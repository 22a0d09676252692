import { expect, test } from 'vitest';
import { writeRhythm } from '../../lib/model/rhythm.ts';

const NOW = new Date('2026-06-15T00:00:00Z');
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000);

test.each([
  [0, 1000, undefined],
  [1, 1000, 'less than one a month'],
  [3, 1000, 'about 1 a month'],
  [9, 1000, 'about 3 a month'],
  [13, 1000, 'about 1 a week'],
  [40, 1000, 'about 3 a week'],
  [91, 1000, 'about 1 a day'],
  [900, 1000, 'about 10 a day'],
  [5, 0, 'about 5 a week'],
  [28, 14, 'about 2 a day'],
])('%i posts of late by who began %i days ago are a rhythm in words', (posts, days, words) => {
  expect(writeRhythm({ posts, firstAt: daysAgo(days) }, NOW)).toBe(words);
});
