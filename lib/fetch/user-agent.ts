import packageJson from '../../package.json' with { type: 'json' };
import { config } from '../config.ts';

let feeds: number | undefined;

/**
 * How many feeds are polled, for the user agent from now on: publishers want to know who reads
 * them. Whoever knows the database tells it, now and then.
 */
export function tellFeedCount(count: number): void {
  feeds = count;
}

/**
 * What we say of ourselves (RFC 9110, 10.1.5): name and version, the page that explains us to
 * publishers, how to reach the operator, and the number of feeds where it is known.
 */
export function userAgent(): string {
  const { siteUrl, operatorContact } = config();
  // Brackets end the comment, and a header is ASCII.
  const contact = operatorContact?.replace(/[^\x20-\x7e]|[()]/gu, '');
  const parts = [
    `+${siteUrl}/bot`,
    ...(contact ? [contact] : []),
    ...(feeds === undefined ? [] : [`${feeds} ${feeds === 1 ? 'feed' : 'feeds'}`]),
  ];
  return `Tagwire/${packageJson.version} (${parts.join('; ')})`;
}
