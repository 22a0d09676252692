import { isUtf8 } from 'node:buffer';
import { lookup } from 'node:dns';
import net from 'node:net';
import { Agent, buildConnector, errors, request } from 'undici';
import { config } from '../config.ts';
import { messageOf } from '../errors.ts';
import type { FetchErrorKind } from '../model/feed.ts';
import { BODY_BYTES_MAX, FETCH_MS_MAX, REDIRECTS_MAX } from '../model/fetch-policy.ts';
import type { Exchange } from '../model/fetching.ts';
import { checkAddress, checkUrl } from './guard.ts';
import { passBody, readBody } from './read-body.ts';
import { Refused } from './refused.ts';
import { userAgent } from './user-agent.ts';

const HEADER_BYTES_MAX = 32 * 1024;
const CONNECT_MS_MAX = 10_000;

export interface FetchRequest {
  url: string;
  headers?: Record<string, string>;
  /** Makes it a POST of these fields; of the answer's body no more than the start is read. */
  form?: URLSearchParams;
  /** Makes it a POST of this JSON; of the answer's body no more than the start is read. */
  json?: string;
  bodyBytesMax?: number;
  /** Keeps the beginning of a longer body instead of refusing it. */
  cutsBody?: boolean;
  deadlineMs?: number;
  /** False: a redirect is the answer, for whoever asks each host in its turn. */
  follows?: boolean;
  /** Calls the request off. */
  signal?: AbortSignal | undefined;
  /** Does the work of one hop when the host of its address may be asked. Waiting costs no time. */
  whenFree?: <T>(url: string, work: () => Promise<T>) => Promise<T>;
}

type Ended =
  | {
      kind: 'answered';
      status: number;
      headers: Record<string, string>;
      /** Decompressed. */
      body: Uint8Array;
      finalUrl: string;
      /** Whether each redirect on the way was permanent (301, 308); false without any. */
      movedPermanently: boolean;
    }
  | { kind: 'failed'; error: FetchErrorKind; message: string };

/** How it ended, and what it came to on the wire until then. */
export type FetchAnswer = Ended & { exchange: Exchange };

/**
 * Looks the name up and refuses at the moment of connecting, so that the address that was
 * checked is the one that is used (DNS rebinding), for literal addresses as well, which never
 * pass a `lookup` option.
 */
export const connectGuarded: buildConnector.connector = (options, callback) => {
  const host = options.hostname.replace(/^\[|\]$/gu, '');
  if (net.isIP(host) !== 0) {
    const verdict = checkAddress(host, config().fetchAllow);
    if (!verdict.allowed) {
      callback(new Refused('blocked', verdict.reason), null);
      return;
    }
  }
  connectByName(options, callback);
};

const connectByName = buildConnector({
  timeout: CONNECT_MS_MAX,
  lookup: (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const allow = config().fetchAllow;
      for (const { address } of addresses) {
        const verdict = checkAddress(address, allow);
        if (verdict.allowed) continue;
        return callback(new Refused('blocked', `${host} resolves to ${verdict.reason}`), '', 0);
      }
      if (options.all) return callback(null, addresses);
      const first = addresses[0];
      callback(null, first?.address ?? '', first?.family ?? 0);
    });
  },
});

let agent: Agent | undefined;

function guardedAgent(): Agent {
  agent ??= new Agent({
    connect: connectGuarded,
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: FETCH_MS_MAX,
    bodyTimeout: FETCH_MS_MAX,
    keepAliveTimeout: 4000,
    pipelining: 1,
  });
  return agent;
}

/** Closes kept connections; the next fetch opens new ones. */
export async function closeFetchConnections(): Promise<void> {
  const old = agent;
  agent = undefined;
  await old?.destroy();
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const PERMANENT = new Set([301, 308]);
/** The only ones that say to send a form again elsewhere (RFC 9110, 15.4.8 and 15.4.9). */
const FORM_REDIRECTS = new Set([307, 308]);
/** What is read of the answer to a POST: some sentences, for people. */
const POST_ANSWER_BYTES_MAX = 2048;

/**
 * One guarded GET, or POST of a form. Redirects are followed by hand: each hop passes the guard,
 * and permanent ones are told apart. A form goes on with 307 and 308 only; other redirects are its
 * answer. Expected failures are values; limits are the constants above.
 */
export async function fetchGuarded(wanted: FetchRequest): Promise<FetchAnswer> {
  const started = performance.now();
  const exchange: Exchange = {
    requests: 0,
    status: null,
    isConditional: ['if-none-match', 'if-modified-since'].some((name) => wanted.headers?.[name]),
    wireBytes: 0,
    bodyBytes: 0,
    ms: 0,
  };
  const ended = await followRedirects(wanted, exchange);
  return { ...ended, exchange: { ...exchange, ms: Math.round(performance.now() - started) } };
}

async function followRedirects(wanted: FetchRequest, exchange: Exchange): Promise<Ended> {
  const deadlineMs = wanted.deadlineMs ?? FETCH_MS_MAX;
  const { whenFree = (_: string, work) => work() } = wanted;
  // Of the time for all hops together, without what it took until a host could be asked.
  let leftMs = deadlineMs;
  const ask = async (url: string) => {
    const started = performance.now();
    const deadline = AbortSignal.timeout(Math.ceil(leftMs));
    const signal = wanted.signal ? AbortSignal.any([deadline, wanted.signal]) : deadline;
    const verdict = await unlessAborted(checkUrl(url, config().fetchAllow), signal);
    if (!verdict.allowed) throw refusal(verdict.reason);
    const answer = await askOnce(url, wanted, signal, exchange);
    leftMs = Math.max(1, leftMs - (performance.now() - started));
    return answer;
  };
  const followed = bodyOf(wanted) === undefined ? REDIRECTS : FORM_REDIRECTS;
  let url = wanted.url;
  let movedPermanently = false;
  try {
    for (let hops = 0; ; hops++) {
      const hop = url;
      const answer = await whenFree(hop, () => ask(hop));
      const location = textOfLocation(answer.headers.location);
      const isAnswer = wanted.follows === false || !followed.has(answer.status);
      if (isAnswer || location === undefined) {
        return { kind: 'answered', ...answer, finalUrl: url, movedPermanently };
      }
      if (hops === REDIRECTS_MAX) {
        throw new Refused('too-many-redirects', `more than ${REDIRECTS_MAX} redirects`);
      }
      if (!URL.canParse(location, url)) {
        throw new Refused('bad-redirect', `redirected to "${location.slice(0, 100)}", no address`);
      }
      movedPermanently = PERMANENT.has(answer.status) && (hops === 0 || movedPermanently);
      url = new URL(location, url).href;
    }
  } catch (error) {
    return describeFailure(error, url, deadlineMs);
  }
}

/**
 * An address in a header. Headers come byte by byte as Latin-1; many servers send addresses in
 * UTF-8 unescaped, and browsers read them so.
 */
function textOfLocation(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const bytes = Buffer.from(given, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : given;
}

/** Fields that are lists, and may come in several lines (RFC 9110, 5.3). */
const LIST_FIELDS = new Set([
  'cache-control',
  'content-encoding',
  'content-signal',
  'content-usage',
  'link',
]);
/** A list whose lines mean something: a robot named in one is not meant by the next. */
const LINES_FIELD = 'x-robots-tag';

/** Of a field that is sent twice, though it is no list, the first value counts. */
function readHeaders(sent: Record<string, string | string[] | undefined>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(sent)) {
    const values = [value].flat();
    if (name === LINES_FIELD) headers[name] = values.join('\n');
    else headers[name] = (LIST_FIELDS.has(name) ? values.join(', ') : values[0]) ?? '';
  }
  return headers;
}

/**
 * Waits for what cannot be called off: a look-up takes as long as name servers like, which may be
 * liars, and undici hears of `signal` only when it has a connection.
 */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function refusal(reason: string): Refused {
  return new Refused(/cannot be resolved|has no address/u.test(reason) ? 'dns' : 'blocked', reason);
}

/** Failures before anything was sent. */
const NEVER_SENT: ReadonlySet<FetchErrorKind> = new Set(['dns', 'refused', 'blocked', 'tls']);

/** What is sent with a request, and how. */
function bodyOf({ form, json }: FetchRequest) {
  const body = form?.toString() ?? json;
  if (body === undefined) return undefined;
  const type = form ? 'application/x-www-form-urlencoded' : 'application/json';
  return { type, options: { method: 'POST', body } as const };
}

async function askOnce(url: string, wanted: FetchRequest, signal: AbortSignal, tally: Exchange) {
  const sent = bodyOf(wanted);
  const asked = request(url, {
    dispatcher: guardedAgent(),
    signal,
    headers: {
      'user-agent': userAgent(),
      'accept-encoding': sent ? 'identity' : 'br, gzip, deflate, zstd',
      ...(sent ? { 'content-type': sent.type } : {}),
      ...wanted.headers,
    },
    ...sent?.options,
  });
  const answer = await unlessAborted(asked, signal).catch((error) => {
    const failed = describeFailure(error, url, 0);
    if (failed.kind === 'failed' && !NEVER_SENT.has(failed.error)) tally.requests++;
    throw error;
  });
  const headers = readHeaders(answer.headers);
  const status = answer.statusCode;
  tally.requests++;
  tally.status = status;
  if (sent !== undefined) {
    const start = { contentEncoding: undefined, bytesMax: POST_ANSWER_BYTES_MAX, cuts: true };
    return { status, headers, body: await readBody(answer.body, start, tally) };
  }
  if (status !== 200) {
    await passBody(answer.body, tally, wanted.signal);
    return { status, headers, body: new Uint8Array() };
  }
  const limits = {
    contentEncoding: headers['content-encoding'],
    bytesMax: wanted.bodyBytesMax ?? BODY_BYTES_MAX,
    cuts: wanted.cutsBody ?? false,
  };
  return { status, headers, body: await readBody(answer.body, limits, tally) };
}

const CODES: Record<string, [FetchErrorKind, string]> = {
  ENOTFOUND: ['dns', 'its name cannot be resolved'],
  EAI_AGAIN: ['dns', 'its name cannot be resolved just now'],
  ECONNREFUSED: ['refused', 'nothing listens there'],
  ECONNRESET: ['connection', 'it closed the connection'],
  EPIPE: ['connection', 'it closed the connection'],
  EHOSTUNREACH: ['connection', 'its network cannot be reached'],
  ENETUNREACH: ['connection', 'its network cannot be reached'],
  ETIMEDOUT: ['timeout', 'it did not answer in time'],
  UND_ERR_CONNECT_TIMEOUT: ['timeout', 'it did not answer in time'],
  UND_ERR_HEADERS_TIMEOUT: ['timeout', 'it did not answer in time'],
  UND_ERR_BODY_TIMEOUT: ['timeout', 'it stopped in the middle of its answer'],
  UND_ERR_SOCKET: ['connection', 'it closed the connection'],
  UND_ERR_HEADERS_OVERFLOW: ['too-large', `its headers are over ${HEADER_BYTES_MAX / 1024} KB`],
};

function describeFailure(error: unknown, url: string, deadlineMs: number): Ended {
  const host = URL.canParse(url) ? new URL(url).host : url.slice(0, 100);
  const failed = (kind: FetchErrorKind, why: string): Ended => ({
    kind: 'failed',
    error: kind,
    message: `${host}: ${why}`,
  });
  const refused = findRefused(error);
  if (refused) return failed(refused.error, refused.message);
  const { name, code = '' } = error as { name?: string; code?: string };
  if (name === 'TimeoutError') return failed('timeout', `not done after ${deadlineMs / 1000} s`);
  const known = CODES[code];
  if (known) return failed(known[0], known[1]);
  if (/CERT|SSL|TLS|ALTNAME|SIGNATURE|ISSUER/u.test(code)) {
    return failed('tls', `its certificate or TLS does not hold: ${messageOf(error)}`);
  }
  if (/^(Z_|ERR__|ERR_.*COMPRESS|ZSTD)/u.test(code)) {
    return failed('encoding', `its compressed answer is broken: ${messageOf(error)}`);
  }
  if (error instanceof errors.UndiciError || error instanceof Error) {
    return failed('connection', messageOf(error));
  }
  throw error;
}

function findRefused(error: unknown): Refused | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof Refused) return at;
  return undefined;
}
