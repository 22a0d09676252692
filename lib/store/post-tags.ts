import { tagsTag, tagTag } from '../cache-tags.ts';
import type { Tx } from '../db.ts';
import { type TagName, tagSlug } from '../model/tag.ts';
import { writeFoundTags } from './found-tags.ts';
import { OTHERS_POSITION_MIN, type PostTagRow, upsertTags, writePostTags } from './tags.ts';

/** Tags that one source gives to a post. */
export interface GivenTags {
  postId: number;
  /** From the item's categories, in their order. */
  tags: TagName[];
  /** The operator's, for all posts of the feed. */
  feedTags: string[];
  /** Whether the post is this source's own; else the source only joined it. */
  isOwner: boolean;
}

/**
 * Gives posts their tags: those of their sources, and to posts that have none then what their
 * words name.
 * @param options.isWhole when `given` is what all sources of the posts give.
 * @param options.readMax posts without tags that are read at once; the others wait for the job.
 * @returns whose tags changed, and the cache tags that are stale now.
 */
export async function giveTags(
  tx: Tx,
  given: GivenTags[],
  { readMax, ...options }: { isWhole?: boolean; readMax?: number | undefined } = {},
): Promise<{ postIds: Set<number>; stale: string[] }> {
  if (given.length === 0) return { postIds: new Set(), stale: [] };
  const labelled = given.map(({ feedTags, tags, ...one }) => ({
    ...one,
    labels: [
      ...tags.map((tag) => ({ tag, origin: 'feed' as const })),
      ...feedTags.map((name) => ({
        tag: { slug: tagSlug(name), name },
        origin: 'operator' as const,
      })),
    ],
  }));
  const stored = await upsertTags(
    tx,
    labelled.flatMap(({ labels }) => labels.map(({ tag }) => tag)),
  );
  const rows = labelled.flatMap(({ postId, isOwner, labels }) => {
    const start = isOwner ? 0 : OTHERS_POSITION_MIN;
    return labels.flatMap(({ tag, origin }, i): PostTagRow[] => {
      const known = stored.get(tag.slug);
      return known ? [{ postId, tagId: known.id, position: start + i, origin }] : [];
    });
  });
  const ids = [...new Set(given.map(({ postId }) => postId))];
  const { postIds, lost } = await writePostTags(tx, ids, rows, options);
  const found = await writeFoundTags(tx, ids, readMax);
  const slugs = [...[...stored.values()].map((tag) => tag.slug), ...lost, ...found.slugs];
  const stale = slugs.map(tagTag);
  if ([...stored.values()].some((tag) => tag.isNew)) stale.push(tagsTag());
  return { postIds: new Set([...postIds, ...found.postIds]), stale };
}

/** Gives the posts of a poll their tags. @param owned ids of the posts that are this feed's own. */
export function writeTags(
  tx: Tx,
  feed: { feedTags: string[] },
  placed: { draft: { tags: TagName[] }; postId: number }[],
  owned: ReadonlySet<number>,
  readMax?: number,
): Promise<{ postIds: Set<number>; stale: string[] }> {
  return giveTags(
    tx,
    placed.map(({ draft: { tags }, postId }) => ({
      postId,
      tags,
      feedTags: feed.feedTags,
      isOwner: owned.has(postId),
    })),
    { readMax },
  );
}
