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

const hashOf = ({ title, content, summary }: ParsedItem) =>
  sha256(`${title ?? ''}\n${content ?? summary ?? ''}`);

const timeOf = (item: ParsedItem) => item.published?.toISOString() ?? '';

/** Addresses and times, as in guids, that items without guids share though they differ. */
export function sharedTimes(items: readonly ParsedItem[]): ReadonlySet<string> {
  const first = new Map<string, string>();
  const shared = new Set<string>();
  for (const item of items) {
    if (item.id !== undefined || item.link === undefined) continue;
    const moment = `${guidOf(item, '')} ${timeOf(item)}`;
    const hash = hashOf(item);
    if ((first.get(moment) ?? hash) !== hash) shared.add(moment);
    if (!first.has(moment)) first.set(moment, hash);
  }
  return shared;
}

/** What items of a document have in common that should tell them apart. */
export interface Shared {
  links: ReadonlySet<string>;
  times: ReadonlySet<string>;
}

/**
 * The guid of an item in a feed that gives several items one: with its address or title. One that
 * has an address and no guid (pictures of the day, a changelog) is told by its time, and where
 * that does not tell, by its text.
 */
export function dividedGuid(guid: string, item: ParsedItem, shared: Shared): string {
  if (item.id !== undefined) return shorten(`${guid} ${distinguisher(item, shared.links)}`);
  if (item.link === undefined) return guid;
  const time = timeOf(item);
  const isTold = time !== '' && !shared.times.has(`${guid} ${time}`);
  return shorten(isTold ? `${guid} ${time}` : `${guid} ${time} ${hashOf(item)}`);
}

/**
 * Whether a feed gives one guid to items that differ in address, or in title where that is one; or
 * no guid and one address to items that differ in time or text.
 */
export function hasDoubledGuids(items: readonly ParsedItem[], shared: Shared): boolean {
  const first = new Map<string, string>();
  return items.some((item) => {
    if (item.id === undefined && item.link === undefined) return false;
    const guid = guidOf(item, '');
    const own =
      item.id === undefined ? `${timeOf(item)} ${hashOf(item)}` : distinguisher(item, shared.links);
    const key = item.id === undefined ? `link ${guid}` : `id ${guid}`;
    const other = first.get(key) ?? own;
    first.set(key, other);
    return other !== own;
  });
}

/** Whole as long as it fits; a longer one is known by its hash. */
const shorten = (guid: string) =>
  guid.length <= GUID_CHARACTERS_MAX ? guid : `tagwire:${sha256(guid)}`;
