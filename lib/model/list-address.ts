// Lists of posts have friendly addresses with a query (`/tag/linux?view=headlines`), and one
// inner address each, all path: what a page reads from its path can be kept, and answers with a
// real 404. proxy.ts turns the one into the other; docs/decisions/0005-next-caching.md.

export const VIEWS = ['headlines', 'excerpts', 'full'] as const;
export type View = (typeof VIEWS)[number];
export const DEFAULT_VIEW: View = 'full';

export const SCOPES = ['latest', 'tag', 'source', 'author'] as const;
export type ListScope = (typeof SCOPES)[number];

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

const SLUG = '[^/]+';
const MONTH = '(?:/(\\d{4})/(\\d{2}))?';
const HOME = /^\/$/u;
const ARCHIVE = /^\/archive\/(\d{4})\/(\d{2})$/u;
const LIST = new RegExp(`^/(tag|source|author)/(${SLUG})${MONTH}$`, 'u');

/** What a public address lists; undefined when it is no list's. */
export function readListAddress(path: string, query: URLSearchParams): ListAddress | undefined {
  const asked = query.get('view');
  const view = VIEWS.find((each) => each === asked) ?? DEFAULT_VIEW;
  const before = query.get('before') ?? 'newest';
  if (!/^[0-9a-z-]{1,20}$/u.test(before)) return undefined;
  if (HOME.test(path)) return { scope: 'latest', slug: '-', view, before, month: 'all' };
  const archive = ARCHIVE.exec(path);
  if (archive) {
    return { scope: 'latest', slug: '-', view, before, month: `${archive[1]}-${archive[2]}` };
  }
  const list = LIST.exec(path);
  const scope = SCOPES.find((each) => each === list?.[1]);
  if (list?.[2] === undefined || scope === undefined) return undefined;
  const month = list[3] === undefined ? 'all' : `${list[3]}-${list[4]}`;
  return { scope, slug: list[2], view, before, month };
}

/** The inner address of a list. */
export const innerListPath = ({ scope, slug, view, before, month }: ListAddress) =>
  `/list/${scope}/${slug}/${view}/${before}/${month}`;

/** The public address of a list, without its query. */
export function listPath({ scope, slug, month }: Omit<ListAddress, 'view' | 'before'>): string {
  const ofMonth = month === 'all' ? '' : `/${month.replace('-', '/')}`;
  if (scope === 'latest') return month === 'all' ? '/' : `/archive${ofMonth}`;
  return `/${scope}/${slug}${ofMonth}`;
}

/** The public address of a list with its density and place. */
export function listHref(address: ListAddress): string {
  const query = new URLSearchParams();
  if (address.before !== 'newest') query.set('before', address.before);
  if (address.view !== DEFAULT_VIEW) query.set('view', address.view);
  const text = query.toString();
  return listPath(address) + (text === '' ? '' : `?${text}`);
}

/** Pages whose addresses are their names, and which are rendered by app/pages/[name]. */
export const SINGLE_PAGES = ['tags', 'sources', 'about', 'bot'] as const;
export type SinglePage = (typeof SINGLE_PAGES)[number];

/**
 * Where a request for a page is answered inside the site: undefined when at its own address.
 * The inner addresses themselves are nobody's to ask for.
 */
export function innerPath(path: string, query: URLSearchParams): string | undefined {
  if (/^\/(list|pages)(\/|$)/u.test(path)) return '/nothing-here';
  const list = readListAddress(path, query);
  if (list !== undefined) return innerListPath(list);
  const page = SINGLE_PAGES.find((name) => path === `/${name}`);
  return page === undefined ? undefined : `/pages/${page}`;
}
