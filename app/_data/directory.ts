import { cacheLife, cacheTag } from 'next/cache';
import { latestTag, sourcesTag, tagsTag } from '../../lib/cache-tags.ts';
import { listForSitemap, type SitemapList } from '../../lib/queries/sitemap.ts';
import { LIFE } from './lists.ts';

/** All lists of posts that search engines should know. */
export async function readSitemapLists(): Promise<SitemapList[]> {
  'use cache';
  cacheTag(latestTag(), tagsTag(), sourcesTag());
  cacheLife(LIFE);
  return listForSitemap();
}
