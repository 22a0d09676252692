/** An address for search engines (sitemaps.org, version 0.9). */
export interface SitemapEntry {
  url: string;
  /** ISO 8601. */
  lastAt?: string;
}

/** Slugs are percent-encoded, so an address holds nothing that XML would read but `&`. */
const escaped = (url: string) => url.replaceAll('&', '&amp;').replaceAll("'", '&apos;');

/** Writes a sitemap; the caller keeps to the protocol's 50,000 addresses. */
export function renderSitemap(entries: readonly SitemapEntry[]): string {
  const urls = entries.map(({ url, lastAt }) => {
    const lastmod = lastAt === undefined ? '' : `<lastmod>${lastAt}</lastmod>`;
    return `<url><loc>${escaped(url)}</loc>${lastmod}</url>`;
  });
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
    ...urls,
    '</urlset>',
    '',
  ].join('\n');
}
