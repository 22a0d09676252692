import { Parser } from 'htmlparser2';
import type { NamedFeed } from '../model/feed.ts';
import { absoluteUrl, joinBase } from './urls.ts';

const FEED_TYPE = /^(application\/(rss|atom|rdf|feed)\+(xml|json)|(application|text)\/xml)\b/iu;
/** More is a list of feeds, not a page with feeds. */
const NAMED_MAX = 20;
/** A name to choose by, not a text. */
const TITLE_CHARACTERS_MAX = 200;
/** Feeds of comments and of every single commit are seldom what is meant. */
const SELDOM_MEANT = /comments?\b|\/commits\//iu;

export const isSeldomMeant = (feed: NamedFeed) => SELDOM_MEANT.test(`${feed.title} ${feed.url}`);

/**
 * The feeds that a page names in its `link` elements (rel=alternate, RSS Autodiscovery), those
 * that are seldom meant last. Linear in the page's length.
 * @param url of the page, for relative addresses.
 */
export function findNamedFeeds(html: string, url: string): NamedFeed[] {
  const found = new Map<string, NamedFeed>();
  let base: string | undefined = url;
  const parser = new Parser({
    onopentag(name, { rel = '', type = '', href, title }) {
      if (name === 'base') base = joinBase(base, href);
      if (name !== 'link' || found.size === NAMED_MAX) return;
      if (!/(^|\s)(alternate|feed)(\s|$)/iu.test(rel) || !FEED_TYPE.test(type.trim())) return;
      const address = absoluteUrl(href, base);
      if (address === undefined || found.has(address)) return;
      const text = title?.replace(/\s+/gu, ' ').trim().slice(0, TITLE_CHARACTERS_MAX);
      found.set(address, { url: address, ...(text ? { title: text } : {}) });
    },
  });
  parser.end(html);
  return [...found.values()].sort((a, b) => Number(isSeldomMeant(a)) - Number(isSeldomMeant(b)));
}
