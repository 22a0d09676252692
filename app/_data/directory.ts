import { cacheLife, cacheTag } from 'next/cache';
import { latestTag, sourcesTag, tagsTag } from '../../lib/cache-tags.ts';
import {
  listForSitemap,
  listMonthsForSitemap,
  listTagsOfMonth,
  type SitemapList,
  type SitemapMonth,
} from '../../lib/queries/sitemap.ts';
import { LIFE } from './lists.ts';

/** All lists of posts that search engines should know. */
export async function readSitemapLists(): Promise<SitemapList[]> {
  'use cache';
  cacheTag(latestTag(), tagsTag(), sourcesTag());
  cacheLife(LIFE);
  return listForSitemap();
}

/** All months that have posts. */
export async function readSitemapMonths(): Promise<SitemapMonth[]> {
  'use cache';
  cacheTag(latestTag());
  cacheLife(LIFE);
  return listMonthsForSitemap();
}

/** The tags with an archive for a month, YYYY-MM. */
export async function readTagsOfMonth(month: string): Promise<string[]> {
  'use cache';
  cacheTag(tagsTag());
  cacheLife(LIFE);
  return listTagsOfMonth(month);
}
