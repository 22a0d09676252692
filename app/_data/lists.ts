import { cacheLife, cacheTag } from 'next/cache';
import { authorTag, latestTag, sourceTag, tagTag } from '../../lib/cache-tags.ts';
import type { ListScope } from '../../lib/model/list-address.ts';
import type { PostPage } from '../../lib/model/post.ts';
import type { MonthCount, TagSummary } from '../../lib/model/tag.ts';
import { readTagWish, type TagTerms } from '../../lib/model/tag-algebra.ts';
import { readCursor } from '../../lib/queries/cursor.ts';
import { getListCompany, type ListCompany } from '../../lib/queries/list-company.ts';
import {
  findNearMonths,
  listAllMonths,
  type Month,
  type Scope,
} from '../../lib/queries/list-ranges.ts';
import { listPosts } from '../../lib/queries/posts.ts';
import {
  type AuthorSummary,
  type BusySource,
  countSources,
  type FailingSources,
  getAuthor,
  getSource,
  listBusySources,
  listFailingSources,
  listSourceMonths,
  type SourceSummary,
} from '../../lib/queries/sources.ts';
import {
  findTerms,
  getTermsCompany,
  idsOf,
  type Term,
  type TermsCompany,
} from '../../lib/queries/tag-terms.ts';
import { findTag, getTagSummary, listTopTags, type TagCount } from '../../lib/queries/tags.ts';
import { withPictureSizes } from './picture-sizes.ts';

// The cached reads behind lists. Changes make them stale by tag; the life is a safety net.

/** In seconds: a lost event heals within five minutes. */
export const LIFE = { stale: 300, revalidate: 300, expire: 86_400 };

/** What the head and rail of a list show. */
export type ListHead =
  | ({ kind: 'latest'; tags: TagCount[]; months: string[] } & SiteSources)
  | { kind: 'tag'; id: number; summary: TagSummary }
  | { kind: 'tags'; tags: TagTerms<Term>; company: TermsCompany }
  | {
      kind: 'source';
      id: number;
      source: SourceSummary;
      months: MonthCount[];
      company: ListCompany;
    }
  | { kind: 'author'; id: number; author: AuthorSummary; company: ListCompany }
  /** The list has another address: readers are sent there. `slug` as that address has it. */
  | { kind: 'alias'; slug: string }
  /** More tags than go together. */
  | { kind: 'too-many' }
  | { kind: 'none' };

/** A list that there is. */
export type FoundHead = Exclude<ListHead, { kind: 'none' | 'alias' | 'too-many' }>;

const BUSY_SHOWN = 8;

const FAILING_SHOWN = 20;

/** Whose posts the site has, as its first page needs it. */
interface SiteSources {
  busy: BusySource[];
  /** How many there are. */
  sources: number;
  /** While no posts have come in: why. */
  failing: FailingSources;
}

async function readSiteSources(): Promise<SiteSources> {
  const [busy, sources] = await Promise.all([listBusySources(BUSY_SHOWN), countSources()]);
  const failing =
    busy.length > 0 ? { total: 0, some: [] } : await listFailingSources(FAILING_SHOWN);
  return { busy, sources, failing };
}

/** The head of a list, by its scope and decoded slug. */
export async function readListHead(scope: ListScope, slug: string): Promise<ListHead> {
  'use cache';
  cacheLife(LIFE);
  switch (scope) {
    case 'latest': {
      cacheTag(latestTag());
      const [tags, months, sources] = await Promise.all([
        listTopTags(10),
        listAllMonths(),
        readSiteSources(),
      ]);
      return { kind: 'latest', tags, months, ...sources };
    }
    case 'tag':
      return readTagHead(slug);
    case 'source': {
      cacheTag(sourceTag(slug));
      const source = await getSource(slug);
      if (source === undefined) return { kind: 'none' };
      const [months, company] = await Promise.all([
        listSourceMonths(source.id),
        getListCompany({ kind: 'source', id: source.id }, new Date()),
      ]);
      return { kind: 'source', id: source.id, source, months, company };
    }
    case 'author': {
      cacheTag(authorTag(slug));
      const author = await getAuthor(slug);
      if (author === undefined) return { kind: 'none' };
      const company = await getListCompany({ kind: 'author', id: author.id }, new Date());
      return { kind: 'author', id: author.id, author, company };
    }
  }
}

/** The head of a tag's list, or of several together. Within a cached read: marks it. */
async function readTagHead(slug: string): Promise<ListHead> {
  cacheTag(...tagsOfSlug(slug));
  const wish = readTagWish(slug);
  switch (wish.kind) {
    case 'tag': {
      const found = await findTag(slug);
      if (found === undefined) return { kind: 'none' };
      if (found.kind === 'alias') return { kind: 'alias', slug: encodeURIComponent(found.slug) };
      return { kind: 'tag', id: found.id, summary: await getTagSummary(found) };
    }
    case 'terms': {
      const found = await findTerms(slug, wish.terms);
      if (found?.kind !== 'tags') return found ?? { kind: 'none' };
      return { ...found, company: await getTermsCompany(found.tags) };
    }
    default:
      return wish;
  }
}

/** The cache tags of what an address has in the place of a tag's slug: one for each term. */
function tagsOfSlug(slug: string): string[] {
  const wish = readTagWish(slug);
  if (wish.kind !== 'terms') return [tagTag(slug)];
  return [...wish.terms.with, ...wish.terms.without].map(tagTag);
}

/** Which posts a head is above, for the queries. */
export function scopeOf(head: FoundHead): Scope {
  switch (head.kind) {
    case 'latest':
      return { kind: 'latest' };
    case 'tags':
      return { kind: 'tags', terms: idsOf(head.tags) };
    default:
      return { kind: head.kind, id: head.id };
  }
}

/** The cache tags that a list of posts bears. `slug` decoded; empty for the newest of all. */
export function tagsOfList(list: ListScope, slug: string): string[] {
  switch (list) {
    case 'latest':
      return [latestTag()];
    case 'tag':
      return tagsOfSlug(slug);
    case 'source':
      return [sourceTag(slug)];
    case 'author':
      return [authorTag(slug)];
  }
}

/** YYYY-MM as a month; undefined for `all`, and for what is no month. */
export function monthOf(text: string): Month | undefined {
  const [year = 0, month = 0] = text.split('-').map(Number);
  return month < 1 || month > 12 || year < 1970 ? undefined : { year, month };
}

/** A page of a list's posts; undefined for a place or month that cannot be. */
export async function readListPage(
  scope: Scope,
  slug: string,
  options: { before: string; month: string; withBody: boolean },
): Promise<PostPage | undefined> {
  'use cache';
  cacheLife(LIFE);
  cacheTag(...tagsOfList(scope.kind === 'tags' ? 'tag' : scope.kind, slug));
  const before = options.before === 'newest' ? undefined : options.before;
  if (before !== undefined && readCursor(before) === undefined) return undefined;
  const month = monthOf(options.month);
  if (options.month !== 'all' && month === undefined) return undefined;
  const page = await listPosts(scope, { before, month, withBody: options.withBody });
  return options.withBody ? { ...page, posts: await withPictureSizes(page.posts) } : page;
}

/** The months with posts before and after one (YYYY-MM), of all posts. */
export async function readNearMonths(
  text: string,
): Promise<{ earlier: string | null; later: string | null }> {
  'use cache';
  cacheLife(LIFE);
  cacheTag(latestTag());
  const month = monthOf(text);
  return month === undefined ? { earlier: null, later: null } : findNearMonths(month);
}
