import path from 'node:path';
import { feedRedirects, pageRewrites } from './lib/model/list-address.ts';

const besideHere = (file) => path.resolve(import.meta.dirname, file);

/** @type {import('next').NextConfig} */
export default {
  // docs/decisions/0005-next-caching.md: real 404s and cacheable archives.
  cacheComponents: true,
  partialPrefetching: false,
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm run check` does it; a build need not do it again.
  typescript: { ignoreBuildErrors: true },
  // lib/serve compresses once and keeps the result.
  compress: false,
  // It also holds pages whole before it sends them, so their heads need not come late.
  htmlLimitedBots: /.*/,
  cacheHandler: besideHere('lib/serve/next-page-cache.ts'),
  cacheHandlers: { default: besideHere('lib/serve/next-use-cache.ts') },
  experimental: {
    // Pages on disk would outlive a restart, and with it the memory of what became stale.
    isrFlushToDisk: false,
  },
  outputFileTracingRoot: besideHere('.'),
  // Lists read from their path alone, so that they can be kept and unknown ones are real 404s.
  rewrites: async () => ({ beforeFiles: pageRewrites() }),
  redirects: async () => [
    // The inner addresses of pages are nobody's to ask for.
    {
      source: '/(list|pages|feeds|tag-log|tag-index|source-index)/:path*',
      destination: '/nothing-here',
      permanent: true,
    },
    // The usual order names itself in no address.
    { source: '/tags/by-name', destination: '/tags', permanent: true },
    ...feedRedirects(),
  ],
};
