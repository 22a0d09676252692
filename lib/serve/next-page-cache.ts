import { createRequire } from 'node:module';
import { EVERYTHING_TAG } from './invalidate.ts';
import { shared } from './shared.ts';

const { default: FileSystemCache } = createRequire(import.meta.url)(
  'next/dist/server/lib/incremental-cache/file-system-cache',
) as typeof import('next/dist/server/lib/incremental-cache/file-system-cache.d.ts');

type Base = InstanceType<typeof FileSystemCache>;
type Found = Awaited<ReturnType<Base['get']>>;

/** Next's name for the header in which it keeps a page's tags; sent to no reader. */
const TAGS_HEADER = 'x-next-cache-tags';

let droppedAllAtMs = 0;

function tagsOf(value: unknown): string[] {
  const headers = (value as { headers?: Record<string, unknown> } | null | undefined)?.headers;
  const tags = headers?.[TAGS_HEADER];
  return typeof tags === 'string' ? tags.split(',') : [];
}

/**
 * Next's store of rendered pages, kept in memory only, with two additions: it tells the render
 * which tags a page bears, and it refuses a page whose render began before one of its tags
 * expired. Next itself stamps a page when its render ends, so a page that was being rendered
 * during a change would count as fresh. next.config.js names this file (`cacheHandler`).
 */
export default class NextPageCache extends FileSystemCache {
  override async get(...args: Parameters<Base['get']>): Promise<Found> {
    const found = await super.get(...args);
    if (found?.lastModified !== undefined && found.lastModified < droppedAllAtMs) return null;
    shared().renders.getStore()?.add(tagsOf(found?.value));
    return found;
  }

  override async set(...args: Parameters<Base['set']>): Promise<void> {
    const tags = tagsOf(args[1]);
    const { cache, renders } = shared();
    const render = renders.getStore();
    render?.add(tags);
    if (render !== undefined && cache.isOvertaken(tags, render.began)) return;
    await super.set(...args);
  }

  override async revalidateTag(...args: Parameters<Base['revalidateTag']>): Promise<void> {
    await super.revalidateTag(...args);
    const tags = [args[0]].flat();
    const { cache } = shared();
    if (tags.includes(EVERYTHING_TAG)) {
      droppedAllAtMs = Date.now();
      cache.dropAll();
    } else {
      cache.drop(tags);
    }
  }
}
