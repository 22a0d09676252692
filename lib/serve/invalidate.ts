import { everythingTag } from '../cache-tags.ts';
import { ownHeaders } from './own-calls.ts';
import { shared } from './shared.ts';

export const EVERYTHING_TAG = everythingTag();
/** The route where Next lets tags expire: outside a request it refuses to (Next 16.4). */
const REVALIDATE_PATH = '/api/internal/revalidate';
/** A batch that a request and Next's bookkeeping take easily; more go in several. */
const TAGS_A_CALL_MAX = 500;
const CALL_MS_MAX = 10_000;

/**
 * Makes tags stale on this process: in Next's caches through its own route, and from there
 * (next-use-cache.ts, next-page-cache.ts) in the response cache. Returns when the next reader
 * will see what is new.
 * @throws when the route does not answer well.
 */
export async function expireTags(tags: readonly string[]): Promise<void> {
  const { address, counters } = shared();
  const { address: bound, family, port } = await address.promise;
  const host = bound === '0.0.0.0' ? '127.0.0.1' : bound === '::' ? '::1' : bound;
  const url = `http://${family === 'IPv6' ? `[${host}]` : host}:${port}${REVALIDATE_PATH}`;
  for (let from = 0; from < tags.length; from += TAGS_A_CALL_MAX) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...ownHeaders() },
      body: JSON.stringify(tags.slice(from, from + TAGS_A_CALL_MAX)),
      signal: AbortSignal.timeout(CALL_MS_MAX),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${REVALIDATE_PATH} answered ${response.status}`);
  }
  counters.expired += tags.length;
}
