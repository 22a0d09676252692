import { config } from '../../lib/config.ts';
import { TagwireError } from '../../lib/errors.ts';
import { checkUrlForm } from '../../lib/fetch/guard.ts';
import { readFeedAddress } from '../../lib/model/feed-address.ts';

/** What to do about something that is no feed's address. */
export const URL_NEXT = 'Give the address of a feed, like https://lwn.net/headlines/newrss';

/** What would help with an address that is refused. No setting opens the first two. */
function nextFor(url: URL): string {
  if (!/^https?:$/u.test(url.protocol)) {
    return 'Give the address at which the same feed is served by http: or https:.';
  }
  if (url.username !== '' || url.password !== '') {
    return 'Give it without, if it opens so. What needs a password is not for everybody to read, and posts here are.';
  }
  return 'If this is a feed of your own network, open its range with FETCH_ALLOW.';
}

/** The address in its stored form. @throws TagwireError when it cannot be a feed's address. */
export function acceptUrl(text: string): string {
  const url = readFeedAddress(text) ?? text;
  if (!URL.canParse(url)) throw new TagwireError(`"${text}" is no address.`, URL_NEXT);
  const verdict = checkUrlForm(url, config().fetchAllow);
  if (!verdict.allowed) {
    throw new TagwireError(`${text} is not fetched: ${verdict.reason}.`, nextFor(new URL(url)));
  }
  return new URL(url).href;
}
