import { connection } from 'next/server';
import { config } from '../../lib/config.ts';

/**
 * Searches, tags together and one person's pages are of no use to a search engine; deep pages are
 * few.
 */
export async function GET(): Promise<Response> {
  await connection();
  const lines = [
    'User-agent: *',
    'Disallow: /admin',
    'Disallow: /alerts/',
    'Disallow: /api/',
    'Disallow: /search',
    'Disallow: /tag/*+',
    'Disallow: /tag/*~',
    'Disallow: /*?view=',
    '',
    `Sitemap: ${config().siteUrl}/sitemap.xml`,
    '',
  ];
  return new Response(lines.join('\n'), {
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'public, max-age=3600',
    },
  });
}
