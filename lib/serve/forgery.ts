/** What a browser says about where a request comes from. */
export interface Provenance {
  method: string;
  path: string;
  origin: string | null;
  secFetchSite: string | null;
}

const SAFE_METHOD = /^(GET|HEAD|OPTIONS)$/u;
/**
 * Called by programs that say no Origin, with an authority of their own: a mailbox's one-click
 * unsubscribe (RFC 8058) and a mail server's report their token, a WebSub hub its signature, this
 * process its key.
 */
const EXEMPT_PATH =
  /^\/((forms\/)?alerts\/(unsubscribe|quiet)|websub|mail\/reports|api\/internal)\//u;
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** The site's own origin; on a developer's machine under all its names. */
function ownOrigins(siteUrl: string): string[] {
  const { protocol, hostname, port, origin } = new URL(siteUrl);
  if (!LOOPBACK_NAMES.includes(hostname)) return [origin];
  return LOOPBACK_NAMES.map((name) => new URL(`${protocol}//${name}:${port}`).origin);
}

/**
 * Whether a request that changes something may have been sent by another site's page. Browsers
 * say `Sec-Fetch-Site` (over https and on localhost) or at least `Origin`; a request with neither
 * comes from no form of ours.
 */
export function isForged(request: Provenance, siteUrl: string): boolean {
  if (SAFE_METHOD.test(request.method) || EXEMPT_PATH.test(request.path)) return false;
  const { origin, secFetchSite } = request;
  if (secFetchSite !== null && secFetchSite !== 'same-origin' && secFetchSite !== 'none') {
    return true;
  }
  if (origin === null) return secFetchSite === null;
  return !ownOrigins(siteUrl).includes(origin);
}
