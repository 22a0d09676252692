/** Longer addresses are no feed's. */
const URL_CHARACTERS_MAX = 2000;

/** A host as people type it: labels with dots between, maybe a port, and what follows. */
const BARE_HOST = /^[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+(:\d+)?([/?#]|$)/u;

/**
 * The address of a feed or site as somebody types it, in the form in which it is stored. A host
 * without a scheme is meant as https.
 * @returns undefined when it is no address of the web.
 */
export function readFeedAddress(text: string): string | undefined {
  const typed = text.trim();
  const address = BARE_HOST.test(typed) ? `https://${typed}` : typed;
  if (address.length > URL_CHARACTERS_MAX || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  return /^https?:$/u.test(url.protocol) ? url.href : undefined;
}
