import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  nextCheck,
  type Rhythm,
  retryAfterUntil,
  rhythmOf,
} from '../../../lib/ingest/next-check.ts';
import type { FetchOutcome, PollHints } from '../../../lib/model/feed.ts';
import type { PushState } from '../../../lib/model/websub.ts';

const NOW = new Date('2026-03-01T00:00:00Z');
const HOUR = 3_600_000;

/** The pause in hours, without jitter unless `random` says so. */
function pause(
  outcome: FetchOutcome,
  more: {
    errorCount?: number;
    hints?: PollHints;
    rhythm?: Rhythm;
    random?: number;
    now?: Date;
    push?: PushState | null;
  } = {},
) {
  const now = more.now ?? NOW;
  const { at } = nextCheck({ now, outcome, errorCount: 0, random: 0.5, ...more });
  return (at.getTime() - now.getTime()) / HOUR;
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

  test('waits as long as the server or the feed wishes, up to a day, and no shorter', () => {
    expect(pause(unchanged(60))).toBe(1);
    expect(pause(unchanged(6 * 3600), { random: 0 })).toBe(6);
    expect(pause(unchanged(6 * 3600), { random: 1 })).toBeCloseTo(6.9);
    expect(pause(unchanged(365 * 24 * 3600))).toBe(24);
    expect(pause(unchanged(), { hints: { ttlMinutes: 180 }, random: 0 })).toBe(3);
    expect(pause(unchanged(), { hints: { updateMinutes: 12 * 60 }, random: 0 })).toBe(12);
  });

  test('follows the rhythm of the feed, from a quarter of an hour to a day', () => {
    const every = (minutes: number, silenceMinutes = 0) =>
      pause(unchanged(), {
        rhythm: {
          rhythmMinutes: minutes,
          newestAt: new Date(NOW.getTime() - silenceMinutes * 60_000),
        },
      });
    expect(every(10)).toBe(0.25);
    expect(every(8 * 60)).toBe(2);
    expect(every(24 * 60)).toBe(6);
    expect(every(7 * 24 * 60)).toBe(24);
    // A busy feed that has been silent for two days is asked every two hours.
    expect(every(10, 48 * 60)).toBe(2);
  });

  test('is not in an hour or on a day that the feed asks to skip', () => {
    // NOW is a Sunday, midnight.
    expect(pause(unchanged(), { hints: { skipHours: [1, 2, 3] }, random: 0 })).toBe(0.85);
    expect(pause(unchanged(), { hints: { skipHours: [0, 1, 2] }, random: 0 })).toBe(3);
    expect(pause(unchanged(), { hints: { skipHours: [0, 1, 2] }, random: 1 })).toBeCloseTo(3.15);
    expect(pause(unchanged(), { hints: { skipDays: [0] } })).toBe(24);
    expect(pause(unchanged(), { hints: { skipDays: [1] }, random: 0 })).toBeCloseTo(0.85);
    const late = new Date('2026-03-01T22:30:00Z');
    expect(pause(unchanged(), { hints: { skipHours: [23, 0] }, now: late, random: 0 })).toBe(2.5);
  });

  test('says what decided', () => {
    const reason = (hints: PollHints, outcome = unchanged()) =>
      nextCheck({ now: NOW, outcome, hints, errorCount: 0, random: 0.5 }).reason;
    expect(reason({})).toBe('base');
    expect(reason({ ttlMinutes: 180 })).toBe('ttl');
    expect(reason({ ttlMinutes: 180 }, unchanged(20_000))).toBe('cache');
    expect(reason({ updateMinutes: 600 })).toBe('schedule');
    expect(reason({ skipHours: [1] })).toBe('skip');
    expect(reason({}, failed())).toBe('errors');
    expect(reason({}, failed(99_999))).toBe('retry-after');
  });

  test('is spread by chance at the bounds too, and never beyond them', () => {
    const quick = { rhythmMinutes: 10, newestAt: NOW };
    const slow = { rhythmMinutes: 7 * 24 * 60, newestAt: NOW };
    const spreads: [Parameters<typeof pause>, number, number][] = [
      [[unchanged(), { rhythm: quick }], 0.25, 0.2875],
      [[unchanged(), { rhythm: slow }], 20.4, 24],
      [[unchanged(23 * 3600), {}], 23, 24],
      [[failed(), { errorCount: 0 }], 1, 1.15],
      [[failed(), { errorCount: 30 }], 0.85 * 168, 168],
    ];
    for (const [[outcome, context], least, most] of spreads) {
      const all = [0, 0.1, 0.3, 0.6, 0.8, 0.99].map((random) =>
        pause(outcome, { ...context, random }),
      );
      expect(Math.min(...all)).toBeGreaterThanOrEqual(least - 1e-6);
      expect(Math.max(...all)).toBeLessThanOrEqual(most + 1e-6);
      expect(new Set(all).size).toBeGreaterThan(3);
    }
  });

  test('is from a quarter of an hour to a day away after any good answer', () => {
    const hours = fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { maxLength: 23 });
    const days = fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { maxLength: 6 });
    const times = fc.array(fc.date({ noInvalidDate: true }), { maxLength: 20 });
    fc.assert(
      fc.property(
        fc.record({ skipHours: hours, skipDays: days, ttlMinutes: fc.nat() }),
        times,
        fc.nat(),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (hints, items, freshSeconds, random) => {
          const rhythm = rhythmOf(items, NOW);
          const hoursAway = pause(unchanged(freshSeconds), { hints, rhythm, random });
          expect(hoursAway).toBeGreaterThanOrEqual(0.25);
          expect(hoursAway).toBeLessThanOrEqual(24);
        },
      ),
    );
  });

  describe('of a feed whose news comes by itself', () => {
    const push: PushState = {
      leaseUntil: new Date(NOW.getTime() + HOUR),
      pushedAt: new Date(NOW.getTime() - HOUR),
      missedAt: null,
    };
    const busy = { rhythmMinutes: 10, newestAt: NOW };

    test('is half a day away at least, and later by chance', () => {
      expect(pause(unchanged(), { push, rhythm: busy, random: 0 })).toBe(12);
      expect(pause(unchanged(), { push, rhythm: busy, random: 1 })).toBeCloseTo(13.8);
      expect(pause(unchanged(), { push })).toBeCloseTo(12.9);
    });

    test('is a day away at most, and as far as it would be without that', () => {
      const slow = { rhythmMinutes: 7 * 24 * 60, newestAt: NOW };
      expect(pause(unchanged(), { push, rhythm: slow })).toBe(24);
      expect(pause(unchanged(18 * 3600), { push, random: 0 })).toBe(18);
      expect(pause(unchanged(), { push, hints: { skipDays: [0] } })).toBe(24);
    });

    test('says so', () => {
      const context = { now: NOW, errorCount: 0, random: 0.5, push };
      expect(nextCheck({ ...context, outcome: unchanged() }).reason).toBe('push');
      expect(nextCheck({ ...context, outcome: unchanged(80_000) }).reason).toBe('cache');
    });

    test('is as near as any after a failure, and when a poll has found what no push brought', () => {
      expect(pause(failed(), { push })).toBe(1);
      expect(pause(unchanged(), { push: { ...push, missedAt: NOW }, rhythm: busy })).toBe(0.25);
      expect(pause(unchanged(), { push: { ...push, pushedAt: null }, rhythm: busy })).toBe(0.25);
      expect(pause(unchanged(), { push: { ...push, leaseUntil: NOW }, rhythm: busy })).toBe(0.25);
      expect(pause(unchanged(), { push: null, rhythm: busy })).toBe(0.25);
    });

    test('is from half a day to a day away whatever the feed and its server say', () => {
      const hours = fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { maxLength: 23 });
      const chance = fc.double({ min: 0, max: 0.999, noNaN: true });
      const minutes = fc.integer({ min: 1, max: 100_000 });
      fc.assert(
        fc.property(hours, fc.nat(), minutes, chance, (skipHours, fresh, rhythmMinutes, random) => {
          const rhythm = { rhythmMinutes, newestAt: NOW };
          const away = pause(unchanged(fresh), { push, hints: { skipHours }, rhythm, random });
          expect(away).toBeGreaterThanOrEqual(12);
          expect(away).toBeLessThanOrEqual(24);
        }),
      );
    });
  });

  test('doubles with each error from an hour to a week, and never stops', () => {
    const pauses = [0, 1, 2, 3, 7, 8, 100].map((errorCount) => pause(failed(), { errorCount }));
    expect(pauses).toEqual([1, 2, 4, 8, 128, 168, 168]);
  });

  test('is not before Retry-After', () => {
    expect(pause(failed(5 * 3600), { random: 0 })).toBe(5);
    const limited = { kind: 'rate-limited', status: 429, finalUrl: '', message: '' } as const;
    expect(pause({ ...limited, retryAfterSeconds: 60 })).toBe(1);
    expect(retryAfterUntil(failed(60), NOW)).toEqual(new Date('2026-03-01T00:01:00Z'));
  });
});

describe('the rhythm of a feed', () => {
  const ago = (...hours: number[]) => hours.map((h) => new Date(NOW.getTime() - h * HOUR));

  test('is the median of the pauses between its newest items', () => {
    expect(rhythmOf(ago(5, 1, 2, 3, 200), NOW)).toEqual({
      rhythmMinutes: 120,
      newestAt: new Date(NOW.getTime() - HOUR),
    });
  });

  test('is unknown with fewer than three items, or when all bear one time', () => {
    expect(rhythmOf([], NOW)).toEqual({ rhythmMinutes: null, newestAt: null });
    expect(rhythmOf(ago(1, 2), NOW).rhythmMinutes).toBeNull();
    expect(rhythmOf(ago(1, 1, 1, 1, 1), NOW).rhythmMinutes).toBeNull();
  });

  test('does not count what lies in the future', () => {
    expect(rhythmOf(ago(-48, -24, 1, 2, 3), NOW)).toEqual({
      rhythmMinutes: 60,
      newestAt: new Date(NOW.getTime() - HOUR),
    });
  });
});
