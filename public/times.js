// @ts-check
// Tells in the title of each date what it is on the reader's own clock, and of the last day how long
// ago. Pages are the same for everybody, so what they show stays in the site's time zone.

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const exact = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
});
const ago = new Intl.RelativeTimeFormat('en-GB');

/** @param {number} at milliseconds @returns {string} `, 3 hours ago` within a day, else nothing */
function since(at) {
  const minutes = Math.floor((Date.now() - at) / MINUTE_MS);
  if (minutes < 1 || minutes >= DAY_MINUTES) return '';
  return minutes < 60
    ? `, ${ago.format(-minutes, 'minute')}`
    : `, ${ago.format(-Math.floor(minutes / 60), 'hour')}`;
}

function tell() {
  for (const time of document.querySelectorAll('time[datetime*=T]')) {
    const at = Date.parse(/** @type {HTMLTimeElement} */ (time).dateTime);
    if (Number.isNaN(at)) continue;
    /** @type {HTMLTimeElement} */ (time).title = exact.format(at) + since(at);
  }
}

tell();
document.addEventListener('visibilitychange', () => document.hidden || tell());
