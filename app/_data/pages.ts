import { cacheLife, cacheTag } from 'next/cache';
import { postTag, sourcesTag, tagLogTag, tagsTag, wishTag } from '../../lib/cache-tags.ts';
import type { PostView } from '../../lib/model/post.ts';
import {
  type IndexedTag,
  indexTags,
  type TagIndexPage,
  type TagOrder,
} from '../../lib/model/tag-index.ts';
import type { UseWish } from '../../lib/model/use-wish.ts';
import { type Change, listChanges } from '../../lib/queries/changes.ts';
import { findGone, getPost } from '../../lib/queries/posts.ts';
import {
  type FollowedFeed,
  listFollowed,
  listSources,
  type SourcePage,
} from '../../lib/queries/sources.ts';
import { listTagChanges, type TagLogPage } from '../../lib/queries/tag-log.ts';
import { listMovedTags, listTags } from '../../lib/queries/tags.ts';
import { getUseWish } from '../../lib/queries/use-wish.ts';
import { LIFE } from './lists.ts';
import { withPictureSizes } from './picture-sizes.ts';

export type PostLookup =
  | { kind: 'post'; post: PostView }
  | { kind: 'withdrawn' }
  | { kind: 'merged'; into: number }
  | { kind: 'none' };

/** One post, or why there is none. */
export async function readPost(id: number): Promise<PostLookup> {
  'use cache';
  cacheLife(LIFE);
  cacheTag(postTag(id));
  const found = await getPost(id);
  const [post] = found === undefined ? [] : await withPictureSizes([found]);
  if (post !== undefined) return { kind: 'post', post };
  return (await findGone(id)) ?? { kind: 'none' };
}

/** What a source's publisher says of use by robots. */
export async function readSourceUse(slug: string): Promise<UseWish> {
  'use cache';
  cacheLife(LIFE);
  cacheTag(wishTag(slug));
  return getUseWish(slug);
}

/** How a post has changed, the latest change first. */
export async function readChanges(id: number): Promise<Change[]> {
  'use cache';
  cacheLife(LIFE);
  cacheTag(postTag(id));
  return listChanges(id);
}

/** All tags, which every page of their index is made of. */
async function readTags(): Promise<IndexedTag[]> {
  'use cache';
  cacheLife(LIFE);
  cacheTag(tagsTag());
  return listTags();
}

/** A page of all tags in an order; undefined for one that there is not. */
export async function readTagIndex(
  order: TagOrder,
  page: number,
): Promise<TagIndexPage | undefined> {
  'use cache';
  cacheLife(LIFE);
  cacheTag(tagsTag());
  return indexTags(await readTags(), order, page, new Date());
}

/** A page of the log of tags; undefined for a place that cannot be. */
export async function readTagLog(before: string | undefined): Promise<TagLogPage | undefined> {
  'use cache';
  cacheLife(LIFE);
  cacheTag(tagLogTag());
  return listTagChanges({ before });
}

/** A page of all sources by name; undefined for one that there is not. */
export async function readSourcePage(page: number): Promise<SourcePage | undefined> {
  'use cache';
  cacheLife(LIFE);
  cacheTag(sourcesTag());
  return listSources(page);
}

/** Where tags that are no more have gone, by their slugs. */
export async function readMovedTags(): Promise<Record<string, string>> {
  'use cache';
  cacheLife(LIFE);
  cacheTag(tagLogTag(), tagsTag());
  return listMovedTags();
}

/** The feeds that are read here. */
export async function readFollowed(): Promise<FollowedFeed[]> {
  'use cache';
  cacheLife(LIFE);
  cacheTag(sourcesTag());
  return listFollowed();
}
