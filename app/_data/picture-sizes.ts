import { cacheTag } from 'next/cache';
import { pictureTag } from '../../lib/cache-tags.ts';
import { config } from '../../lib/config.ts';
import type { PostView } from '../../lib/model/post.ts';
import { listUnsized, sizePictures } from '../../lib/pictures/body-pictures.ts';
import { pictureKey } from '../../lib/pictures/picture-cache.ts';
import { findPictureSizes } from '../../lib/queries/picture-sizes.ts';

/** Next takes 128 cache tags of one read. Of more pictures a page hears within its life. */
const TAGS_MAX = 100;

const shownOf = ({ shownHtml, bodyHtml }: PostView) => shownHtml ?? bodyHtml;

/**
 * Posts with room for their pictures in what pages show (`shownHtml`); what feeds give on stays as
 * the publisher has it. `unknown`: keys of pictures whose sizes are still to be learned.
 */
export async function sizePosts(
  posts: PostView[],
): Promise<{ posts: PostView[]; unknown: string[] }> {
  // Only what comes through us is ever known.
  if (config().pictures !== 'proxy') return { posts, unknown: [] };
  const addresses = new Set(posts.flatMap((post) => listUnsized(shownOf(post))));
  if (addresses.size === 0) return { posts, unknown: [] };
  const keys = new Map([...addresses].map((address) => [address, pictureKey(address)]));
  const known = await findPictureSizes([...keys.values()]);
  const unknown = [...keys.values()].filter((key) => !known.has(key));
  const sizes = new Map(
    [...keys].flatMap(([address, key]) => {
      const size = known.get(key);
      return size === undefined ? [] : [[address, size] as const];
    }),
  );
  const sized = posts.map((post) => {
    const shown = shownOf(post);
    const shownHtml = sizePictures(shown, sizes);
    return shownHtml === shown ? post : { ...post, shownHtml };
  });
  return { posts: sized, unknown };
}

/**
 * The same within a cached read: marks it with the pictures that are not known yet, so that it is
 * made anew when one has been.
 */
export async function withPictureSizes(posts: PostView[]): Promise<PostView[]> {
  const sized = await sizePosts(posts);
  cacheTag(...sized.unknown.slice(0, TAGS_MAX).map(pictureTag));
  return sized.posts;
}
