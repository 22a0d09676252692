import type { IncomingMessage, ServerResponse } from 'node:http';
import { config } from '../config.ts';
import { log } from '../log.ts';
import { NOTHING_PATH, plainFeedPlace, STATUS_META } from '../model/list-address.ts';
import { USE_METAS } from '../model/use-wish.ts';
import { type Answer, type Application, gatherAnswer } from './answer.ts';
import { type Route, routeOf } from './cache-key.ts';
import { addressSet, clientAddress } from './client-address.ts';
import type { CacheResult } from './counters.ts';
import { chooseEncoding, encode, isCompressible, matchesEtag } from './encoding.ts';
import { ErrorPages, sharedHeaders } from './error-pages.ts';
import { formTarget } from './forms.ts';
import { LastModified } from './last-modified.ts';
import { isNear, settleOwnHeaders } from './own-calls.ts';
import { RenderTags } from './render-tags.ts';
import { Entry } from './response-cache.ts';
import { INERT_POLICY, pagePolicy, securityHeaders } from './security-headers.ts';
import { shared } from './shared.ts';
import { settleLength } from './stream-length.ts';
import { takeOutScripts } from './take-out-scripts.ts';

/** One render that several readers wait for. */
interface Flight {
  began: number;
  entry: Promise<Entry>;
}

/** Only these statuses are for all readers alike. */
const SHARED_STATUSES = new Set([200, 404, 410]);
/** A page cannot set its status (Next 16.4), but it can ask for one. */
const ASKED_STATUS = new RegExp(`<meta name="${STATUS_META}" content="(\\d{3})"/>`, 'u');
/** Nor can it set headers; a reader of headers alone is to know what the page says of its use. */
const USE_META = new RegExp(`<meta name="(${USE_METAS.join('|')})" content="([^"]*)"/>`, 'gu');
/** Next's words about its own caches: of no use to a reader, and wrong behind this one. */
const DROPPED_HEADERS = [
  'x-nextjs-cache',
  'x-nextjs-prerender',
  'x-nextjs-stale-time',
  'x-nextjs-postponed',
  'x-next-cache-tags',
  'x-powered-by',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'etag',
  'date',
];
/** Of these, browsers show the source (Chromium) or a question where to save them (Firefox). */
const FEED_TYPE = /^application\/(rss|atom)\+xml\b/u;
/** The same bytes as what they are beside being feeds, for who opens one in a browser. */
const SHOWN_TYPE = 'application/xml; charset=utf-8';
/** A browser asks each time and mostly hears "not modified": a withdrawn post is gone at once. */
const PAGE_CACHE_CONTROL = 'public, max-age=0, must-revalidate';

/** What one reader asked for, beside the address. */
interface Wish {
  isHead: boolean;
  acceptEncoding: string | undefined;
  ifNoneMatch: string | undefined;
  ifModifiedSince: string | undefined;
  /** A browser wants to show it, as a page of its own. */
  isShown: boolean;
}

type SharedRoute = Extract<Route, { kind: 'shared' }>;

/**
 * Stands in front of an application (Next) and answers for it where it can:
 * - what is for all readers alike is rendered once, from its address alone, and kept until one
 *   of the cache tags that its render read is dropped (or 5 minutes);
 * - a stampede renders once; a render that began before an invalidation is shared with nobody
 *   who came after it;
 * - every body is compressed once, has a strong ETag per encoding, and answers HEAD and 304;
 * - every HTML page, kept or not, is held whole before it is sent, and loses the framework's
 *   scripts: what is left is a document, and its policy allows files of ours and nothing inline.
 */
export class Front {
  readonly #application: Application;
  readonly #errorPages: ErrorPages;
  readonly #flights = new Map<string, Flight>();
  readonly #modified = new LastModified();
  readonly #siteUrl = config().siteUrl;
  readonly #headers = securityHeaders(this.#siteUrl);
  readonly #trusted = addressSet(config().trustProxy);

  constructor(application: Application) {
    this.#application = application;
    this.#errorPages = new ErrorPages(application);
  }

  /** Answers one request. @throws when the application breaks off before it has answered. */
  async answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(this.#headers)) res.setHeader(name, value);
    const near = isNear(req);
    if (req.url?.startsWith('/api/internal/') && !near) {
      res.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('Not found.\n');
      return;
    }
    this.#settleHeaders(req, near);
    req.url = formTarget(req.method ?? 'GET', plainFeedPlace(readable(req.url ?? '/')));
    const route = routeOf(req.method ?? 'GET', req.url, req.headers);
    const wish = wishOf(req);
    switch (route.kind) {
      case 'stream':
        settleLength(res);
        this.#application(req, res);
        return;
      case 'own':
        return this.#answerOwn(req, res, wish);
      case 'shared': {
        const kept = shared().cache.get(route.key, Date.now());
        if (kept !== undefined) return send(res, wish, kept, 'HIT');
        return send(res, wish, await this.#render(req, route), 'MISS');
      }
    }
  }

  /** From here on X-Forwarded-For is one address, and ours; other claims of its kind are gone. */
  #settleHeaders(req: IncomingMessage, near: boolean): void {
    const peer = req.socket.remoteAddress ?? '';
    const client = clientAddress(peer, req.headers['x-forwarded-for']?.toString(), this.#trusted);
    settleOwnHeaders(req.headers, near);
    req.headers['x-forwarded-for'] = client;
    req.headers['x-forwarded-proto'] = new URL(this.#siteUrl).protocol.slice(0, -1);
  }

  #render(req: IncomingMessage, route: SharedRoute): Promise<Entry> {
    const began = shared().cache.generation;
    const flying = this.#flights.get(route.key);
    if (flying?.began === began) return flying.entry;
    const flight: Flight = { began, entry: this.#renderShared(req, route, began) };
    this.#flights.set(route.key, flight);
    const land = () => {
      if (this.#flights.get(route.key) === flight) this.#flights.delete(route.key);
    };
    flight.entry.then(land, land);
    return flight.entry;
  }

  async #renderShared(req: IncomingMessage, route: SharedRoute, began: number): Promise<Entry> {
    const { cache, counters, renders } = shared();
    // Nothing of this one reader but the address goes into what all will read.
    req.headers = sharedHeaders();
    req.method = 'GET';
    req.url = route.url;
    const render = new RenderTags(began);
    const answer = await renders.run(render, () => this.#gather(req));
    const entry = new Entry(finishShared(answer, route), Date.now(), route.immutable);
    this.#settleModified(route.key, entry);
    if (!SHARED_STATUSES.has(entry.answer.status) || answer.headers['set-cookie']) return entry;
    if (route.immutable) {
      if (answer.status === 200) cache.put(route.key, entry, [], began);
      return entry;
    }
    // Readers do not wait for this: some tags are known only just after the page's end.
    void render.complete().then((tags) => {
      if (tags === undefined) counters.untagged += 1;
      else if (!cache.put(route.key, entry, tags, began)) counters.overtaken += 1;
    });
    return entry;
  }

  #settleModified(key: string, entry: Entry): void {
    const { answer } = entry;
    const own = answer.headers['last-modified'];
    if (own === undefined || answer.status !== 200) return;
    const settled = this.#modified.settle(key, entry.etag('identity'), String(own), Date.now());
    if (settled === undefined) delete answer.headers['last-modified'];
    else answer.headers['last-modified'] = settled;
  }

  async #gather(req: IncomingMessage, reader?: ServerResponse): Promise<Answer> {
    const path = (req.url ?? '').replace(/\?.*$/su, '');
    return this.#errorPages.fill(await gatherAnswer(this.#application, req, reader), path);
  }

  async #answerOwn(req: IncomingMessage, res: ServerResponse, wish: Wish): Promise<void> {
    const { cache, counters, renders } = shared();
    const answer = finish(
      await renders.run(new RenderTags(cache.generation), () => this.#gather(req, res)),
    );
    // It says when it last changed, so a reader may ask whether it has: feeds of searches.
    if (answer.status === 200 && answer.headers['last-modified'] !== undefined) {
      const entry = new Entry(answer, Date.now());
      this.#settleModified(req.url ?? '', entry);
      return send(res, wish, entry, 'BYPASS');
    }
    counters.results.BYPASS += 1;
    if (/s-maxage|^$/u.test(String(answer.headers['cache-control'] ?? ''))) {
      answer.headers['cache-control'] = 'private, no-store';
    }
    const encoding = isCompressible(answer) ? chooseEncoding(wish.acceptEncoding) : 'identity';
    const body = await encode(answer.body, encoding);
    sendHeaders(res, answer, 'BYPASS');
    if (encoding !== 'identity') res.setHeader('content-encoding', encoding);
    if (answer.status === 204 || answer.status === 304) {
      res.writeHead(answer.status).end();
    } else {
      // For HEAD an application may leave the body away, so its length is not known.
      if (!wish.isHead) res.setHeader('content-length', body.length);
      res.writeHead(answer.status).end(wish.isHead ? undefined : body);
    }
  }
}

/**
 * The target, or that of no page where its path says nothing in UTF-8 or has control characters,
 * which Postgres does not take in a text: either would be answered with 500.
 */
function readable(target: string): string {
  try {
    const path = decodeURIComponent(target.replace(/\?.*$/su, ''));
    return /\p{Cc}/u.test(path) ? NOTHING_PATH : target;
  } catch {
    return NOTHING_PATH;
  }
}

function wishOf(req: IncomingMessage): Wish {
  return {
    isHead: req.method === 'HEAD',
    acceptEncoding: req.headers['accept-encoding']?.toString(),
    ifNoneMatch: req.headers['if-none-match'],
    ifModifiedSince: req.headers['if-modified-since'],
    isShown: req.headers['sec-fetch-dest'] === 'document',
  };
}

/** Takes out what is only between Next and us, and gives a page its policy. */
function finish(answer: Answer): Answer {
  const headers = { ...answer.headers };
  for (const name of DROPPED_HEADERS) delete headers[name];
  if (!String(headers['content-type'] ?? '').startsWith('text/html')) {
    headers['content-security-policy'] = INERT_POLICY;
    return { ...answer, headers };
  }
  const page = takeOutScripts(answer.body.toString('utf8'));
  if (page.hasLatePart) log.error('serve.late_part', { why: 'a page is not rendered whole' });
  headers['content-security-policy'] = pagePolicy(config().pictures);
  for (const [, name = '', value = ''] of page.html.matchAll(USE_META)) {
    // The only character of these values that HTML escapes (lib/model/use-wish.ts).
    headers[name] = value.replaceAll('&amp;', '&');
  }
  const asked = answer.status === 200 ? ASKED_STATUS.exec(page.html)?.[1] : undefined;
  const status = asked === undefined ? answer.status : Number(asked);
  return { status, headers, body: Buffer.from(page.html) };
}

function finishShared(answer: Answer, route: SharedRoute): Answer {
  const finished = finish(answer);
  // Next varies by headers of its own requests, which are never answered here.
  delete finished.headers.vary;
  if (route.immutable) delete finished.headers['content-security-policy'];
  // Next speaks of its own caches, which are not the ones that readers meet.
  else if (/s-maxage|no-store|^$/u.test(String(finished.headers['cache-control'] ?? ''))) {
    finished.headers['cache-control'] = PAGE_CACHE_CONTROL;
  }
  return finished;
}

function sendHeaders(res: ServerResponse, answer: Answer, result: CacheResult): void {
  for (const [name, value] of Object.entries(answer.headers)) {
    // A copy: what is appended to a list would stay in the kept answer's own, hit for hit.
    res.setHeader(name, Array.isArray(value) ? [...value] : value);
  }
  if (isCompressible(answer)) res.appendHeader('vary', 'accept-encoding');
  res.setHeader('x-tagwire-cache', result);
}

async function send(
  res: ServerResponse,
  wish: Wish,
  entry: Entry,
  result: CacheResult,
): Promise<void> {
  const { counters } = shared();
  counters.results[result] += 1;
  const { answer } = entry;
  const encoding = isCompressible(answer) ? chooseEncoding(wish.acceptEncoding) : 'identity';
  sendHeaders(res, answer, result);
  if (FEED_TYPE.test(String(answer.headers['content-type']))) {
    res.appendHeader('vary', 'sec-fetch-dest');
    if (wish.isShown) res.setHeader('content-type', SHOWN_TYPE);
  }
  if (answer.status === 200) {
    const etag = entry.etag(encoding);
    res.setHeader('etag', etag);
    if (isNotModified(wish, etag, answer)) {
      counters.notModified += 1;
      res.removeHeader('content-type');
      res.writeHead(304).end();
      return;
    }
  }
  const body = await entry.body(encoding);
  if (encoding !== 'identity') res.setHeader('content-encoding', encoding);
  res.setHeader('content-length', body.length);
  res.writeHead(answer.status).end(wish.isHead ? undefined : body);
}

/**
 * RFC 9110, section 13.2.2: If-None-Match decides alone where it is sent. Without it, the time must
 * be the very one that goes with this content: a document whose newest part left is older.
 */
function isNotModified(wish: Wish, etag: string, answer: Answer): boolean {
  if (wish.ifNoneMatch !== undefined) return matchesEtag(wish.ifNoneMatch, etag);
  const changed = Date.parse(String(answer.headers['last-modified'] ?? ''));
  const since = Date.parse(wish.ifModifiedSince ?? '');
  return changed === since;
}
