export type CacheResult = 'HIT' | 'MISS' | 'BYPASS';

/** Plain numbers for /metrics: counting costs a hit nothing worth naming. */
export class CacheCounters {
  readonly results: Record<CacheResult, number> = { HIT: 0, MISS: 0, BYPASS: 0 };
  notModified = 0;
  /** Renders that were not kept, because what they read had changed meanwhile. */
  overtaken = 0;
  /** Renders that were not kept, because what they read is not known. */
  untagged = 0;
  /** Cache tags that were made stale. */
  expired = 0;
}
