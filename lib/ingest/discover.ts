import { Parser } from 'htmlparser2';
import { RobotsTexts } from '../fetch/robots.ts';
import type { NamedFeed } from '../model/feed.ts';
import type { Exchange } from '../model/fetching.ts';
import { decodeBytes } from './decode.ts';
import { type Fetched, fetchFeed, fetchSpaced } from './fetch-feed.ts';
import { knownFeeds } from './known-feeds.ts';
import { readFeed } from './read-feed.ts';
import { absoluteUrl, joinBase } from './urls.ts';

export type Modified = Extract<Fetched, { kind: 'modified' }>;

interface FoundFeed {
  kind: 'feed';
  url: string;
  title: string;
  posts: number;
  fetched: Modified;
}

/** What is behind an address that somebody gives as a site's or a feed's. */
export type Discovery =
  /** A feed: at the address itself, or the one feed of the page there. */
  | FoundFeed
  /** A page that names several. */
  | { kind: 'choice'; feeds: NamedFeed[] }
  /** A sentence for the operator: what was tried, and how it ended. */
  | { kind: 'none'; message: string };

export interface DiscoverOptions {
  signal?: AbortSignal | undefined;
  /** Also looks where feeds usually are. Each place costs the site a request. */
  guesses?: boolean;
  /** Told what each request came to. */
  tally?: ((exchange: Exchange) => void) | undefined;
  /** Remembers what hosts let us read; the process's own by default. */
  robots?: RobotsTexts;
}

const FEED_TYPE = /^(application\/(rss|atom|rdf|feed)\+(xml|json)|(application|text)\/xml)\b/iu;
/** More is a list of feeds, not a page with feeds. */
const NAMED_MAX = 20;
/** Feeds of comments and of every single commit are seldom what is meant. */
const SELDOM_MEANT = /comments?\b|\/commits\//iu;
/** Where feeds are when no page names them, the most usual first. Each costs the site a request. */
const USUAL_PLACES = ['/feed', '/feed.xml', '/rss.xml', '/atom.xml', '/index.xml'];

const ownRobots = new RobotsTexts(fetchSpaced);

const isSeldomMeant = (feed: NamedFeed) => SELDOM_MEANT.test(`${feed.title} ${feed.url}`);

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
      const text = title?.replace(/\s+/gu, ' ').trim().slice(0, TITLE_CHARACTERS_MAX);
      found.set(address, { url: address, ...(text ? { title: text } : {}) });
    },
  });
  parser.end(html);
  return [...found.values()].sort((a, b) => Number(isSeldomMeant(a)) - Number(isSeldomMeant(b)));
}

/** A name to choose by, not a text. */
const TITLE_CHARACTERS_MAX = 200;

/** A web page where a feed was looked for. */
export interface Page {
  /** As given; its feeds may follow from it. */
  url: string;
  /** Where it was in the end. */
  finalUrl: string;
  html: string;
}

/** A fetched document as a page. */
export const pageOf = (url: string, { body, contentType, finalUrl }: Modified): Page => ({
  url,
  finalUrl,
  html: decodeBytes(body, contentType).text,
});

type Looked = FoundFeed | { kind: 'page'; page: Page } | { kind: 'none'; message: string };

async function look(url: string, { signal, tally }: DiscoverOptions): Promise<Looked> {
  const fetched = await fetchFeed(url, {}, signal);
  tally?.(fetched.exchange);
  signal?.throwIfAborted();
  if (fetched.kind !== 'modified') {
    const why = 'message' in fetched ? fetched.message : 'it answered without a body';
    return { kind: 'none', message: `This cannot be fetched: ${why}.` };
  }
  const { body, contentType, finalUrl } = fetched;
  const read = await readFeed(body, { url: finalUrl, now: new Date(), contentType });
  if (read.kind === 'read') {
    const { title } = read.channel;
    return { kind: 'feed', url, title, posts: read.drafts.length, fetched };
  }
  if (read.reason === 'html-page') return { kind: 'page', page: pageOf(url, fetched) };
  return { kind: 'none', message: `This is no feed that can be read: ${read.message}` };
}

/**
 * Finds the feed behind an address: the address itself, else as discoverOnPage.
 * The address is asked whatever its robots.txt says, for somebody has given it as a feed's.
 */
export async function discoverFeed(url: string, options: DiscoverOptions = {}): Promise<Discovery> {
  const first = await look(url, options);
  return first.kind === 'page' ? discoverOnPage(first.page, options) : first;
}

/**
 * Finds the feed of a page: what the page names, else where the feeds of such a site are known to
 * be, else what lies in the usual places. Pages and guesses heed robots.txt; what a page or the
 * site's documentation names is a feed, which programs are meant to read.
 */
export async function discoverOnPage(
  page: Page,
  options: DiscoverOptions = {},
): Promise<Discovery> {
  const { robots = ownRobots, guesses = true } = options;
  const forbidden: string[] = [];
  const mayRead = async (url: string) => {
    const verdict = await robots.check(url, options);
    if (!verdict.allowed) forbidden.push(verdict.reason);
    return verdict.allowed;
  };
  const isOpen = await mayRead(page.finalUrl);
  const named = isOpen ? findNamedFeeds(page.html, page.finalUrl) : [];
  const meant = named.filter((feed) => !isSeldomMeant(feed));
  if (meant.length > 1) return { kind: 'choice', feeds: named };
  const tried: string[] = [];
  const firstFeed = async (places: string[], isGuess = false) => {
    let empty: FoundFeed | undefined;
    for (const place of places) {
      if (tried.includes(place) || (isGuess && !(await mayRead(place)))) continue;
      tried.push(place);
      const there = await look(place, options);
      if (there.kind !== 'feed') continue;
      // A repository without releases has a feed of them all the same.
      if (there.posts > 0 || places.length === 1) return there;
      empty ??= there;
    }
    return empty;
  };
  const known = knownFeeds(page.url);
  const found =
    (await firstFeed(meant.map(({ url }) => url))) ??
    (await firstFeed(known.documented)) ??
    // A page that names its feed leaves nothing to guess.
    (guesses && meant.length === 0
      ? await firstFeed([...known.likely, ...usualPlaces(page.finalUrl)], true)
      : undefined);
  if (found) return found;
  if (named.length > meant.length + 1) return { kind: 'choice', feeds: named };
  const last = await firstFeed(named.map(({ url }) => url));
  return last ?? { kind: 'none', message: describeNone(page, { isOpen, meant, tried, forbidden }) };
}

const usualPlaces = (url: string) => USUAL_PLACES.map((place) => new URL(place, url).href);

/** Long lists help nobody. */
const PLACES_SAID_MAX = 8;
const REASONS_SAID_MAX = 2;

/** What a look has found out. */
interface Looks {
  /** Whether the page itself may be read. */
  isOpen: boolean;
  meant: NamedFeed[];
  tried: string[];
  /** Reasons why addresses were not asked. */
  forbidden: string[];
}

function describeNone(page: Page, { isOpen, meant, tried, forbidden }: Looks): string {
  const { origin } = new URL(page.finalUrl);
  const places = tried
    .slice(0, PLACES_SAID_MAX)
    .map((place) => (place.startsWith(`${origin}/`) ? place.slice(origin.length) : place));
  const reasons = [...new Set(forbidden)].slice(0, REASONS_SAID_MAX).map((reason) => `${reason}.`);
  const [named] = meant;
  if (named) {
    return `This is a web page, and the feed that it names, ${named.url}, cannot be read.`;
  }
  return [
    'This is a web page, not a feed.',
    ...(isOpen ? ['It names no feed.'] : []),
    ...(places.length > 0 ? [`None is at ${places.join(', ')}.`] : []),
    ...reasons,
  ].join(' ');
}
