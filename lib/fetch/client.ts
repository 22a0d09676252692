import { lookup } from 'node:dns';
import net from 'node:net';
import { Agent, buildConnector, errors, request } from 'undici';
import packageJson from '../../package.json' with { type: 'json' };
import { config } from '../config.ts';
import { messageOf } from '../errors.ts';
import type { FetchErrorKind } from '../model/feed.ts';
import { checkAddress, checkUrl } from './guard.ts';
import { readLimited, readStart } from './read-body.ts';
import { Refused } from './refused.ts';

/** A feed over this size is a mistake or an attack; the largest real one seen has 5 MB. */
export const BODY_BYTES_MAX = 8 * 1024 * 1024;
/** From the first look-up to the last byte, with all redirects. A slow drip ends here. */
export const FETCH_MS_MAX = 20_000;
const REDIRECTS_MAX = 5;
const HEADER_BYTES_MAX = 32 * 1024;
const CONNECT_MS_MAX = 10_000;

export interface FetchRequest {
  url: string;
  headers?: Record<string, string>;
  /** Makes it a POST of these fields; of the answer's body no more than the start is read. */
  form?: URLSearchParams;
  bodyBytesMax?: number;
  deadlineMs?: number;
  /** Calls the request off. */
  signal?: AbortSignal | undefined;
}

export type FetchAnswer =
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

/** What we say of ourselves; `/bot` explains it to publishers. */
function userAgent(): string {
  const { siteUrl, operatorContact } = config();
  const contact = operatorContact ? `; ${operatorContact.replace(/[^\x20-\x7e]|[()]/gu, '')}` : '';
  return `Tagwire/${packageJson.version} (+${siteUrl}/bot${contact})`;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const PERMANENT = new Set([301, 308]);
/** The only ones that say to send a form again elsewhere (RFC 9110, 15.4.8 and 15.4.9). */
const FORM_REDIRECTS = new Set([307, 308]);
/** What is read of the answer to a form: a sentence, for people. */
const FORM_ANSWER_BYTES_MAX = 1024;

/**
 * One guarded GET, or POST of a form. Redirects are followed by hand: each hop passes the guard,
 * and permanent ones are told apart. A form goes on with 307 and 308 only; other redirects are its
 * answer. Expected failures are values; limits are the constants above.
 */
export async function fetchGuarded(wanted: FetchRequest): Promise<FetchAnswer> {
  const deadlineMs = wanted.deadlineMs ?? FETCH_MS_MAX;
  const deadline = AbortSignal.timeout(deadlineMs);
  const signal = wanted.signal ? AbortSignal.any([deadline, wanted.signal]) : deadline;
  const followed = wanted.form === undefined ? REDIRECTS : FORM_REDIRECTS;
  let url = wanted.url;
  let movedPermanently = false;
  try {
    for (let hops = 0; ; hops++) {
      const verdict = await checkUrl(url, config().fetchAllow);
      if (!verdict.allowed) throw refusal(verdict.reason);
      const answer = await askOnce(url, wanted, signal);
      const location = answer.headers.location;
      if (!followed.has(answer.status) || location === undefined) {
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

function refusal(reason: string): Refused {
  return new Refused(/cannot be resolved|has no address/u.test(reason) ? 'dns' : 'blocked', reason);
}

async function askOnce(url: string, wanted: FetchRequest, signal: AbortSignal) {
  const answer = await request(url, {
    dispatcher: guardedAgent(),
    signal,
    headers: {
      'user-agent': userAgent(),
      'accept-encoding': wanted.form ? 'identity' : 'br, gzip, deflate, zstd',
      ...(wanted.form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
      ...wanted.headers,
    },
    ...(wanted.form ? { method: 'POST', body: wanted.form.toString() } : {}),
  });
  const headers = Object.fromEntries(
    Object.entries(answer.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
  );
  const status = answer.statusCode;
  if (wanted.form !== undefined) {
    return { status, headers, body: await readStart(answer.body, FORM_ANSWER_BYTES_MAX) };
  }
  if (status !== 200) {
    await answer.body.dump({ limit: 64 * 1024, signal });
    return { status, headers, body: new Uint8Array() };
  }
  const limit = wanted.bodyBytesMax ?? BODY_BYTES_MAX;
  const body = await readLimited(answer.body, headers['content-encoding'], limit);
  return { status, headers, body };
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

function describeFailure(error: unknown, url: string, deadlineMs: number): FetchAnswer {
  const host = URL.canParse(url) ? new URL(url).host : url.slice(0, 100);
  const failed = (kind: FetchErrorKind, why: string): FetchAnswer => ({
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
