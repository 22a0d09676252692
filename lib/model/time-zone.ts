const NAME = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/u;

/**
 * A time zone by its name in the IANA database (`Europe/Vienna`), with spaces for lines and in any
 * case; undefined when there is none of this name. Offsets are no zones: they know no summer.
 */
export function readTimeZone(text: string): string | undefined {
  const name = text.trim().replace(/\s+/gu, '_');
  if (!NAME.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
