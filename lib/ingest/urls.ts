import { URL_CHARACTERS_MAX } from './limits.ts';

const WEB = /^https?:$/u;

/** A base address joined to the one around it; what is no address changes nothing. */
export function joinBase(outer: string | undefined, inner: string | undefined): string | undefined {
  const wanted = inner?.trim();
  if (wanted === undefined || wanted === '') return outer;
  const joined = URL.parse(wanted, outer);
  // xml:base may itself be relative to an address that nobody told us.
  return joined?.href ?? outer ?? wanted;
}

/** Line breaks and tabs inside an address mean nothing (URL Standard, section 4.4). */
const withoutBreaks = (text: string) => text.replace(/\p{Cc}+/gu, '');

/**
 * A web address as given, made absolute. An address that is absolute already is left as it was
 * written, for it is shown to people. Undefined for any scheme but http and https.
 */
export function absoluteUrl(
  given: string | undefined,
  base: string | undefined,
): string | undefined {
  const text = given?.trim();
  if (text === undefined || text === '' || text.length > URL_CHARACTERS_MAX) return undefined;
  const alone = URL.parse(text);
  if (alone !== null && /^[a-z][a-z0-9+.-]*:\/\//iu.test(text)) {
    return WEB.test(alone.protocol) ? withoutBreaks(text) : undefined;
  }
  const joined = URL.parse(text, base);
  return joined !== null && WEB.test(joined.protocol) ? joined.href : undefined;
}
