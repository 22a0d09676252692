import { MeilisearchApiError, type SearchParams } from 'meilisearch';
import { config } from '../config.ts';
import { MARK_END, MARK_START, type MarkedText } from '../model/marked-text.ts';
import { SEARCH_HITS_MAX, SEARCH_PAGE_HITS, type SearchQuery } from '../model/search.ts';
import { reach, SearchUnavailable, searchClient } from './client.ts';
import { type PostDocument, toMarkedText } from './document.ts';
import { isNotFound } from './settings.ts';

const QUERY_CHARACTERS_MAX = 300;
const PASSAGE_WORDS = 40;
const PAGE_SIZE_MAX = 100;

export type DocumentsFound =
  | {
      kind: 'found';
      hits: { id: number; title: MarkedText; passage: MarkedText }[];
      total: number;
      page: number;
      pages: number;
      /** Slug to number of posts. */
      tags: Record<string, number>;
      sources: Record<string, number>;
      isPartial: boolean;
      ms: number;
    }
  | { kind: 'invalid'; message: string }
  | { kind: 'off' }
  | { kind: 'unavailable'; message: string };

const quoted = (text: string) => `"${text.replace(/["\\]/gu, '\\$&')}"`;

/** Seconds at the start of a day in UTC; undefined for what is no day. */
function dayStart(day: string): number | undefined {
  const ms = /^\d{4}-\d{2}-\d{2}$/u.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  // The 31st of a shorter month is read as a day of the next one.
  return Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(day) ? undefined : ms / 1000;
}

const DAY_SECONDS = 86_400;

type Filters = { kind: 'filters'; filters: string[] } | { kind: 'invalid'; message: string };

/** A query's filters in Meilisearch's words. */
export function filtersOf(query: SearchQuery): Filters {
  const filters: string[] = [];
  if (query.tag) filters.push(`tagSlugs = ${quoted(query.tag)}`);
  if (query.source) filters.push(`sourceSlug = ${quoted(query.source)}`);
  for (const day of [query.from, query.to]) {
    if (day && dayStart(day) === undefined) {
      return { kind: 'invalid', message: `“${day}” is no day: write it like 2026-05-31.` };
    }
  }
  const from = query.from ? dayStart(query.from) : undefined;
  const to = query.to ? dayStart(query.to) : undefined;
  if (from !== undefined && to !== undefined && from > to) {
    return { kind: 'invalid', message: `No day is after ${query.from} and before ${query.to}.` };
  }
  if (from !== undefined) filters.push(`sortAt >= ${from}`);
  if (to !== undefined) filters.push(`sortAt < ${to + DAY_SECONDS}`);
  return { kind: 'filters', filters };
}

/**
 * Asks Meilisearch. Failures that a reader can meet are values: search switched off, or the
 * server away. Words must all be found; when no post has them all, some of them will do.
 */
export async function searchDocuments(query: SearchQuery): Promise<DocumentsFound> {
  const client = searchClient();
  if (client === undefined) return { kind: 'off' };
  const chosen = filtersOf(query);
  if (chosen.kind === 'invalid') return chosen;
  const pageSize = Math.min(query.pageSize ?? SEARCH_PAGE_HITS, PAGE_SIZE_MAX);
  const page = Math.min(Math.max(query.page ?? 1, 1), Math.ceil(SEARCH_HITS_MAX / pageSize));
  const params = {
    filter: chosen.filters,
    ...(query.order === 'newest' ? { sort: ['sortAt:desc'] } : {}),
    facets: ['tagSlugs', 'sourceSlug'],
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
  try {
    let found = await reach(index.search(q, { ...params, matchingStrategy: 'all' }));
    const isPartial = found.totalHits === 0 && /\s/u.test(q.trim());
    if (isPartial) found = await reach(index.search(q, { ...params, matchingStrategy: 'last' }));
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
      tags: found.facetDistribution?.tagSlugs ?? {},
      sources: found.facetDistribution?.sourceSlug ?? {},
      isPartial: isPartial && (found.totalHits ?? 0) > 0,
      ms: found.processingTimeMs,
    };
  } catch (error) {
    if (error instanceof SearchUnavailable) return { kind: 'unavailable', message: error.message };
    if (isNotFound(error)) {
      return { kind: 'unavailable', message: 'Nothing has been indexed yet: a worker does that.' };
    }
    // The key was changed, say: the site works on without search.
    if (error instanceof MeilisearchApiError) {
      return { kind: 'unavailable', message: `Meilisearch: ${error.message}` };
    }
    throw error;
  }
}
