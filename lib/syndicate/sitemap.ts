/** An address for search engines (sitemaps.org, version 0.9). */
export interface SitemapEntry {
  url: string;
  /** ISO 8601. */
  lastAt?: string;
}

/** Slugs are percent-encoded, so an address holds nothing that XML would read but `&`. */
const escaped = (url: string) => url.replaceAll('&', '&amp;').replaceAll("'", '&apos;');

const written = (element: string, entries: readonly SitemapEntry[]) =>
  entries.map(({ url, lastAt }) => {
    const lastmod = lastAt === undefined ? '' : `<lastmod>${lastAt}</lastmod>`;
    return `<${element}><loc>${escaped(url)}</loc>${lastmod}</${element}>`;
  });

const document = (root: string, lines: readonly string[]) =>
  [
    '<?xml version="1.0" encoding="utf-8"?>',
    `<${root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`,
    ...lines,
    `</${root}>`,
    '',
  ].join('\n');

/** Writes a sitemap; the caller keeps to the protocol's 50,000 addresses. */
export const renderSitemap = (entries: readonly SitemapEntry[]): string =>
  document('urlset', written('url', entries));

/** Writes the index of several sitemaps, of which the protocol allows 50,000 too. */
export const renderSitemapIndex = (sitemaps: readonly SitemapEntry[]): string =>
  document('sitemapindex', written('sitemap', sitemaps));
