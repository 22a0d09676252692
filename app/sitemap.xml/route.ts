import { connection } from 'next/server';
import { config } from '../../lib/config.ts';
import { renderSitemap } from '../../lib/syndicate/sitemap.ts';
import { readSitemapLists } from '../_data/directory.ts';

/** Lists only: the canonical address of a post is its publisher's. */
export async function GET(): Promise<Response> {
  await connection();
  const { siteUrl } = config();
  const lists = await readSitemapLists();
  const newest = lists.reduce((last, { lastAt }) => (lastAt > last ? lastAt : last), '');
  const body = renderSitemap([
    newest === '' ? { url: `${siteUrl}/` } : { url: `${siteUrl}/`, lastAt: newest },
    { url: `${siteUrl}/tags` },
    { url: `${siteUrl}/sources` },
    ...lists.map(({ kind, slug, lastAt }) => ({
      url: `${siteUrl}/${kind}/${encodeURIComponent(slug)}`,
      lastAt,
    })),
  ]);
  return new Response(body, {
    headers: {
      'content-type': 'application/xml; charset=utf-8',
      'cache-control': 'public, max-age=300',
    },
  });
}
