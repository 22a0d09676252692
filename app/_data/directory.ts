import { cacheLife, cacheTag } from 'next/cache';
import { everythingTag, latestTag, sourcesTag, tagsTag } from '../../lib/cache-tags.ts';
import { listForSitemap, type SitemapList } from '../../lib/queries/sitemap.ts';
import { listSources, type SourceSummary } from '../../lib/queries/sources.ts';

const LIFE = { stale: 300, revalidate: 300, expire: 86_400 };

/** All lists of posts that search engines should know. */
export async function readSitemapLists(): Promise<SitemapList[]> {
  'use cache';
  cacheTag(latestTag(), tagsTag(), sourcesTag(), everythingTag());
  cacheLife(LIFE);
  return listForSitemap();
}

/** All sources, for the subscription list. */
export async function readSourceList(): Promise<SourceSummary[]> {
  'use cache';
  cacheTag(sourcesTag(), everythingTag());
  cacheLife(LIFE);
  return listSources();
}
