import { createRequire } from 'node:module';
import type { CacheHandler } from 'next/dist/server/lib/cache-handlers/types.d.ts';
import { EVERYTHING_TAG } from './invalidate.ts';
import { PendingTags } from './render-tags.ts';
import { shared } from './shared.ts';

/** What `'use cache'` functions returned. Next's own default is the same size. */
const DATA_BYTES_MAX = 50 * 1024 * 1024;

// The package is CommonJS whose `default` an ES import would wrap once more.
const { createDefaultCacheHandler } = createRequire(import.meta.url)(
  'next/dist/server/lib/cache-handlers/default',
) as typeof import('next/dist/server/lib/cache-handlers/default.d.ts');

const pending = new PendingTags();
let inner = createDefaultCacheHandler(DATA_BYTES_MAX);

/**
 * Next's in-memory store of `'use cache'` results, which also tells the render that reads one
 * which cache tags it bears, and the response cache which tags have expired. next.config.js
 * names this file (`cacheHandlers.default`).
 */
const handler: CacheHandler = {
  async get(key, softTags) {
    const render = shared().renders.getStore();
    const entry = await inner.get(key, softTags);
    if (entry === undefined) render?.await(pending.waitFor(key));
    else render?.add(entry.tags);
    return entry;
  },
  async set(key, pendingEntry) {
    const stored = inner.set(key, pendingEntry);
    pending.made(key, (await pendingEntry).tags);
    await stored;
  },
  refreshTags: () => inner.refreshTags(),
  getExpiration: (tags) => inner.getExpiration(tags),
  async updateTags(tags, durations) {
    const isEverything = tags.includes(EVERYTHING_TAG);
    if (isEverything) inner = createDefaultCacheHandler(DATA_BYTES_MAX);
    await inner.updateTags(tags, durations);
    if (isEverything) shared().cache.dropAll();
    else shared().cache.drop(tags);
  },
};

export default handler;
