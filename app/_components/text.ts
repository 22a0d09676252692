import { config } from '../../lib/config.ts';

// Numbers, dates and addresses as the pages write them.

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
/** Words a minute of a practised reader. */
const READING_WORDS_PER_MINUTE = 230;

const inZone = (options: Intl.DateTimeFormatOptions, timeZone = config().siteTimezone) =>
  new Intl.DateTimeFormat('en-GB', { ...options, timeZone });

/** All short months have three letters; en-GB has a fourth for September. */
const short = (text: string) => text.replace('Sept', 'Sep');

/** `3 Jun 2018`, in the site's time zone. */
export const writeDay = (iso: string) =>
  short(inZone({ day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(iso)));

/**
 * `3 June 2018 at 12:00 UTC`, for titles of dates.
 * @param zone by its IANA name, of whom it is for; without it the site's.
 */
export const writeMoment = (iso: string, zone = config().siteTimezone) =>
  `${inZone({ dateStyle: 'long', timeStyle: 'short' }, zone).format(new Date(iso))} ${zone}`;

/** `3 Jun, 12:00`, in the site's time zone: of days that are near. */
export const writeDayAndTime = (iso: string) =>
  short(
    inZone({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(
      new Date(iso),
    ),
  );

/** `3 Jun 2018, 12:00 UTC`, in the site's time zone, with its name at that time. */
export function writePostTime(iso: string): string {
  const parts = inZone({ hour: '2-digit', timeZoneName: 'short' }).formatToParts(new Date(iso));
  const zone = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  return `${writeDay(iso)}, ${writeTime(iso)} ${zone}`.trim();
}

/** `12:00`, in the site's time zone. */
export const writeTime = (iso: string) =>
  inZone({ hour: '2-digit', minute: '2-digit' }).format(new Date(iso));

/** `Mon 4 Jun`, with the year where it is another than that of `near`; in the site's time zone. */
export function writeListDay(iso: string, near: string): string {
  const yearOf = (time: string) => inZone({ year: 'numeric' }).format(new Date(time));
  const isFar = yearOf(iso) !== yearOf(near);
  const year = isFar ? ({ year: 'numeric' } as const) : {};
  const day = inZone({ weekday: 'short', day: 'numeric', month: 'short', ...year });
  return short(day.format(new Date(iso)).replace(',', ''));
}

/** `June 2018` for 2018-06. */
export function writeMonth(month: string): string {
  const [year, number] = month.split('-');
  return `${MONTHS[Number(number) - 1]} ${year}`;
}

export const monthName = (number: number) => MONTHS[number - 1] ?? '';

/** `1,204`. */
export const writeNumber = (number: number) => number.toLocaleString('en-GB');

/** `1 post`, `1,204 posts`. */
export const count = (number: number, one: string, many = `${one}s`) =>
  `${writeNumber(number)} ${number === 1 ? one : many}`;

/** `4 min` of reading. */
export const writeReadingTime = (words: number) =>
  `${Math.max(1, Math.round(words / READING_WORDS_PER_MINUTE))} min`;

/** `20 min`, `6 h`, `3 days`. */
export function writePause(minutes: number): string {
  if (minutes < 90) return `${Math.max(1, minutes)} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

/** The beginning of a text, cut between words, with `…` where something is left out. */
export function cutWords(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const begun = text.slice(0, charactersMax).toWellFormed();
  return `${begun.replace(/\s+\S*$/u, '').replace(/[\s,;:.–-]+$/u, '')}…`;
}

/** A tag's own hue in degrees, from its slug: 24 steps, so that two are the same or differ. */
export function hueOf(slug: string): number {
  let hash = 0x811c9dc5; // FNV-1a, 32 bits
  for (const byte of new TextEncoder().encode(slug)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return (hash % 24) * 15;
}

/** An address in the three parts that by-lines set apart, as it stands. */
export function splitAddress(url: string): { scheme: string; host: string; rest: string } {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)(.*)$/isu.exec(url);
  return { scheme: match?.[1] ?? '', host: match?.[2] ?? url, rest: match?.[3] ?? '' };
}
