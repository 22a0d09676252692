import { createHash } from 'node:crypto';
import type { ParsedItem } from '../model/feed.ts';
import { canonicalUrl } from './canonical-url.ts';
import { GUID_CHARACTERS_MAX } from './limits.ts';

/** SHA-256 in hexadecimal. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * The identity of an item within its feed: what the publisher says (`guid`, `id`, `rdf:about`);
 * else its address; else its title and time; else its text. An id that is an address counts
 * without its scheme, so that a site's move to https does not double its posts.
 */
export function guidOf(item: ParsedItem, text: string): string {
  if (item.id !== undefined) return shorten(item.id.replace(/^https?:\/\//iu, '//'));
  if (item.link !== undefined)
    return shorten(canonicalUrl(item.link, true).replace(/^https?:/u, ''));
  const title = item.title ?? '';
  const time = item.published?.toISOString() ?? '';
  return `tagwire:${sha256(title === '' && time === '' ? text : `${title}\n${time}`)}`;
}

/** Whole as long as it fits; a longer one is known by its hash. */
const shorten = (guid: string) =>
  guid.length <= GUID_CHARACTERS_MAX ? guid : `tagwire:${sha256(guid)}`;
