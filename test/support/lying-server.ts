import dns from 'node:dns';
import dnsPromises from 'node:dns/promises';
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import zlib from 'node:zlib';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { freePort } from '../../lib/embedded/ports.ts';
import { closeFetchConnections } from '../../lib/fetch/client.ts';
import { closeReadThreads } from '../../lib/ingest/read-feed.ts';

export type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

export interface LyingServer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** Paths that were asked for, in order, with the headers. */
  requests: { path: string; headers: http.IncomingHttpHeaders }[];
  stop(): Promise<void>;
}

/** An HTTP server on loopback that answers each path as it is told; `*` is any other path. */
export async function startLyingServer(answers: Record<string, Answer>): Promise<LyingServer> {
  const requests: LyingServer['requests'] = [];
  const server = http.createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    requests.push({ path, headers: request.headers });
    const answer = answers[path] ?? answers['*'];
    if (answer === undefined) response.writeHead(404).end('nothing here');
    else answer(request, response);
  });
  const port = await freePort();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

type Headers = Record<string, string>;

/** One answer for all requests. */
export const send =
  (status: number, headers: Headers = {}, body: string | Buffer = ''): Answer =>
  (_request, response) =>
    response.writeHead(status, headers).end(body);

export const redirect = (status: number, location: string) => send(status, { location });

/** Compressors by the names of their codings; some servers send "deflate" without its frame. */
export const PACKERS = {
  gzip: zlib.gzipSync,
  deflate: zlib.deflateSync,
  'raw deflate': zlib.deflateRawSync,
  br: zlib.brotliCompressSync,
  zstd: zlib.zstdCompressSync,
} as const satisfies Record<string, (body: Buffer) => Buffer>;
export type Coding = keyof typeof PACKERS;

const nameOf = (coding: Coding) => coding.replace('raw ', '');

/** A packed body, or only so many of its bytes. */
export function packed(coding: Coding, body: string | Buffer, bytes?: number): Answer {
  const whole = PACKERS[coding](typeof body === 'string' ? Buffer.from(body) : body);
  return send(200, { 'content-encoding': nameOf(coding) }, whole.subarray(0, bytes));
}

/** "Not modified" to whoever has the validator, whatever is there by now. */
export const stuck =
  (etag: string, answer: Answer): Answer =>
  (request, response) => {
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else answer(request, response.setHeader('etag', etag));
  };

/** A head, and a body that never ends and never says anything. */
export const drip =
  (status: number, headers: Headers = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, headers);
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(timer));
  };

/** These bytes on the wire, whatever HTTP says of them; then it hangs up, or does not. */
export const raw =
  (text: string, { hangsUp = true } = {}): Answer =>
  (request) => {
    request.socket.write(Buffer.from(text, 'utf8'));
    if (hangsUp) request.socket.end();
  };

/** Of a name: the look-up has no end. */
export const NEVER = 'never';

/** What a name leads to, answer by answer; the last one stays. */
type Names = Map<string, string[]>;

/** Makes look-ups of `.example` names, and of those that tests name, lie for a test file. */
function useLyingNames(): Names {
  const names: Names = new Map();
  const real = { lookup: dns.lookup, promised: dnsPromises.lookup };
  const answer = (host: string) => {
    const told = names.get(host);
    const address = told && told.length > 1 ? told.shift() : told?.[0];
    if (address !== undefined) return [{ address, family: 4 }];
    return host.endsWith('.example') ? [{ address: '127.0.0.1', family: 4 }] : undefined;
  };
  const lookup = (
    host: string,
    options: dns.LookupAllOptions,
    done: (...args: never[]) => void,
  ) => {
    const found = answer(host);
    if (found === undefined) return real.lookup(host, options, done as never);
    if (found[0]?.address === NEVER) return undefined;
    return (done as (error: null, found: dns.LookupAddress[]) => void)(null, found);
  };
  const promised = (host: string, options: dns.LookupAllOptions) =>
    new Promise((resolve, reject) => {
      lookup(host, options, (error: Error | null, found?: unknown) =>
        error ? reject(error) : resolve(found),
      );
    });
  beforeAll(() => {
    dns.lookup = lookup as never;
    dnsPromises.lookup = promised as never;
    syncBuiltinESMExports();
  });
  beforeEach(() => names.clear());
  afterAll(() => {
    dns.lookup = real.lookup;
    dnsPromises.lookup = real.promised;
    syncBuiltinESMExports();
  });
  return names;
}

export interface LyingHosts {
  /** The address of a path, at any name that leads to the server. */
  at(path: string, host?: string): string;
  /** What is answered there from now on, under each name. */
  answer(path: string, answer: Answer): void;
  /** Where names lead; `.example` ones lead to the server. */
  names: Names;
  /** Requests since the start of the test. */
  requests: LyingServer['requests'];
}

/** Runs a server that lies, under names that lie, for a test file; the guard lets us to loopback. */
export function useLyingServer(): LyingHosts {
  const answers: Record<string, Answer> = {};
  const names = useLyingNames();
  let server: LyingServer;
  beforeAll(async () => {
    server = await startLyingServer(answers);
    provideSettings({
      FETCH_ALLOW: '127.0.0.0/8',
      FETCH_HOST_DELAY_MS: '0',
      FETCH_HOST_CONCURRENCY: '16',
    });
  });
  beforeEach(() => {
    for (const path of Object.keys(answers)) delete answers[path];
    server.requests.length = 0;
  });
  afterAll(async () => {
    await closeFetchConnections();
    await closeReadThreads();
    await server.stop();
  });
  return {
    at: (path, host = 'pond.example') => `http://${host}:${new URL(server.url).port}${path}`,
    answer: (path, answer) => {
      answers[path] = answer;
    },
    names,
    get requests() {
      return server.requests;
    },
  };
}
