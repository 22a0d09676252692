import { cacheLife, cacheTag } from 'next/cache';
import { authorTag, latestTag, sourceTag, tagTag } from '../../lib/cache-tags.ts';
import type { ArchivePart } from '../../lib/model/feed-archive.ts';
import type { ListScope } from '../../lib/model/list-address.ts';
import type { PostView, Tombstone } from '../../lib/model/post.ts';
import { findNewestPart } from '../../lib/queries/feed-archive.ts';
import { listForFeed, type Scope } from '../../lib/queries/posts.ts';
import { getAuthor, getSource } from '../../lib/queries/sources.ts';
import { findTag } from '../../lib/queries/tags.ts';
import { listTombstones } from '../../lib/queries/tombstones.ts';
import { LIFE, monthOf } from './lists.ts';

/** What an address of a feed leads to. */
export type FeedLookup =
  | {
      kind: 'posts';
      name: string;
      posts: PostView[];
      tombstones: Tombstone[];
      /** Where the archive of the list begins; none where only a month was asked for. */
      newestPart?: ArchivePart;
    }
  | { kind: 'moved'; slug: string }
  | { kind: 'unknown' };

/** The cache tag of a list. */
export const tagOf: Record<ListScope, (slug: string) => string> = {
  latest: latestTag,
  tag: tagTag,
  source: sourceTag,
  author: authorTag,
};

type Found = { scope: Scope; name: string } | { slug: string } | undefined;

/** A list by its scope and decoded slug, or the slug of the tag that it has become. */
export async function findList(list: ListScope, slug: string): Promise<Found> {
  switch (list) {
    case 'latest':
      return { scope: { kind: 'latest' }, name: '' };
    case 'tag': {
      const tag = await findTag(slug);
      if (tag?.kind === 'alias') return { slug: tag.slug };
      return tag && { scope: { kind: 'tag', id: tag.id }, name: tag.name };
    }
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
  cacheTag(tagOf[list](slug));
  cacheLife(LIFE);
  const found = await findList(list, slug);
  if (found === undefined) return { kind: 'unknown' };
  if ('slug' in found) return { kind: 'moved', slug: found.slug };
  const only = monthOf(month);
  if (month !== 'all' && only === undefined) return { kind: 'unknown' };
  const now = new Date();
  const posts = await listForFeed(found.scope, now, only);
  // A month without posts is no list: its page is none either.
  if (only !== undefined && posts.length === 0) return { kind: 'unknown' };
  const tombstones = await listTombstones(found.scope, now);
  const newestPart = month === 'all' ? await findNewestPart(found.scope) : undefined;
  const name = found.name;
  return { kind: 'posts', name, posts, tombstones, ...(newestPart ? { newestPart } : {}) };
}
