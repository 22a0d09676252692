import type { ListScope } from './model/list-address.ts';

// Names of cache tags: the workers write them to cache_events, the site's reads bear them.

/** Lists of the newest posts. */
export const latestTag = () => 'latest';
/** A tag's archive, page and feeds. */
export const tagTag = (slug: string) => `tag:${slug}`;
/** A source's archive, page and feeds. */
export const sourceTag = (slug: string) => `source:${slug}`;
/** What a source's publisher says of use by robots, on the pages of its posts. */
export const wishTag = (slug: string) => `use:${slug}`;
/** An author's archive, page and feeds. */
export const authorTag = (slug: string) => `author:${slug}`;
/** One post's page. */
export const postTag = (id: number) => `post:${id}`;
/** The list of all tags. */
export const tagsTag = () => 'tags';
/** The log of what was done to tags. */
export const tagLogTag = () => 'tag-log';
/** The list of all sources. */
export const sourcesTag = () => 'sources';
/** A picture in bodies whose size is not known yet; `key` is the hash of its address. */
export const pictureTag = (key: string) => `picture:${key}`;
/** Everything: for a process that lagged too far behind to know what is stale. */
export const everythingTag = () => 'everything';

/** The list of posts that a cache tag is about; undefined for one that is about no list. */
export function listOf(tag: string): { scope: ListScope; slug: string } | undefined {
  if (tag === latestTag()) return { scope: 'latest', slug: '' };
  const [, scope, slug] = /^(tag|source|author):(.+)$/su.exec(tag) ?? [];
  return slug === undefined ? undefined : { scope: scope as ListScope, slug };
}
