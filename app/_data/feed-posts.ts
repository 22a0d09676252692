import { cacheLife, cacheTag } from 'next/cache';
import type { ArchivePart } from '../../lib/model/feed-archive.ts';
import type { ListScope } from '../../lib/model/list-address.ts';
import type { PostView, Tombstone } from '../../lib/model/post.ts';
import { describeTerms, namesOf, readTagWish } from '../../lib/model/tag-algebra.ts';
import { findNewestPart } from '../../lib/queries/feed-archive.ts';
import type { Scope } from '../../lib/queries/list-ranges.ts';
import { listForFeed } from '../../lib/queries/posts.ts';
import { getAuthor, getSource } from '../../lib/queries/sources.ts';
import { findTerms, idsOf } from '../../lib/queries/tag-terms.ts';
import { findTag } from '../../lib/queries/tags.ts';
import { listTombstones } from '../../lib/queries/tombstones.ts';
import { LIFE, monthOf, tagsOfList } from './lists.ts';

/** What an address of a feed leads to. */
export type FeedLookup =
  | {
      kind: 'posts';
      scope: Scope['kind'];
      name: string;
      posts: PostView[];
      tombstones: Tombstone[];
      /** Where the archive of the list begins; none where only a month, or several tags, were asked for. */
      newestPart?: ArchivePart;
    }
  /** `slug` as an address has it. */
  | { kind: 'moved'; slug: string }
  | { kind: 'too-many' }
  | { kind: 'unknown' };

type Found = { scope: Scope; name: string } | { slug: string } | 'too-many' | undefined;

/** A list by its scope and decoded slug, or the slug of the tag that it has become. */
export async function findList(list: ListScope, slug: string): Promise<Found> {
  switch (list) {
    case 'latest':
      return { scope: { kind: 'latest' }, name: '' };
    case 'tag':
      return findTagList(slug);
    case 'source': {
      const source = await getSource(slug);
      return source && { scope: { kind: 'source', id: source.id }, name: source.title };
    }
    case 'author': {
      const author = await getAuthor(slug);
      return author && { scope: { kind: 'author', id: author.id }, name: author.name };
    }
  }
}

async function findTagList(slug: string): Promise<Found> {
  const wish = readTagWish(slug);
  switch (wish.kind) {
    case 'tag': {
      const tag = await findTag(slug);
      if (tag?.kind === 'alias') return { slug: encodeURIComponent(tag.slug) };
      return tag && { scope: { kind: 'tag', id: tag.id }, name: tag.name };
    }
    case 'terms': {
      const found = await findTerms(slug, wish.terms);
      if (found?.kind !== 'tags') return found;
      return {
        scope: { kind: 'tags', terms: idsOf(found.tags) },
        name: describeTerms(namesOf(found.tags)),
      };
    }
    case 'too-many':
      return wish.kind;
    case 'none':
      return undefined;
  }
}

/**
 * The posts of a list's feed. `slug` is empty for the newest posts of all.
 * @param month YYYY-MM, or `all`.
 */
export async function readFeedPosts(
  list: ListScope,
  slug: string,
  month: string,
): Promise<FeedLookup> {
  'use cache';
  cacheTag(...tagsOfList(list, slug));
  cacheLife(LIFE);
  const found = await findList(list, slug);
  if (found === undefined) return { kind: 'unknown' };
  if (found === 'too-many') return { kind: found };
  if ('slug' in found) return { kind: 'moved', slug: found.slug };
  const only = monthOf(month);
  if (month !== 'all' && only === undefined) return { kind: 'unknown' };
  const now = new Date();
  const posts = await listForFeed(found.scope, now, only);
  // A month without posts is no list: its page is none either.
  if (only !== undefined && posts.length === 0) return { kind: 'unknown' };
  const tombstones = await listTombstones(found.scope, now);
  const { scope, name } = found;
  const hasArchive = month === 'all' && scope.kind !== 'tags';
  const newestPart = hasArchive ? await findNewestPart(scope) : undefined;
  const archive = newestPart ? { newestPart } : {};
  return { kind: 'posts', scope: scope.kind, name, posts, tombstones, ...archive };
}
