import RssParser from 'rss-parser';
import type { ParsedFeed, ParsedItem } from '../model/feed.ts';
import { findOwnerLines } from '../model/owner-wish.ts';
import { readChannel, readDeletedIds, readItem } from './read-elements.ts';
import type { RepairedFeed } from './repair.ts';
import type { Elements, XmlNode } from './xml-node.ts';

/** Elements of an item and of a channel as the repaired document names them (names.ts). */
const ITEM_FIELDS = [
  'x-about',
  'x-lang',
  'x-base',
  'x-title',
  'x-atom-title',
  'x-media-title',
  'x-itunes-title',
  'dc:title',
  'x-link',
  'x-atom-link',
  'x-original-link',
  'guid',
  'x-id',
  'x-dc-identifier',
  'x-author',
  'dc:creator',
  'itunes:author',
  'x-pubdate',
  'x-dc-date',
  'x-created',
  'x-issued',
  'x-modified',
  'x-published',
  'x-updated',
  'x-category',
  'x-tags',
  'dc:subject',
  'media:keywords',
  'media:category',
  'itunes:keywords',
  'x-itunes-category',
  'x-description',
  'x-dc-description',
  'x-summary',
  'x-content',
  'x-encoded',
  'x-xhtml-body',
  'x-media-description',
  'x-itunes-summary',
  'x-itunes-subtitle',
  'x-enclosure',
  'x-media-content',
  'x-media-thumbnail',
  'dc:language',
  'comments',
  'x-licence',
  'x-rights',
  'x-itunes-image',
];
const CHANNEL_FIELDS = [
  ...ITEM_FIELDS,
  'language',
  'ttl',
  'x-info',
  'x-last-build-date',
  'x-update-period',
  'x-update-frequency',
  'x-skip-hour',
  'x-skip-day',
  'x-deleted',
];

const allOf = (name: string): [string, string, { keepArray: true }] => [
  name,
  // rss-parser writes some of these names itself, with the first element only.
  `all ${name}`,
  { keepArray: true },
];

const parser = new RssParser<Elements, Elements>({
  defaultRSS: 2,
  customFields: { item: ITEM_FIELDS.map(allOf), feed: CHANNEL_FIELDS.map(allOf) } as never,
});

const named = (raw: object): Elements => {
  const elements: Elements = {};
  for (const [name, value] of Object.entries(raw)) {
    if (name.startsWith('all ')) elements[name.slice('all '.length)] = value as XmlNode[];
  }
  return elements;
};

/**
 * Parses a repaired feed with rss-parser. Items keep the order of the document.
 * @param url where the feed came from.
 * @throws what rss-parser throws; a repaired document gives it no reason to.
 */
export async function parseRepaired(
  feed: RepairedFeed,
  url: string | undefined,
): Promise<ParsedFeed> {
  const raw = await parser.parseString(feed.xml);
  const elements = named(raw);
  const channel = readChannel(elements, url);
  const items: ParsedItem[] = raw.items.map((item) => readItem(named(item), { url, channel }));
  const deletedIds = readDeletedIds(elements);
  const ownerLines = findOwnerLines([...feed.comments, channel.description]);
  return { format: feed.format, channel, items, deletedIds, ownerLines, warnings: [] };
}
