const DAY_MS = 24 * 60 * 60_000;

/** A time as the operator reads it: the hour for the last day, else the day. */
export function shortTime(iso: string | null, timeZone: string, now: Date): string {
  if (iso === null) return 'never';
  const at = new Date(iso);
  const isNear = Math.abs(now.getTime() - at.getTime()) < DAY_MS;
  return new Intl.DateTimeFormat('en-GB', {
    timeZone,
    ...(isNear
      ? { hour: '2-digit', minute: '2-digit' }
      : { day: 'numeric', month: 'short', year: 'numeric' }),
  }).format(at);
}

/** `3 s`, `5 min`, `2 h`, `4 days`: how long something has waited. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** `1 feed`, `2 feeds`, with thousands set apart. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}
