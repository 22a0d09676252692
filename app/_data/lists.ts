import { cacheLife, cacheTag } from 'next/cache';
import { authorTag, latestTag, sourceTag, tagTag } from '../../lib/cache-tags.ts';
import type { ListScope } from '../../lib/model/list-address.ts';
import type { PostPage } from '../../lib/model/post.ts';
import type { MonthCount, TagSummary } from '../../lib/model/tag.ts';
import { readCursor } from '../../lib/queries/cursor.ts';
import { listPosts, type Month, type Scope } from '../../lib/queries/posts.ts';
import {
  type AuthorSummary,
  getAuthor,
  getSource,
  listSourceMonths,
  listSources,
  type SourceSummary,
} from '../../lib/queries/sources.ts';
import { findTag, getTagSummary, listTopTags, type TagCount } from '../../lib/queries/tags.ts';

// The cached reads behind lists. Changes make them stale by tag; the life is a safety net.

/** In seconds: a lost event heals within five minutes. */
export const LIFE = { stale: 300, revalidate: 300, expire: 86_400 };

/** What the head and rail of a list show. */
export type ListHead =
  | { kind: 'latest'; tags: TagCount[]; sources: SourceSummary[] }
  | { kind: 'tag'; id: number; summary: TagSummary }
  | { kind: 'source'; id: number; source: SourceSummary; months: MonthCount[] }
  | { kind: 'author'; id: number; author: AuthorSummary }
  /** The tag is part of another one: readers are sent there. */
  | { kind: 'alias'; slug: string }
  | { kind: 'none' };

/** The head of a list, by its scope and decoded slug. */
export async function readListHead(scope: ListScope, slug: string): Promise<ListHead> {
  'use cache';
  cacheLife(LIFE);
  switch (scope) {
    case 'latest': {
      cacheTag(latestTag());
      const [tags, sources] = await Promise.all([listTopTags(10), listSources()]);
      return { kind: 'latest', tags, sources };
    }
    case 'tag': {
      cacheTag(tagTag(slug));
      const found = await findTag(slug);
      if (found === undefined) return { kind: 'none' };
      if (found.kind === 'alias') return found;
      return { kind: 'tag', id: found.id, summary: await getTagSummary(found) };
    }
    case 'source': {
      cacheTag(sourceTag(slug));
      const source = await getSource(slug);
      if (source === undefined) return { kind: 'none' };
      const months = await listSourceMonths(source.id);
      return { kind: 'source', id: source.id, source, months };
    }
    case 'author': {
      cacheTag(authorTag(slug));
      const author = await getAuthor(slug);
      return author === undefined ? { kind: 'none' } : { kind: 'author', id: author.id, author };
    }
  }
}

const tagOf = { tag: tagTag, source: sourceTag, author: authorTag };

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
  cacheTag(scope.kind === 'latest' ? latestTag() : tagOf[scope.kind](slug));
  const before = options.before === 'newest' ? undefined : options.before;
  if (before !== undefined && readCursor(before) === undefined) return undefined;
  if (options.month === 'all') return listPosts(scope, { before, withBody: options.withBody });
  const month = monthOf(options.month);
  return month && listPosts(scope, { before, month, withBody: options.withBody });
}
