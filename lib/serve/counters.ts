import type { PictureRefusal } from '../model/picture.ts';

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

/** How a request for a picture was answered (lib/pictures): `disk` is a hit, `web` a miss. */
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
  /** Bytes of pictures that went to readers. */
  pictureBytes = 0;
  /** Pictures that were fetched in vain. */
  readonly pictureRefusals: Record<PictureRefusal, number> = {
    dns: 0,
    refused: 0,
    timeout: 0,
    tls: 0,
    connection: 0,
    blocked: 0,
    'too-large': 0,
    'too-many-redirects': 0,
    'bad-redirect': 0,
    http: 0,
    encoding: 0,
    'not-a-picture': 0,
    'too-many-pixels': 0,
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
