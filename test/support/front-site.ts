import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { Front } from '../../lib/serve/front.ts';
import { shared } from '../../lib/serve/shared.ts';

type Application = (req: http.IncomingMessage, res: http.ServerResponse) => void;

export const PAGE = `<!doctype html><p>${'Posts about NUMA. '.repeat(100)}</p>`;

/** A page of the tag numa, in two pieces. */
export const page: Application = (_req, res) => {
  shared().renders.getStore()?.add(['tag:numa']);
  res.setHeader('content-type', 'text/html; charset=utf-8');
  res.write(PAGE.slice(0, 20));
  res.end(PAGE.slice(20));
};

interface Reply {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

export interface FrontSite {
  /** What stands behind the front; `page` at the start of each test. */
  application: Application;
  /** How often it was asked since the start of the test. */
  readonly renders: number;
  readonly port: number;
  /** A request as it is on the wire: no decompression, no cookies, no added headers. */
  request(path: string, options?: http.RequestOptions): Promise<Reply>;
  /** Asks until the answer comes from the cache: it is put there just after the first reader. */
  requestKept(path: string, options?: http.RequestOptions): Promise<Reply>;
}

async function ask(port: number, path: string, options: http.RequestOptions): Promise<Reply> {
  const req = http.request({ host: '127.0.0.1', port, path, agent: false, ...options });
  req.end();
  const [res] = (await once(req, 'response')) as [http.IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of res) chunks.push(chunk);
  return { status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks) };
}

/** Serves what stands in front of Next on loopback, before an application of the test. */
export function useFront(): FrontSite {
  let renders = 0;
  let server: http.Server;
  const front: FrontSite = {
    application: page,
    get renders() {
      return renders;
    },
    get port() {
      return (server.address() as AddressInfo).port;
    },
    request: (path, options = {}) => ask(front.port, path, options),
    async requestKept(path, options) {
      await front.request(path, options);
      return expect
        .poll(async () => {
          const reply = await front.request(path, options);
          return reply.headers['x-tagwire-cache'] === 'HIT' ? reply : undefined;
        })
        .toBeDefined()
        .then(() => front.request(path, options));
    },
  };
  beforeAll(async () => {
    provideSettings({ LOG_LEVEL: 'silent', SITE_URL: 'https://planet.example' });
    const inFront = new Front((req, res) => {
      renders += 1;
      front.application(req, res);
    });
    server = http.createServer((req, res) => {
      inFront.answer(req, res).catch(() => res.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => server.close());
  beforeEach(() => {
    shared().cache.dropAll();
    front.application = page;
    renders = 0;
  });
  return front;
}
