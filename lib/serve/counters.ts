export type CacheResult = 'HIT' | 'MISS' | 'BYPASS';

/** How a push of a hub was answered (lib/commands/websub.ts). */
export type PushResult =
  | 'kept'
  | 'ignored'
  | 'forged'
  | 'too-large'
  | 'unknown'
  | 'gone'
  | 'too-many';

/** How a request for a picture was answered (lib/pictures). */
export type PictureResult = 'disk' | 'web' | 'missing' | 'busy' | 'unknown';

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
  readonly pictures: Record<PictureResult, number> = {
    disk: 0,
    web: 0,
    missing: 0,
    busy: 0,
    unknown: 0,
  };
  readonly pushes: Record<PushResult, number> = {
    kept: 0,
    ignored: 0,
    forged: 0,
    'too-large': 0,
    unknown: 0,
    gone: 0,
    'too-many': 0,
  };
}
