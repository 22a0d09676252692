import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { CacheCounters } from './counters.ts';
import type { RenderTags } from './render-tags.ts';
import { ResponseCache } from './response-cache.ts';

interface Shared {
  cache: ResponseCache;
  counters: CacheCounters;
  /** What the render that is now running has read. */
  renders: AsyncLocalStorage<RenderTags>;
  /** Where this process listens, once it does. */
  address: PromiseWithResolvers<AddressInfo>;
  /** Ids of the cache events of the last minute that this process has applied. */
  appliedEvents: ReadonlySet<string>;
  /** Lets this process, and none other, call its own routes. */
  ownKey: Buffer;
}

const OWN_KEY_BYTES = 32;

const SHARED = Symbol.for('tagwire.serve');

/**
 * What this process shares between the listener in front of Next, Next's cache handlers and the
 * bundled routes: each has its own copy of this module, so it lives on globalThis.
 */
export function shared(): Shared {
  const home = globalThis as { [SHARED]?: Shared };
  home[SHARED] ??= {
    cache: new ResponseCache(),
    counters: new CacheCounters(),
    renders: new AsyncLocalStorage(),
    address: Promise.withResolvers(),
    appliedEvents: new Set(),
    ownKey: randomBytes(OWN_KEY_BYTES),
  };
  return home[SHARED];
}
