import type { FeedFormat } from './list-address.ts';
import { parseQuery } from './query/parse-query.ts';
import type { QueryTree } from './query/tree.ts';
import type { SearchQuery } from './search.ts';

const PATH = '/search';
/** In the order in which an address has them, so that one search has one address. */
const TEXT_PARAMETERS = ['q', 'tag', 'source', 'from', 'to'] as const;
const PAGE_MAX = 1000;

/** Query parameters as Next and forms give them. */
export type Parameters = Record<string, string | string[] | undefined>;

/** What an address asks for; of a repeated parameter the first counts. */
export function readSearchAddress(parameters: Parameters): SearchQuery {
  const text = (name: string) => {
    const value = parameters[name];
    return ((Array.isArray(value) ? value[0] : value) ?? '').trim();
  };
  const query: SearchQuery = { q: '' };
  for (const name of TEXT_PARAMETERS) if (text(name) !== '') query[name] = text(name);
  if (text('order') === 'newest') query.order = 'newest';
  const page = Number(text('page'));
  if (Number.isInteger(page) && page > 1 && page <= PAGE_MAX) query.page = page;
  return query;
}

/** The address of a search's feed: its newest posts, whatever order and page are shown. */
export function searchFeedPath(query: SearchQuery, format: FeedFormat): string {
  const { page: _page, order: _order, ...asked } = query;
  return searchPath(asked).replace(PATH, `${PATH}/feed.${format}`);
}

/** The address of a search. */
export function searchPath(query: SearchQuery): string {
  const parameters = new URLSearchParams();
  for (const name of TEXT_PARAMETERS) {
    const value = query[name];
    if (value) parameters.set(name, value);
  }
  if (query.order) parameters.set('order', query.order);
  if (query.page !== undefined && query.page > 1) parameters.set('page', String(query.page));
  return parameters.size === 0 ? PATH : `${PATH}?${parameters}`;
}

type Filter = 'tag' | 'source' | 'from' | 'to';

/** The same search with other filters, from its first page; undefined takes a filter away. */
export function changeSearch(
  { page: _, ...query }: SearchQuery,
  changes: { [name in Filter]?: string | undefined },
): SearchQuery {
  return { ...query, ...changes } as SearchQuery;
}

/** Whether nothing is asked for yet. */
export const isBlank = (query: SearchQuery) => TEXT_PARAMETERS.every((name) => !query[name]);

/** What Meilisearch takes into account of a query. */
const WORDS_MAX = 10;

/** Whether a query means more than words, phrases and single words to leave out. */
function isComposed(tree: QueryTree): boolean {
  if (tree.kind === 'or') return true;
  if (tree.kind === 'and') return tree.parts.some(isComposed);
  return tree.kind === 'not' && (tree.part.kind === 'and' || isComposed(tree.part));
}

/** What of a query does not mean here what its writer may think, in words for the reader. */
export function explainQuery(q: string): string[] {
  const notes: string[] = [];
  const parsed = parseQuery(q);
  if (parsed.kind === 'query' && isComposed(parsed.tree)) {
    notes.push(
      'OR and brackets work in alerts, not here yet: all words are looked for as they stand.',
    );
  }
  if (/(^|\s)-?(tag|source|author|before|after):\S/iu.test(q)) {
    notes.push('To narrow a search by tag, source or date, use the links and fields beside it.');
  }
  if (q.split(/\s+/u).filter(Boolean).length > WORDS_MAX) {
    notes.push(`Only the first ${WORDS_MAX} words count.`);
  }
  return notes;
}
