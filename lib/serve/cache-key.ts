import type { IncomingHttpHeaders } from 'node:http';
import { BEFORE, DEFAULT_VIEW, VIEWS } from '../model/list-address.ts';

/** How a request is answered. */
export type Route =
  /** For all readers alike: kept by `key`, rendered from `url` and nothing else. */
  | { kind: 'shared'; key: string; url: string; immutable: boolean }
  /** For this reader only. */
  | { kind: 'own' }
  /** Passed through as it comes, without being held in memory. */
  | { kind: 'stream' };

const URL_CHARACTERS_MAX = 1000;

/** Depend on more than the address, must be up to the second, or change something. */
const OWN_PATH = /^\/(admin|alerts|search|api|websub|mail|healthz|readyz|metrics)(\/|\.|$)/u;
const STREAM_PATH = /^\/img(\/|$)/u;
/** Files named by the hash of their content. */
const HASHED_PATH = /^\/_next\/static\//u;
/** Files of public/: they change with a new version of the site, which starts with no memory. */
const PUBLIC_FILE = /^\/(fonts\/)?[\w-]+\.(js|css|svg|png|ico|woff2|webmanifest)$/u;
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
  if (HASHED_PATH.test(path) || PUBLIC_FILE.test(path))
    return { kind: 'shared', key: path, url: path, immutable: true };
  const query = mark < 0 ? '' : listQuery(target.slice(mark + 1));
  const url = query === '' ? path : `${path}?${query}`;
  return { kind: 'shared', key: url, url, immutable: false };
}

/** What a list of posts knows of a query, in one order. Anything else means nothing to it. */
function listQuery(query: string): string {
  const given = new URLSearchParams(query);
  const known = new URLSearchParams();
  const before = given.get('before');
  if (before !== null && BEFORE.test(before)) known.set('before', before);
  const view = VIEWS.find((each) => each === given.get('view'));
  if (view !== undefined && view !== DEFAULT_VIEW) known.set('view', view);
  return known.toString();
}
