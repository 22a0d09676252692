import path from 'node:path';

/** @type {import('next').NextConfig} */
export default {
  // docs/decisions/0005-next-caching.md: real 404s and cacheable archives.
  cacheComponents: true,
  partialPrefetching: false,
  poweredByHeader: false,
  reactStrictMode: true,
  // lib/serve compresses once and keeps the result.
  compress: false,
  outputFileTracingRoot: path.resolve(import.meta.dirname),
};
