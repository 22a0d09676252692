import { describe, expect, test } from 'vitest';
import { nextCheckAt, retryAfterUntil } from '../../../lib/ingest/next-check.ts';
import type { FetchOutcome } from '../../../lib/model/feed.ts';

const NOW = new Date('2026-03-01T00:00:00Z');
const HOUR = 3_600_000;

/** The pause in hours, without jitter unless `random` says so. */
function pause(
  outcome: FetchOutcome,
  more: { errorCount?: number; ttlMinutes?: number; random?: number } = {},
) {
  const at = nextCheckAt({ now: NOW, outcome, errorCount: 0, random: 0.5, ...more });
  return (at.getTime() - NOW.getTime()) / HOUR;
}

const unchanged = (freshSeconds?: number): FetchOutcome => ({
  kind: 'not-modified',
  validators: {},
  ...(freshSeconds === undefined ? {} : { freshSeconds }),
});
const failed = (retryAfterSeconds?: number): FetchOutcome => ({
  kind: 'failed',
  error: 'http',
  message: 'it has a fault',
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
});

describe('the next check', () => {
  test('is an hour away, 15 % more or less by chance', () => {
    expect(pause(unchanged())).toBe(1);
    expect(pause(unchanged(), { random: 0 })).toBeCloseTo(0.85);
    expect(pause(unchanged(), { random: 1 })).toBeCloseTo(1.15);
  });

  test('waits as long as the server or the feed wishes, up to a day', () => {
    expect(pause(unchanged(60))).toBe(1);
    expect(pause(unchanged(6 * 3600))).toBe(6);
    expect(pause(unchanged(365 * 24 * 3600))).toBe(24);
    expect(pause(unchanged(), { ttlMinutes: 180 })).toBe(3);
  });

  test('doubles with each error from an hour to a week, and never stops', () => {
    const pauses = [0, 1, 2, 3, 7, 8, 100].map((errorCount) => pause(failed(), { errorCount }));
    expect(pauses).toEqual([1, 2, 4, 8, 128, 168, 168]);
  });

  test('is not before Retry-After', () => {
    expect(pause(failed(5 * 3600), { random: 0 })).toBe(5);
    expect(pause({ kind: 'rate-limited', status: 429, message: '', retryAfterSeconds: 60 })).toBe(
      1,
    );
    expect(retryAfterUntil(failed(60), NOW)).toEqual(new Date('2026-03-01T00:01:00Z'));
  });
});
