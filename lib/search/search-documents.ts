import { type Meilisearch, MeilisearchApiError, type SearchParams } from 'meilisearch';
import { config } from '../config.ts';
import { MARK_END, MARK_START } from '../model/marked-text.ts';
import type { QueryTree } from '../model/query/tree.ts';
import {
  type FacetCounts,
  type FacetName,
  type FoundIds,
  SEARCH_HITS_MAX,
  SEARCH_PAGE_HITS,
  type SearchQuery,
} from '../model/search.ts';
import { checkFilters, dayAfter, dayStart, yearBounds } from '../model/search-address.ts';
import { askForReader, reach, SearchUnavailable } from './client.ts';
import { type PostDocument, toMarkedText } from './document.ts';
import { isNotFound } from './settings.ts';

const QUERY_CHARACTERS_MAX = 300;
const PASSAGE_WORDS = 40;
const PAGE_SIZE_MAX = 100;

export type DocumentsFound =
  | FoundIds
  | { kind: 'invalid'; message: string }
  | { kind: 'off' }
  | { kind: 'unavailable'; message: string };

/** What holds the values of a facet. */
const ATTRIBUTES: Record<FacetName, keyof PostDocument> = {
  tag: 'tagSlugs',
  source: 'sourceSlug',
  author: 'authors',
  lang: 'language',
  year: 'year',
};
const FACETS = Object.keys(ATTRIBUTES) as FacetName[];

const quoted = (text: string) => `"${text.replace(/["\\]/gu, '\\$&')}"`;

type Filters = { kind: 'filters'; filters: string[] } | { kind: 'invalid'; message: string };

/** A search whose query has fields of its own: parts that all must hold, without words. */
export interface DocumentQuery extends SearchQuery {
  fields?: QueryTree[];
  /** From the start of this day on, and until that of this one. */
  after?: string | undefined;
  before?: string | undefined;
}

/** Of a language with its regions, as posts name them. */
const languageIs = (code: string) =>
  `language = ${quoted(code)} OR language STARTS WITH ${quoted(`${code}-`)}`;

/** A part of fields (lib/model/query/plan-search.ts) in Meilisearch's words. */
function filterOf(tree: QueryTree): string {
  switch (tree.kind) {
    case 'not':
      return `NOT (${filterOf(tree.part)})`;
    case 'and':
    case 'or':
      return tree.parts
        .map((part) => `(${filterOf(part)})`)
        .join(tree.kind === 'and' ? ' AND ' : ' OR ');
    case 'field': {
      const value = quoted(tree.text);
      if (tree.name === 'tag') return `tagSlugs = ${value}`;
      if (tree.name === 'source') return `sourceSlug = ${value}`;
      if (tree.name === 'author') return `authors = ${value}`;
      if (tree.name !== 'lang') break;
      return languageIs(tree.text);
    }
  }
  throw new Error(`no filter can be made of ${tree.kind}`);
}

/** A query's filters in Meilisearch's words. */
export function filtersOf(query: DocumentQuery): Filters {
  const filters: string[] = (query.fields ?? []).map(filterOf);
  if (query.after) filters.push(`sortAt >= ${dayStart(query.after)}`);
  if (query.before) filters.push(`sortAt < ${dayStart(query.before)}`);
  if (query.tag) filters.push(`tagSlugs = ${quoted(query.tag)}`);
  if (query.source) filters.push(`sourceSlug = ${quoted(query.source)}`);
  if (query.author) filters.push(`authors = ${quoted(query.author)}`);
  if (query.lang) filters.push(languageIs(query.lang));
  const message = checkFilters(query);
  if (message !== undefined) return { kind: 'invalid', message };
  if (query.year) {
    const [first, next] = yearBounds(query.year);
    filters.push(`sortAt >= ${dayStart(first)}`, `sortAt < ${dayStart(next)}`);
  }
  if (query.from) filters.push(`sortAt >= ${dayStart(query.from)}`);
  if (query.to) filters.push(`sortAt < ${dayStart(dayAfter(query.to))}`);
  return { kind: 'filters', filters };
}

/** Words that most posts have are left out first: the rare ones say what is looked for. */
const SOME_WORDS = 'frequency';
type Strategy = 'all' | typeof SOME_WORDS;

type Distribution = Record<string, Record<string, number>> | undefined;

const countsIn = (distribution: Distribution) =>
  Object.fromEntries(
    FACETS.map((name) => [name, distribution?.[ATTRIBUTES[name]] ?? {}]),
  ) as FacetCounts;

/**
 * Of each facet that is chosen, what there would be with another choice: counted without that one
 * filter, all in one request.
 */
async function countAlternatives(
  client: Meilisearch,
  query: DocumentQuery,
  q: string,
  { matchingStrategy, signal }: { matchingStrategy: Strategy; signal: AbortSignal },
): Promise<Partial<FacetCounts>> {
  const chosen = FACETS.filter((name) => query[name]);
  if (chosen.length === 0) return {};
  const queries = chosen.flatMap((name) => {
    const { [name]: _, ...others } = query;
    const filters = filtersOf(others);
    if (filters.kind === 'invalid') return [];
    const facets = [ATTRIBUTES[name]];
    const indexUid = config().meiliIndex;
    return [{ indexUid, q, filter: filters.filters, facets, limit: 0, matchingStrategy }];
  });
  const { results } = await reach(client.multiSearch({ queries }, { signal }));
  return Object.fromEntries(
    chosen.map((name, i) => [name, countsIn(results[i]?.facetDistribution)[name]]),
  );
}

/** Words must all be found; when no post has them all, the rarer of them will do. */
async function readDocuments(
  client: Meilisearch,
  query: DocumentQuery,
  { filters, signal }: { filters: string[]; signal: AbortSignal },
): Promise<FoundIds> {
  const pageSize = Math.min(query.pageSize ?? SEARCH_PAGE_HITS, PAGE_SIZE_MAX);
  const page = Math.min(Math.max(query.page ?? 1, 1), Math.ceil(SEARCH_HITS_MAX / pageSize));
  const params = {
    filter: filters,
    ...(query.order === 'newest' ? { sort: ['sortAt:desc'] } : {}),
    facets: Object.values(ATTRIBUTES),
    attributesToRetrieve: ['id'],
    attributesToHighlight: ['title', 'text'],
    attributesToCrop: ['text'],
    cropLength: PASSAGE_WORDS,
    highlightPreTag: MARK_START,
    highlightPostTag: MARK_END,
    hitsPerPage: pageSize,
    page,
  } satisfies SearchParams;
  const q = query.q.slice(0, QUERY_CHARACTERS_MAX);
  const index = client.index<PostDocument>(config().meiliIndex);
  const search = (matchingStrategy: Strategy) =>
    reach(index.search(q, { ...params, matchingStrategy }, { signal }));
  let found = await search('all');
  const isPartial = found.totalHits === 0 && /\s/u.test(q.trim());
  if (isPartial) found = await search(SOME_WORDS);
  const matchingStrategy = isPartial ? SOME_WORDS : 'all';
  return {
    kind: 'found',
    hits: found.hits.map((hit) => ({
      id: hit.id,
      title: toMarkedText(hit._formatted?.title ?? ''),
      passage: toMarkedText(hit._formatted?.text ?? ''),
    })),
    total: found.totalHits ?? 0,
    page,
    pages: found.totalPages ?? 0,
    facets: {
      ...countsIn(found.facetDistribution),
      ...(await countAlternatives(client, query, q, { matchingStrategy, signal })),
    },
    isPartial: isPartial && (found.totalHits ?? 0) > 0,
    ms: found.processingTimeMs,
  };
}

/**
 * Asks Meilisearch. Failures that a reader can meet are values: search switched off, or the
 * server away or silent.
 */
export async function searchDocuments(query: DocumentQuery): Promise<DocumentsFound> {
  const chosen = filtersOf(query);
  if (chosen.kind === 'invalid') return chosen;
  const { filters } = chosen;
  try {
    const found = await askForReader((client, signal) =>
      readDocuments(client, query, { filters, signal }),
    );
    return found ?? { kind: 'off' };
  } catch (error) {
    if (error instanceof SearchUnavailable) return { kind: 'unavailable', message: error.message };
    if (isNotFound(error)) {
      return { kind: 'unavailable', message: 'Nothing has been indexed yet: a worker does that.' };
    }
    // Whatever it finds wrong with a search: the site works on without it.
    if (error instanceof MeilisearchApiError) {
      return { kind: 'unavailable', message: `Meilisearch: ${error.message}` };
    }
    throw error;
  }
}
