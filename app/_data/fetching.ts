import { cacheLife, cacheTag } from 'next/cache';
import { sourcesTag, sourceTag } from '../../lib/cache-tags.ts';
import {
  type FeedFetching,
  getFetching,
  getSiteFetching,
  type SiteFetching,
} from '../../lib/queries/fetching.ts';

/**
 * In seconds. A poll that brings nothing makes no page stale, so these live by their age, and
 * nobody is given older ones, not even the first reader after a long while.
 */
const LIFE_BY_AGE = { stale: 300, revalidate: 240, expire: 300 };

/** How the feed of a source is fetched; undefined for an unknown source. */
export async function readFetching(slug: string): Promise<FeedFetching | undefined> {
  'use cache';
  cacheLife(LIFE_BY_AGE);
  cacheTag(sourceTag(slug));
  return getFetching({ slug });
}

/** What all feeds together cost their servers. */
export async function readSiteFetching(): Promise<SiteFetching> {
  'use cache';
  cacheLife(LIFE_BY_AGE);
  cacheTag(sourcesTag());
  return getSiteFetching();
}
