import type { RobotsTexts } from '../fetch/robots.ts';
import type { NamedFeed } from '../model/feed.ts';
import type { Exchange } from '../model/fetching.ts';
import { decodeBytes } from './decode.ts';
import { type Fetched, fetchFeed } from './fetch-feed.ts';
import { hostRobots } from './host-robots.ts';
import { knownFeeds } from './known-feeds.ts';
import { findNamedFeeds, isSeldomMeant } from './named-feeds.ts';
import { readFeed } from './read-feed.ts';

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
  | Nothing;

interface Nothing {
  kind: 'none';
  /** A sentence for the operator: what was tried, and how it ended. */
  message: string;
  /** The page's host asked us to come later, so no more was tried. */
  retryAfterSeconds?: number;
}

export interface DiscoverOptions {
  signal?: AbortSignal | undefined;
  /** Also looks where feeds usually are. Each place costs the site a request. */
  guesses?: boolean;
  /** Told what each request came to. */
  tally?: ((exchange: Exchange) => void) | undefined;
  /** Remembers what hosts let us read; the process's own by default. */
  robots?: RobotsTexts;
}

/** Where feeds are when no page names them, the most usual first. Each costs the site a request. */
const USUAL_PLACES = ['/feed', '/feed.xml', '/rss.xml', '/atom.xml', '/index.xml'];

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

type Looked = FoundFeed | { kind: 'page'; page: Page } | (Nothing & { isRateLimited?: boolean });

async function look(url: string, { signal, tally }: DiscoverOptions): Promise<Looked> {
  const fetched = await fetchFeed(url, {}, signal);
  tally?.(fetched.exchange);
  signal?.throwIfAborted();
  if (fetched.kind !== 'modified') {
    const why = 'message' in fetched ? fetched.message : 'it answered without a body';
    return {
      kind: 'none',
      message: `This cannot be fetched: ${why}.`,
      isRateLimited: fetched.kind === 'rate-limited',
      ...('retryAfterSeconds' in fetched ? { retryAfterSeconds: fetched.retryAfterSeconds } : {}),
    };
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
  const search = new PageSearch(page, options);
  const isOpen = await search.mayRead(page.finalUrl);
  const named = isOpen ? findNamedFeeds(page.html, page.finalUrl) : [];
  const meant = named.filter((feed) => !isSeldomMeant(feed));
  if (meant.length > 1) return { kind: 'choice', feeds: named };
  const { documented, likely } = knownFeeds(page.url);
  // A page that names its feed leaves nothing to guess.
  const guesses = (options.guesses ?? true) && meant.length === 0;
  const found =
    (await search.firstFeed(meant.map(({ url }) => url))) ??
    (await search.firstFeed(documented)) ??
    (guesses ? await search.guess([...likely, ...usualPlaces(page.finalUrl)]) : undefined);
  if (found) return found;
  if (named.length > meant.length + 1) return { kind: 'choice', feeds: named };
  const last = await search.firstFeed(named.map(({ url }) => url));
  return last ?? search.nothing(isOpen, meant[0]);
}

const usualPlaces = (url: string) => USUAL_PLACES.map((place) => new URL(place, url).href);

/** Long lists help nobody. */
const PLACES_SAID_MAX = 8;
const REASONS_SAID_MAX = 2;

/** The looks for the feed of one page: what was tried, what was not, and why. */
class PageSearch {
  readonly #page: Page;
  readonly #options: DiscoverOptions;
  readonly #tried: string[] = [];
  /** Reasons why addresses were not asked. */
  readonly #forbidden: string[] = [];
  /** The page's host asked us to come later: nothing more is asked. */
  #rest: Nothing | undefined;

  constructor(page: Page, options: DiscoverOptions) {
    this.#page = page;
    this.#options = options;
  }

  /** Whether robots.txt allows it. */
  async mayRead(url: string): Promise<boolean> {
    const verdict = await (this.#options.robots ?? hostRobots).check(url, this.#options);
    if (!verdict.allowed) this.#forbidden.push(verdict.reason);
    return verdict.allowed;
  }

  /** The first of these that is a feed with posts, else the first that is a feed. */
  async firstFeed(places: string[]): Promise<FoundFeed | undefined> {
    let empty: FoundFeed | undefined;
    for (const place of places) {
      const there = await this.#lookOnce(place);
      // A repository without releases has a feed of them all the same.
      if (there && (there.posts > 0 || places.length === 1)) return there;
      empty ??= there;
    }
    return empty;
  }

  /** The first of these that is a feed and may be read. */
  async guess(places: string[]): Promise<FoundFeed | undefined> {
    for (const place of places) {
      if (this.#rest !== undefined || !(await this.mayRead(place))) continue;
      const there = await this.#lookOnce(place);
      if (there) return there;
    }
    return undefined;
  }

  async #lookOnce(place: string): Promise<FoundFeed | undefined> {
    if (this.#rest !== undefined || this.#tried.includes(place)) return undefined;
    this.#tried.push(place);
    const there = await look(place, this.#options);
    if (there.kind === 'feed') return there;
    const isOurs = new URL(place).host === new URL(this.#page.finalUrl).host;
    if (there.kind === 'none' && there.isRateLimited && isOurs) this.#rest = there;
    return undefined;
  }

  /** What to say when there is no feed. @param isOpen whether the page itself may be read. */
  nothing(isOpen: boolean, named: NamedFeed | undefined): Nothing {
    const { origin } = new URL(this.#page.finalUrl);
    const places = this.#tried
      .slice(0, PLACES_SAID_MAX)
      .map((place) => (place.startsWith(`${origin}/`) ? place.slice(origin.length) : place));
    const reasons = [...new Set(this.#forbidden)].slice(0, REASONS_SAID_MAX);
    const words = named
      ? [`This is a web page, and the feed that it names, ${named.url}, cannot be read.`]
      : [
          'This is a web page, not a feed.',
          ...(isOpen ? ['It names no feed.'] : []),
          ...(places.length > 0 ? [`None is at ${places.join(', ')}.`] : []),
          ...reasons.map((reason) => `${reason}.`),
        ];
    if (this.#rest === undefined) return { kind: 'none', message: words.join(' ') };
    const { retryAfterSeconds } = this.#rest;
    return {
      kind: 'none',
      message: [...words, 'Its server asks us to come later.'].join(' '),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    };
  }
}
