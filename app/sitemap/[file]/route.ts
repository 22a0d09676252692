import { connection } from 'next/server';
import { config } from '../../../lib/config.ts';
import { listPath } from '../../../lib/model/list-address.ts';
import { renderSitemap, type SitemapEntry } from '../../../lib/syndicate/sitemap.ts';
import { readSitemapLists, readSitemapMonths, readTagsOfMonth } from '../../_data/directory.ts';
import { problem } from '../../_feeds/problem.ts';
import { sitemapResponse } from '../../_feeds/sitemap-response.ts';

interface Context {
  params: Promise<{ file: string }>;
}

/** The lists as they are today: home, indexes, tags and sources. */
async function lists(): Promise<SitemapEntry[]> {
  const [months, found] = await Promise.all([readSitemapMonths(), readSitemapLists()]);
  const newest = months[0]?.lastAt;
  return [
    { url: '/', ...(newest ? { lastAt: newest } : {}) },
    { url: '/tags' },
    { url: '/sources' },
    { url: '/about' },
    { url: '/bot' },
    ...found.map(({ kind, slug, lastAt }) => ({
      url: listPath({ scope: kind, slug: encodeURIComponent(slug), month: 'all' }),
      lastAt,
    })),
  ];
}

/** A month's archives; undefined when nothing was published in it. */
async function ofMonth(month: string): Promise<SitemapEntry[] | undefined> {
  const months = await readSitemapMonths();
  const lastAt = months.find((each) => each.month === month)?.lastAt;
  if (lastAt === undefined) return undefined;
  const tags = await readTagsOfMonth(month);
  return [
    { url: listPath({ scope: 'latest', slug: '-', month }), lastAt },
    ...tags.map((slug) => ({
      url: listPath({ scope: 'tag', slug: encodeURIComponent(slug), month }),
      lastAt,
    })),
  ];
}

/** One of the sitemaps that /sitemap.xml names. */
export async function GET(_: Request, { params }: Context): Promise<Response> {
  await connection();
  const [, name] = /^(lists|\d{4}-\d{2})\.xml$/u.exec((await params).file) ?? [];
  const entries = name === 'lists' ? await lists() : await ofMonth(name ?? '');
  if (entries === undefined)
    return problem(404, 'No such sitemap', '/sitemap.xml names all there are.');
  const { siteUrl } = config();
  return sitemapResponse(
    renderSitemap(entries.map(({ url, ...entry }) => ({ url: siteUrl + url, ...entry }))),
  );
}
