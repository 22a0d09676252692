import { TAG_ORDERS } from './tag-index.ts';

// Lists of posts have friendly addresses with a query (`/tag/linux?view=headlines`), and one
// inner address each, all path: what a page reads from its path can be kept, and answers with a
// real 404. next.config.js turns the one into the other; docs/decisions/0005-next-caching.md.

export const VIEWS = ['headlines', 'excerpts', 'full'] as const;
export type View = (typeof VIEWS)[number];
export const DEFAULT_VIEW: View = 'full';

export const SCOPES = ['latest', 'tag', 'source', 'author'] as const;
export type ListScope = (typeof SCOPES)[number];

/** Endings of a list's feeds: RSS, Atom, JSON Feed. */
export const FEED_FORMATS = ['xml', 'atom', 'json'] as const;
export type FeedFormat = (typeof FEED_FORMATS)[number];

/** Pages whose addresses are their names, and which are rendered by app/pages/[name]. */
export const SINGLE_PAGES = ['about', 'bot', 'mute', 'nothing-here', 'not-just-now'] as const;
/** Pages that lib/serve puts into errors (404 and 500); by themselves they are none. */
export const NOTHING_PATH = '/nothing-here';
export const FAILED_PATH = '/not-just-now';
/** Name of the `meta` element by which a page asks lib/serve for another status than 200. */
export const STATUS_META = 'tagwire:status';
export type SinglePage = (typeof SINGLE_PAGES)[number];

/** Which posts of which list, and how. */
export interface ListAddress {
  scope: ListScope;
  /** `-` for the newest posts of all. Percent-encoded as in the address. */
  slug: string;
  view: View;
  /** A cursor, or `newest` for the first page. */
  before: string;
  /** YYYY-MM, or `all`. */
  month: string;
}

/** A rewrite as next.config.js takes it. */
interface Rewrite {
  source: string;
  has?: { type: 'query'; key: string; value: string }[];
  destination: string;
}

/** Public paths of lists, and what of them goes where. */
const LIST_PATHS: { source: string; scope: string; slug: string; month: string }[] = [
  { source: '/', scope: 'latest', slug: '-', month: 'all' },
  {
    source: '/archive/:year(\\d{4})/:month(\\d{2})',
    scope: 'latest',
    slug: '-',
    month: ':year-:month',
  },
  { source: '/:scope(tag|source|author)/:slug', scope: ':scope', slug: ':slug', month: 'all' },
  {
    source: '/:scope(tag|source|author)/:slug/:year(\\d{4})/:month(\\d{2})',
    scope: ':scope',
    slug: ':slug',
    month: ':year-:month',
  },
];

/** Begins what stands for the month in the inner address of a document of an archive. */
export const PART = 'ids-';

const VIEW_GIVEN = { type: 'query', key: 'view', value: `(?<view>${VIEWS.join('|')})` } as const;
const CURSOR = '[0-9a-z-]{1,20}';
const BEFORE_GIVEN = { type: 'query', key: 'before', value: `(?<before>${CURSOR})` } as const;
/** What `before` may hold; other values are as if they were not there. */
export const BEFORE = new RegExp(`^${CURSOR}$`, 'u');

/**
 * How public addresses lead to the pages that answer them. Values of the query that mean nothing
 * are as if they were not there.
 */
export function pageRewrites(): Rewrite[] {
  const ofLists = LIST_PATHS.flatMap(({ source, scope, slug, month }) => {
    const to = (view: string, before: string) =>
      `/list/${scope}/${slug}/${view}/${before}/${month}`;
    return [
      { source, has: [VIEW_GIVEN, BEFORE_GIVEN], destination: to(':view', ':before') },
      { source, has: [VIEW_GIVEN], destination: to(':view', 'newest') },
      { source, has: [BEFORE_GIVEN], destination: to(DEFAULT_VIEW, ':before') },
      { source, destination: to(DEFAULT_VIEW, 'newest') },
    ];
  });
  const ofFeeds = LIST_PATHS.map(({ source, scope, slug, month }) => ({
    source: `${source === '/' ? '' : source}/feed.:format(${FEED_FORMATS.join('|')})`,
    destination: `/feeds/${scope}/${slug}/${month}/:format`,
  }));
  const ofArchives = LIST_PATHS.filter(({ month }) => month === 'all').map(
    ({ source, scope, slug }) => ({
      source: `${source === '/' ? '' : source}/archive/:part(\\d+-\\d+)/feed.:format(${FEED_FORMATS.join('|')})`,
      destination: `/feeds/${scope}/${slug}/${PART}:part/:format`,
    }),
  );
  const ofPages = SINGLE_PAGES.map((name) => ({
    source: `/${name}`,
    destination: `/pages/${name}`,
  }));
  const order = `:order(${TAG_ORDERS.join('|')})`;
  const ofTags = [
    { source: '/tags', destination: `/tag-index/${TAG_ORDERS[0]}/first` },
    { source: `/tags/${order}`, destination: '/tag-index/:order/first' },
    { source: `/tags/${order}/:page(\\d{1,4})`, destination: '/tag-index/:order/:page' },
  ];
  const ofSources = [
    { source: '/sources', destination: '/source-index/first' },
    { source: '/sources/:page(\\d{1,4})', destination: '/source-index/:page' },
  ];
  const ofLog = [
    { source: '/tags/log', has: [BEFORE_GIVEN], destination: '/tag-log/:before' },
    { source: '/tags/log', destination: '/tag-log/newest' },
  ];
  return [...ofFeeds, ...ofArchives, ...ofLists, ...ofPages, ...ofTags, ...ofSources, ...ofLog];
}

/** The public address of a page of all sources. */
export const sourcesPath = (page: number) => (page === 1 ? '/sources' : `/sources/${page}`);

/** A redirect as next.config.js takes it. */
interface Redirect {
  source: string;
  destination: string;
  permanent: true;
}

/** Where other software has its feeds (WordPress: the first six), and people guess them. */
const FEED_PLACES: Record<FeedFormat, string[]> = {
  xml: ['feed', 'rss', 'feed/rss', 'feed/rss2', 'feed/rdf', 'rss2', 'rss.xml', 'index.xml'],
  atom: ['feed/atom', 'atom', 'atom.xml'],
  json: ['feed/json', 'feed.jsonfeed'],
};

const ANY_PLACE = Object.values(FEED_PLACES).flat().join('|').replaceAll('.', '\\.');
/** Such a place with a slash behind it, as WordPress writes it. */
const SLASHED_PLACE = new RegExp(`^([^?]*/(?:${ANY_PLACE}))/(?=\\?|$)`, 'u');

/** Without the slash behind a place of a feed: a reader is led from it in one step. */
export const plainFeedPlace = (target: string) => target.replace(SLASHED_PLACE, '$1');

/** Leads from where readers look for a list's feed to where it is. */
export function feedRedirects(): Redirect[] {
  return LIST_PATHS.flatMap(({ source: path }) =>
    FEED_FORMATS.map((format): Redirect => {
      const list = path === '/' ? '' : path;
      const places = FEED_PLACES[format].map((place) => place.replace('.', '\\.')).join('|');
      // A destination names parameters without what they may be.
      const to = list.replace(/\(.*?\)(?=\/|$)/gu, '');
      return {
        source: `${list}/:place(${places})`,
        destination: `${to}/feed.${format}`,
        permanent: true,
      };
    }),
  );
}

/** The public address of a list, without its query. */
export function listPath({ scope, slug, month }: Omit<ListAddress, 'view' | 'before'>): string {
  const ofMonth = month === 'all' ? '' : `/${month.replace('-', '/')}`;
  if (scope === 'latest') return month === 'all' ? '/' : `/archive${ofMonth}`;
  return `/${scope}/${slug}${ofMonth}`;
}

/** The public address of a list's feed. */
export const listFeedPath = (list: Omit<ListAddress, 'view' | 'before'>, format: FeedFormat) =>
  `${listPath(list).replace(/\/$/u, '')}/feed.${format}`;

/** The public address of one document of the archive behind a list's feed. */
export const archivePath = (
  { scope, slug }: Pick<ListAddress, 'scope' | 'slug'>,
  part: string,
  format: FeedFormat,
) => `${scope === 'latest' ? '' : `/${scope}/${slug}`}/archive/${part}/feed.${format}`;

/** The public address of a list with its density and place. */
export function listHref(address: ListAddress): string {
  const query = new URLSearchParams();
  if (address.before !== 'newest') query.set('before', address.before);
  if (address.view !== DEFAULT_VIEW) query.set('view', address.view);
  const text = query.toString();
  return listPath(address) + (text === '' ? '' : `?${text}`);
}
