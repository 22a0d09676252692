import { connection } from 'next/server';
import { config } from '../../lib/config.ts';
import { renderSitemapIndex } from '../../lib/syndicate/sitemap.ts';
import { readSitemapMonths } from '../_data/directory.ts';
import { sitemapResponse } from '../_feeds/sitemap-response.ts';

/**
 * The sitemaps of the site: one of its lists, and one for each month. Of single posts there is
 * none: the canonical address of a post is its publisher's.
 */
export async function GET(): Promise<Response> {
  await connection();
  const { siteUrl } = config();
  const months = await readSitemapMonths();
  const newest = months[0]?.lastAt;
  return sitemapResponse(
    renderSitemapIndex([
      { url: `${siteUrl}/sitemap/lists.xml`, ...(newest ? { lastAt: newest } : {}) },
      ...months.map(({ month, lastAt }) => ({ url: `${siteUrl}/sitemap/${month}.xml`, lastAt })),
    ]),
  );
}
