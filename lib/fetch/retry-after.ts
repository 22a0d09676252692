/** Retry-After in both of its forms, seconds and a date (RFC 9110, 10.2.3). */
export function retryAfterSeconds(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  // However many digits: a number beyond all reason still asks for rest.
  if (/^\s*\d+\s*$/u.test(value)) return Math.min(Number(value), Number.MAX_SAFE_INTEGER);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - nowMs) / 1000));
}
