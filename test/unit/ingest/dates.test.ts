import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDate } from '../../../lib/ingest/dates.ts';

const iso = (text: string) => parseDate(text)?.toISOString();

describe('dates', () => {
  test.each([
    ['Tue, 17 Feb 2026 18:26:54 +0100', '2026-02-17T17:26:54.000Z'],
    ['17 Feb 26 18:26 GMT', '2026-02-17T18:26:00.000Z'],
    ['Tue, 17 Feb 2026 18:26:54 PDT', '2026-02-18T01:26:54.000Z'],
    ['Thu Aug 30 2012 17:26:16 +0200', '2012-08-30T15:26:16.000Z'],
    ['Feb 17, 2026 6:26 pm', '2026-02-17T18:26:00.000Z'],
    ['Tue Feb 17 18:26:54 EST 2026', '2026-02-17T23:26:54.000Z'],
    ['2026-02-17', '2026-02-17T00:00:00.000Z'],
    ['2026-02-17T18:26:54.123456+05:30', '2026-02-17T12:56:54.123Z'],
    ['2026-02-17 18:26:54', '2026-02-17T18:26:54.000Z'],
    ['20260217T182654Z', '2026-02-17T18:26:54.000Z'],
    ['2026-048', '2026-02-17T00:00:00.000Z'],
    ['2020-1-10', '2020-01-10T00:00:00.000Z'],
    ['1771352814', '2026-02-17T18:26:54.000Z'],
    ['17.02.2026 18:26', '2026-02-17T18:26:00.000Z'],
    ['02/17/2026', '2026-02-17T00:00:00.000Z'],
    ['17/02/2026', '2026-02-17T00:00:00.000Z'],
    ['вт, 17 фев 2026 18:26:54 +0300', '2026-02-17T15:26:54.000Z'],
    ['17. März 2026', '2026-03-17T00:00:00.000Z'],
    ['17 de febrero de 2026', '2026-02-17T00:00:00.000Z'],
    ['2026年2月17日 18:26', '2026-02-17T18:26:00.000Z'],
    ['2004년 05월 28일 01:31:15', '2004-05-28T01:31:15.000Z'],
    ['Fri, 2006/09/15 08:19:53 EDT', '2006-09-15T12:19:53.000Z'],
  ])('%s', (text, expected) => {
    expect(iso(text)).toBe(expected);
  });

  test.each([
    'Mon, 01 Jan 0001 00:00:00 +0000',
    '1970-01-01T00:00:00Z',
    '9999-12-31',
    '2026-06-31',
    '2026-13-01',
    '30 Feb 2026',
    'soon',
    '',
    '12',
    'x'.repeat(1000),
  ])('%s is no date', (text) => {
    expect(parseDate(text)).toBeUndefined();
  });

  test('what JavaScript writes is read as the same instant', () => {
    const date = fc.date({
      min: new Date('1972-01-01'),
      max: new Date('2099-01-01'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(date, (instant) => {
        expect(parseDate(instant.toISOString())).toEqual(instant);
        const seconds = new Date(Math.floor(instant.getTime() / 1000) * 1000);
        expect(parseDate(instant.toUTCString())).toEqual(seconds);
      }),
    );
  });

  test('any text gives a sane date or none', () => {
    const words = fc.constantFrom(
      'Feb',
      '17',
      '2026',
      ':',
      'T',
      '-',
      '99',
      'GMT',
      '+25:61',
      '/',
      ' ',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(words).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (given) => {
        const date = parseDate(given);
        if (date === undefined) return;
        expect(date.getTime()).not.toBeNaN();
        expect(date.getUTCFullYear()).toBeGreaterThanOrEqual(1970);
        expect(date.getUTCFullYear()).toBeLessThanOrEqual(2101);
      }),
    );
  });
});
