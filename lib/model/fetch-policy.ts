// The rules that our fetcher keeps. `/bot` shows publishers these numbers, so they stand here.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A feed over this size is a mistake or an attack; the largest real one seen has 5 MB. */
export const BODY_BYTES_MAX = 8 * 1024 * 1024;
/** From the first look-up to the last byte, with all redirects. A slow drip ends here. */
export const FETCH_MS_MAX = 20_000;
export const REDIRECTS_MAX = 5;

/** However often a feed brings news: publishers see each request. */
export const CHECK_SHORTEST_MS = 15 * MINUTE_MS;
/** However seldom, and whatever a server asks for: a day without a look is enough. */
export const CHECK_LONGEST_MS = DAY_MS;
/** For a feed whose hub tells us of its news: only in case that a message was lost. */
export const PUSHED_SHORTEST_MS = DAY_MS / 2;
/** Looks between two usual items: the next one is then late by an eighth of its pause, on average. */
export const LOOKS_PER_GAP = 4;
/** The pause after the first failure in a row; it doubles with each. */
export const ERROR_FIRST_MS = HOUR_MS;
/** A feed that fails for long is still tried once a week: it never stops silently. */
export const ERROR_LONGEST_MS = 7 * DAY_MS;
/** A server that asks for longer is taken at its word no further than this. */
export const RETRY_AFTER_LONGEST_MS = 7 * DAY_MS;
/** Some servers say "not modified" for ever: once a week we ask as if for the first time. */
export const FULL_CHECK_MS = 7 * DAY_MS;
/** A 410 so long after the first one, with no document in between, ends a feed. */
export const GONE_CONFIRMED_MS = DAY_MS;
/** So long a permanent redirect must lead to one address to be stored. */
export const MOVE_CONFIRMED_MS = 7 * DAY_MS;

/** What is read of a robots.txt (RFC 9309, 2.5: at least 500 KiB). */
export const ROBOTS_BYTES_MAX = 500 * 1024;
/** RFC 9309, 2.4: a copy should not be used for longer than 24 hours. */
export const ROBOTS_KEPT_MS = DAY_MS;
/** What a site's robots.txt says of use by robots is asked for so often; every day until it answers. */
export const SITE_WISH_KEPT_MS = 7 * DAY_MS;
export const SITE_WISH_RETRY_MS = DAY_MS;
/** A source's icon is looked for so often; every day while its site does not answer. */
export const ICON_KEPT_MS = 7 * DAY_MS;
export const ICON_RETRY_MS = DAY_MS;
