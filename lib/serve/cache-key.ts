import type { IncomingHttpHeaders } from 'node:http';

/** How a request is answered. */
export type Route =
  /** For all readers alike: kept by `key`, rendered from `url` and nothing else. */
  | { kind: 'shared'; key: string; url: string; immutable: boolean }
  /** For this reader only. */
  | { kind: 'own' }
  /** Passed through as it comes, without being held in memory. */
  | { kind: 'stream' };

/** The query parameters that lists of posts know. Others must not multiply the cache. */
const LIST_PARAMETERS = ['before', 'view'];
/** Longer values name nothing that exists. */
const PARAMETER_CHARACTERS_MAX = 200;
const URL_CHARACTERS_MAX = 1000;

/** Depend on more than the address, must be up to the second, or change something. */
const OWN_PATH = /^\/(admin|alerts|search|api|websub|healthz|readyz|metrics)(\/|\.|$)/u;
const STREAM_PATH = /^\/img(\/|$)/u;
/** Named by the hash of their content. */
const IMMUTABLE_PATH = /^\/_next\/static\//u;
/** Next's requests between its own pages: parts of a page, chosen by headers. */
const NEXT_HEADERS = ['rsc', 'next-action', 'next-router-prefetch', 'next-router-state-tree'];

/**
 * Decides from method, address and headers how a request is answered. Unknown query parameters
 * are left out of `url` too, so no page can show what its key does not hold.
 */
export function routeOf(method: string, target: string, headers: IncomingHttpHeaders): Route {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  if (STREAM_PATH.test(path)) return { kind: 'stream' };
  if (method !== 'GET' && method !== 'HEAD') return { kind: 'own' };
  if (!path.startsWith('/') || path.startsWith('//')) return { kind: 'own' };
  if (target.length > URL_CHARACTERS_MAX || OWN_PATH.test(path)) return { kind: 'own' };
  if (headers.cookie !== undefined || headers.authorization !== undefined) return { kind: 'own' };
  if (NEXT_HEADERS.some((name) => headers[name] !== undefined)) return { kind: 'own' };
  if (IMMUTABLE_PATH.test(path)) return { kind: 'shared', key: path, url: path, immutable: true };
  const query = mark < 0 ? '' : knownQuery(target.slice(mark + 1));
  if (query === undefined) return { kind: 'own' };
  const url = query === '' ? path : `${path}?${query}`;
  return { kind: 'shared', key: url, url, immutable: false };
}

/** Known parameters, once each, in one order; undefined when a value is out of bounds. */
function knownQuery(query: string): string | undefined {
  const given = new URLSearchParams(query);
  const known = new URLSearchParams();
  for (const name of LIST_PARAMETERS) {
    const value = given.get(name);
    if (value === null) continue;
    if (value.length > PARAMETER_CHARACTERS_MAX) return undefined;
    known.set(name, value);
  }
  return known.toString();
}
