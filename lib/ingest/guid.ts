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
  if (item.id !== undefined) return guidOfId(item.id);
  if (item.link !== undefined)
    return shorten(canonicalUrl(item.link, true).replace(/^https?:/u, ''));
  const title = item.title ?? '';
  const time = item.published?.toISOString() ?? '';
  return `tagwire:${sha256(title === '' && time === '' ? text : `${title}\n${time}`)}`;
}

/** The guid of an item with this id. */
export const guidOfId = (id: string): string => shorten(id.replace(/^https?:\/\//iu, '//'));

/** Addresses that items with different titles share: they tell no item from another. */
export function sharedLinks(items: readonly ParsedItem[]): ReadonlySet<string> {
  const titles = new Map<string, string | undefined>();
  const shared = new Set<string>();
  for (const { link, title } of items) {
    if (link === undefined) continue;
    const address = canonicalUrl(link, true);
    if (titles.has(address) && titles.get(address) !== title) shared.add(address);
    titles.set(address, title);
  }
  return shared;
}

/** What tells an item from others with the same guid: its address, or else its title. */
function distinguisher({ link, title }: ParsedItem, shared: ReadonlySet<string>): string {
  const address = link === undefined ? undefined : canonicalUrl(link, true);
  return address === undefined || shared.has(address) ? (title ?? '') : address;
}

/** The guid of an item in a feed that gives several items one: with its address or title. */
export const dividedGuid = (guid: string, item: ParsedItem, shared: ReadonlySet<string>): string =>
  shorten(`${guid} ${distinguisher(item, shared)}`);

/** Whether a feed gives one guid to items that differ in address, or in title where that is one. */
export function hasDoubledGuids(
  items: readonly ParsedItem[],
  shared: ReadonlySet<string>,
): boolean {
  const first = new Map<string, string>();
  return items.some((item) => {
    if (item.id === undefined) return false;
    const [guid, own] = [guidOfId(item.id), distinguisher(item, shared)];
    const other = first.get(guid) ?? own;
    first.set(guid, other);
    return other !== own;
  });
}

/** Whole as long as it fits; a longer one is known by its hash. */
const shorten = (guid: string) =>
  guid.length <= GUID_CHARACTERS_MAX ? guid : `tagwire:${sha256(guid)}`;
