import { cacheLife, cacheTag } from 'next/cache';
import { sourceTag } from '../../lib/cache-tags.ts';
import { getOwnership, type Ownership } from '../../lib/queries/ownership.ts';
import { LIFE } from './lists.ts';

/** What stands on the page for a source's publisher; undefined when there is no such source. */
export async function readOwnership(slug: string): Promise<Ownership | undefined> {
  'use cache';
  cacheLife(LIFE);
  cacheTag(sourceTag(slug));
  return getOwnership(slug);
}
