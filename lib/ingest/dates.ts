// Dates as feeds write them: RFC 822 and 2822, ISO 8601 in every mutilation, asctime, names of
// months in other languages, zones by name. A value or undefined, never a throw.

/** Earlier dates are placeholders (0001, 1899, 1970 for "unknown"); syndication began in 1997. */
const YEAR_MIN = 1971;
/** A clock may be wrong by a day; a date further ahead is a placeholder or a trick. */
const YEAR_MAX = 2100;

/** Offsets in minutes of zone names that feeds use (RFC 822, section 5, and common ones). */
const ZONES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    z: 0,
    ut: 0,
    utc: 0,
    gmt: 0,
    wet: 0,
    west: 60,
    bst: 60,
    cet: 60,
    met: 60,
    mez: 60,
    cest: 120,
    mest: 120,
    mesz: 120,
    eet: 120,
    eest: 180,
    msk: 180,
    msd: 240,
    sast: 120,
    ist: 330,
    cst: -360,
    cdt: -300,
    est: -300,
    edt: -240,
    et: -300,
    mst: -420,
    mdt: -360,
    pst: -480,
    pdt: -420,
    pt: -480,
    ct: -360,
    mt: -420,
    akst: -540,
    akdt: -480,
    hst: -600,
    ast: -240,
    adt: -180,
    at: -240,
    nst: -210,
    ndt: -150,
    brt: -180,
    art: -180,
    jst: 540,
    kst: 540,
    hkt: 480,
    sgt: 480,
    awst: 480,
    aest: 600,
    aedt: 660,
    acst: 570,
    nzst: 720,
    nzdt: 780,
  }),
);

/** Months by the first letters of their names, folded; longer beginnings win. */
const MONTHS: readonly (readonly [number, string])[] = [
  [1, 'jan ene gen janv januar ιαν янв sty led sij oca tammi 1月 1월'],
  [2, 'feb fev fevr febr φεβ фев lut uno vel sub helmi 2月 2월'],
  [3, 'mar mars marz maerz mrt mae μαρ мар bre ozu maalis 3月 3월'],
  [4, 'apr abr avr απρ апр kwi dub tra nis huhti 4月 4월'],
  [5, 'may mai maj mei maggio mag μαϊ μαι май мая svi kve touko 5月 5월'],
  [6, 'jun juin giu ιουν июн cze haz kesa 6月 6월'],
  [7, 'jul juil lug ιουλ июл lip tem heina 7月 7월'],
  [8, 'aug ago aou aout αυγ авг sie srp kol elo 8月 8월'],
  [9, 'sep set sept σεπ сен wrz zar ruj eyl syys 9月 9월'],
  [10, 'oct okt ott out οκτ окт paz rij eki loka 10月 10월'],
  [11, 'nov νοε νοέ ноя lis kas marras 11月 11월'],
  [12, 'dec dez dic des δεκ дек gru pro ara joulu 12月 12월'],
];
const MONTH_BY_NAME: ReadonlyMap<string, number> = new Map(
  MONTHS.flatMap(([month, names]) => names.split(' ').map((name) => [name, month] as const)),
);
const MONTH_CHARACTERS_MAX = 6;

function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

function monthOf(name: string): number | undefined {
  const folded = fold(name).replace(/\.$/u, '');
  for (let length = Math.min(folded.length, MONTH_CHARACTERS_MAX); length >= 3; length--) {
    const month = MONTH_BY_NAME.get(folded.slice(0, length));
    if (month !== undefined) return month;
  }
  return undefined;
}

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
  offsetMinutes: number;
}

function toDate(parts: Partial<Parts> & { year: number }): Date | undefined {
  const { year, month = 1, day = 1, hour = 0, minute = 0, second = 0, millisecond = 0 } = parts;
  if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 || day < 1) return undefined;
  if (hour > 24 || minute > 59 || second > 60) return undefined;
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (day > daysInMonth) return undefined;
  const local = Date.UTC(year, month - 1, day, hour, minute, Math.min(second, 59), millisecond);
  return new Date(local - (parts.offsetMinutes ?? 0) * 60_000);
}

/** Two-digit years as RFC 2822 (section 4.3) reads them. */
function fullYear(text: string): number {
  const year = Number(text);
  if (text.length > 2) return text.length === 3 ? year + 1900 : year;
  return year < 50 ? 2000 + year : 1900 + year;
}

/** Minutes east of Greenwich; undefined for a zone that nobody knows, taken as UTC then. */
function offsetOf(zone: string | undefined): number {
  if (zone === undefined || zone === '') return 0;
  const numeric = /([+-])(\d{1,2}):?(\d{2})?/u.exec(zone);
  if (numeric !== null) {
    const [, sign, hours, minutes] = numeric;
    const offset = Number(hours) * 60 + Number(minutes ?? 0);
    return offset > 15 * 60 ? 0 : sign === '-' ? -offset : offset;
  }
  return ZONES.get(zone.toLowerCase()) ?? 0;
}

const TIME = String.raw`(\d{1,2})(?::|\.|時)(\d{1,2})(?:(?::|\.|分)(\d{1,2})(?:[.,:](\d{1,9}))?)?秒?`;
const TIME_PATTERN = new RegExp(
  String.raw`(?:^|[\sT,])${TIME}\s*([ap]\.?m\.?)?\s*((?:(?:GMT|UTC|UT)?[+-]\d{1,2}:?\d{0,2})|[A-Za-z]{1,5})?`,
  'iu',
);

function timeIn(text: string): Partial<Parts> {
  const found = TIME_PATTERN.exec(text);
  if (found === null) return {};
  const [, hours, minutes, seconds = '0', fraction = '', half, zone] = found;
  let hour = Number(hours);
  if (half !== undefined) hour = (hour % 12) + (half.toLowerCase().startsWith('p') ? 12 : 0);
  return {
    hour,
    minute: Number(minutes),
    second: Number(seconds),
    millisecond: Number(fraction.slice(0, 3).padEnd(3, '0')),
    offsetMinutes: offsetOf(zone),
  };
}

// ISO 8601 and W3CDTF, with week dates, ordinal dates and the basic forms.
function parseIso(text: string): Date | undefined {
  const date = /^(\d{4})(?:[-/.年년](\d{1,2})(?:[-/.月월](\d{1,2})[日일]?)?)?(?=$|[T\s,Zz+])/u.exec(
    text,
  );
  if (date !== null) {
    const [whole, year, month = '1', day = '1'] = date;
    return toDate({
      year: Number(year),
      month: Number(month),
      day: Number(day),
      ...timeIn(text.slice(whole.length).replace(/^T?\s*/iu, ' ')),
    });
  }
  const basic = /^(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?(Z|[+-]\d{2}:?\d{2})?)?$/u.exec(
    text,
  );
  if (basic !== null) {
    const [, year, month, day, hour = '0', minute = '0', second = '0', zone] = basic;
    return toDate({
      year: Number(year),
      month: Number(month),
      day: Number(day),
      hour: Number(hour),
      minute: Number(minute),
      second: Number(second),
      offsetMinutes: offsetOf(zone),
    });
  }
  const ordinal = /^(\d{4})-?(\d{3})(?=$|T)/u.exec(text);
  if (ordinal === null) return undefined;
  const first = toDate({ year: Number(ordinal[1]), ...timeIn(text.slice(ordinal[0].length)) });
  return first && new Date(first.getTime() + (Number(ordinal[2]) - 1) * 86_400_000);
}

// `Tue, 17 Feb 2026 18:26:54 +0100` and `Feb 17, 2026`, with names in many languages.
function parseNamed(text: string): Date | undefined {
  const dayFirst =
    /(?:^|[\s,;])(\d{1,2})(?:st|nd|rd|th|er|\.|º)?[\s-]+(?:de\s+)?(\p{L}{3,12})\.?,?[\s-]+(?:de\s+)?(\d{2,4})(?=$|[\s,T])/u.exec(
      text,
    );
  if (dayFirst !== null) {
    const [whole, day, name = '', year = ''] = dayFirst;
    const month = monthOf(name);
    if (month !== undefined) {
      const rest = text.slice(dayFirst.index + whole.length);
      return toDate({ year: fullYear(year), month, day: Number(day), ...timeIn(rest) });
    }
  }
  return parseMonthFirst(text);
}

function parseMonthFirst(text: string): Date | undefined {
  const found =
    /(?:^|[\s,])(\p{L}{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(?:(\d{1,2}:\d{2}(?::\d{2})?)\s+([A-Za-z]{1,5}\s+)?)?(\d{4})(?=$|[\s,])/u.exec(
      text,
    );
  if (found === null) return undefined;
  const [whole, name = '', day, clock, zone, year] = found;
  const month = monthOf(name);
  if (month === undefined) return undefined;
  const rest = text.slice(found.index + whole.length);
  const time = clock === undefined ? rest : ` ${clock} ${zone ?? ''}`;
  return toDate({ year: Number(year), month, day: Number(day), ...timeIn(time) });
}

// `02/17/2026`: American unless the first number cannot be a month; `17.02.2026`: European.
function parseNumeric(text: string): Date | undefined {
  const found = /^(\d{1,2})([/.-])(\d{1,2})\2(\d{2,4})(?=$|[\sT,])/u.exec(text);
  if (found === null) return undefined;
  const [whole, first, separator, second, year = ''] = found;
  const dayFirst = separator !== '/' || Number(first) > 12;
  return toDate({
    year: fullYear(year),
    month: Number(dayFirst ? second : first),
    day: Number(dayFirst ? first : second),
    ...timeIn(text.slice(whole.length)),
  });
}

/** Seconds or milliseconds since 1970. */
function parseEpoch(text: string): Date | undefined {
  if (!/^\d{9,10}$|^\d{12,13}$/u.test(text)) return undefined;
  const date = new Date(Number(text) * (text.length < 12 ? 1000 : 1));
  return toDate({ year: date.getUTCFullYear() }) && date;
}

// A date longer than this is no date; it also bounds the work of the expressions above.
const DATE_CHARACTERS_MAX = 100;

/**
 * Reads a date in any form that feeds use. A time without a zone is UTC. Placeholders (year 1,
 * 1970-01-01, 9999) and nonsense (31 June) are undefined.
 */
export function parseDate(given: string | undefined): Date | undefined {
  const text = given?.trim().replace(/\s+/gu, ' ');
  if (text === undefined || text === '' || text.length > DATE_CHARACTERS_MAX) return undefined;
  // `Fri, 2006/09/15`: the day's name says nothing.
  const bare = text.replace(/^\p{L}+\.?,? ?(?=\d{4}[-/])/u, '').replace(/(?<=[년월年月]) /gu, '');
  return parseIso(bare) ?? parseEpoch(text) ?? parseNumeric(text) ?? parseNamed(text);
}
