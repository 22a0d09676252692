import { Parser } from 'htmlparser2';
import { decodeBytes } from './decode.ts';
import { fetchFeed } from './fetch-feed.ts';
import { readFeed } from './read-feed.ts';
import { absoluteUrl, joinBase } from './urls.ts';

/** A feed that a page names. */
export interface NamedFeed {
  /** Absolute. */
  url: string;
  title?: string;
}

/** What is behind an address that somebody gives as a site's or a feed's. */
export type Discovery =
  /** A feed: at the address itself, or the one feed of the page there. */
  | { kind: 'feed'; url: string; title: string; posts: number }
  /** A page that names several. */
  | { kind: 'choice'; feeds: NamedFeed[] }
  | { kind: 'none'; message: string };

const FEED_TYPE = /^(application\/(rss|atom|rdf|feed)\+(xml|json)|(application|text)\/xml)\b/iu;
/** More is a list of feeds, not a page with feeds. */
const NAMED_MAX = 20;
/** Feeds of comments are seldom what is meant. */
const COMMENTS = /comments?\b/iu;
/** Where feeds are when no page names them, the most usual first. Each costs the site a request. */
const USUAL_PLACES = ['/feed', '/feed.xml', '/rss.xml', '/atom.xml', '/index.xml'];

/**
 * The feeds that a page names in its `link` elements (rel=alternate, RSS Autodiscovery), those of
 * comments last. Linear in the page's length.
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
      found.set(address, { url: address, ...(title?.trim() ? { title: title.trim() } : {}) });
    },
  });
  parser.end(html);
  const isOfComments = (feed: NamedFeed) => COMMENTS.test(`${feed.title} ${feed.url}`);
  return [...found.values()].sort((a, b) => Number(isOfComments(a)) - Number(isOfComments(b)));
}

type Looked =
  | { kind: 'feed'; url: string; title: string; posts: number }
  | { kind: 'page'; html: string; url: string }
  | { kind: 'none'; message: string };

async function look(url: string): Promise<Looked> {
  const fetched = await fetchFeed(url, {});
  if (fetched.kind !== 'modified') {
    const why = 'message' in fetched ? fetched.message : 'it answered without a body';
    return { kind: 'none', message: `${url} cannot be fetched: ${why}.` };
  }
  const { body, contentType, finalUrl } = fetched;
  const type = contentType === undefined ? {} : { contentType };
  const read = await readFeed(body, { url: finalUrl, now: new Date(), ...type });
  if (read.kind === 'read') {
    return { kind: 'feed', url, title: read.channel.title, posts: read.drafts.length };
  }
  if (read.reason === 'html-page') {
    return { kind: 'page', html: decodeBytes(body, contentType).text, url: finalUrl };
  }
  return { kind: 'none', message: `${url} is no feed that can be read: ${read.message}` };
}

/**
 * Finds the feed behind an address: the address itself, else what the page there names, else what
 * lies in the usual places of its site.
 */
export async function discoverFeed(url: string): Promise<Discovery> {
  const first = await look(url);
  if (first.kind !== 'page') return first;
  const named = findNamedFeeds(first.html, first.url);
  const ofPosts = named.filter((feed) => !COMMENTS.test(`${feed.title} ${feed.url}`));
  const only = ofPosts.length === 1 ? ofPosts[0] : undefined;
  if (only === undefined && named.length > 1) return { kind: 'choice', feeds: named };
  for (const place of only ? [only.url] : usualPlaces(first.url)) {
    const there = await look(place);
    if (there.kind === 'feed') return there;
  }
  const message = only
    ? `${url} is a web page, and the feed that it names, ${only.url}, cannot be read.`
    : `${url} is a web page, not a feed. It names no feed, and none is in the usual places.`;
  return { kind: 'none', message };
}

const usualPlaces = (url: string) => USUAL_PLACES.map((place) => new URL(place, url).href);
