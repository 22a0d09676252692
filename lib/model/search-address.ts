import type { FeedFormat } from './list-address.ts';
import { DEFAULT_SEARCH_VIEW, type FacetName, SEARCH_VIEWS, type SearchQuery } from './search.ts';

const PATH = '/search';
/** In the order in which an address has them, so that one search has one address. */
export const FILTER_PARAMETERS = [
  'q',
  'tag',
  'source',
  'author',
  'lang',
  'year',
  'from',
  'to',
] as const;
const PAGE_MAX = 1000;
/** More than a query may have (QUERY_CHARACTERS_MAX), so that what is wrong with it can be said. */
const Q_CHARACTERS_MAX = 1000;
/** No name of an author, a tag or a source is longer. */
const FILTER_CHARACTERS_MAX = 200;

/** Query parameters as Next and forms give them. */
export type Parameters = Record<string, string | string[] | undefined>;

/** What an address asks for; of a repeated parameter the first counts. */
export function readSearchAddress(parameters: Parameters): SearchQuery {
  const text = (name: string) => {
    const value = parameters[name];
    const max = name === 'q' ? Q_CHARACTERS_MAX : FILTER_CHARACTERS_MAX;
    const given = ((Array.isArray(value) ? value[0] : value) ?? '').slice(0, max);
    // Postgres takes no character of zero, and nobody types one.
    return given
      .toWellFormed()
      .replace(/\p{Cc}/gu, ' ')
      .trim();
  };
  const query: SearchQuery = { q: '' };
  for (const name of FILTER_PARAMETERS) if (text(name) !== '') query[name] = text(name);
  if (text('order') === 'newest') query.order = 'newest';
  const view = SEARCH_VIEWS.find((each) => each === text('view'));
  if (view !== undefined && view !== DEFAULT_SEARCH_VIEW) query.view = view;
  const page = Number(text('page'));
  if (Number.isInteger(page) && page > 1 && page <= PAGE_MAX) query.page = page;
  return query;
}

/** The address of a search's feed: its newest posts, whatever order and page are shown. */
export function searchFeedPath(query: SearchQuery, format: FeedFormat): string {
  const { page: _page, order: _order, view: _view, ...asked } = query;
  return searchPath(asked).replace(PATH, `${PATH}/feed.${format}`);
}

/** The address of a search. */
export function searchPath(query: SearchQuery): string {
  const parameters = new URLSearchParams();
  for (const name of FILTER_PARAMETERS) {
    const value = query[name];
    if (value) parameters.set(name, value);
  }
  if (query.order) parameters.set('order', query.order);
  if (query.view) parameters.set('view', query.view);
  if (query.page !== undefined && query.page > 1) parameters.set('page', String(query.page));
  return parameters.size === 0 ? PATH : `${PATH}?${parameters}`;
}

type Filter = FacetName | 'from' | 'to';

/** The same search with other filters, from its first page; undefined takes a filter away. */
export function changeSearch(
  { page: _, ...query }: SearchQuery,
  changes: { [name in Filter]?: string | undefined },
): SearchQuery {
  return { ...query, ...changes } as SearchQuery;
}

/** Whether nothing is asked for yet. */
export const isBlank = (query: SearchQuery) => FILTER_PARAMETERS.every((name) => !query[name]);

/** Whether a search is for less than all posts with its words. */
export const isNarrowed = (query: SearchQuery) =>
  FILTER_PARAMETERS.some((name) => name !== 'q' && query[name]);

/** Seconds at the start of a day in UTC; undefined for what is no day. */
export function dayStart(day: string): number | undefined {
  const ms = /^\d{4}-\d{2}-\d{2}$/u.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  // The 31st of a shorter month is read as a day of the next one.
  return Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(day) ? undefined : ms / 1000;
}

/** The days at which a year starts and the next one does. */
export const yearBounds = (year: string): [string, string] => [
  `${year}-01-01`,
  `${Number(year) + 1}-01-01`,
];

/** BCP 47, as posts have it; with hyphens or, as some write it, underlines. */
const LANGUAGE = /^[a-z]{2,3}([-_][a-z0-9]{2,8})*$/iu;

const DAY_MS = 86_400_000;

/** The day after one, as YYYY-MM-DD. */
export const dayAfter = (day: string) =>
  new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);

/** Why the days or the language of a search make no sense; undefined when they do. */
export function checkFilters({
  from,
  to,
  year,
  lang,
}: Pick<SearchQuery, 'from' | 'to' | 'year' | 'lang'>): string | undefined {
  if (lang && !LANGUAGE.test(lang)) {
    return `“${lang}” is no code of a language: write it like en or pt-br.`;
  }
  if (year && !/^[12]\d{3}$/u.test(year)) return `“${year}” is no year: write it like 2026.`;
  const wrong = [from, to].find((day) => day && dayStart(day) === undefined);
  if (wrong) return `“${wrong}” is no day: write it like 2026-05-31.`;
  return from && to && from > to ? `No day is after ${from} and before ${to}.` : undefined;
}
