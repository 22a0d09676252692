/** One year, as browsers' preload lists ask. */
const HSTS_SECONDS = 365 * 24 * 3600;

/**
 * The Content-Security-Policy of a page. Pictures come through us (PICTURES), media that a reader
 * starts from their publishers: any host may send those and nothing else. Scripts are files of ours and never inline. `style`
 * attributes are allowed: a tag's hue is one (`style="--h:225"`), and an attribute cannot fetch or
 * run anything that img-src does not already allow; `<style>` elements are not.
 */
export const pagePolicy = (pictures: 'proxy' | 'direct' | 'off') =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "style-src-attr 'unsafe-inline'",
    pictures === 'direct' ? "img-src 'self' data: https: http:" : "img-src 'self' data:",
    'media-src https: http:',
    // Players of videos that a reader has started (public/embeds.js).
    'frame-src https://www.youtube-nocookie.com https://player.vimeo.com',
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** A document that runs nothing: feeds, JSON, plain text. Feeds have a sheet of ours, with fonts. */
export const INERT_POLICY =
  "default-src 'none'; style-src 'self' 'unsafe-inline'; font-src 'self'; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'";

/** What every answer says. @param siteUrl only an https site promises to stay one. */
export function securityHeaders(siteUrl: string): Record<string, string> {
  return {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'strict-origin-when-cross-origin',
    'permissions-policy':
      'accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), ' +
      'gyroscope=(), microphone=(), midi=(), payment=(), usb=()',
    'cross-origin-opener-policy': 'same-origin',
    ...(siteUrl.startsWith('https:')
      ? { 'strict-transport-security': `max-age=${HSTS_SECONDS}` }
      : {}),
  };
}
