import http from 'node:http';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { freePort } from '../../lib/embedded/ports.ts';
import { closeFetchConnections } from '../../lib/fetch/client.ts';
import { closeReadThreads } from '../../lib/ingest/read-feed.ts';

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
}

/** Of a function: `never` leaves the request without an answer, `done` has answered it. */
type Route =
  | Answer
  | ((request: http.IncomingMessage, response: http.ServerResponse) => Answer | 'never' | 'done');

export interface FeedServer {
  /** The address of a path on the server. */
  at(path: string): string;
  /** What is answered there from now on. */
  serve(path: string, route: Route): void;
  /** Requests since the start of the test. */
  requests: { path: string; headers: http.IncomingHttpHeaders }[];
}

/** Runs an HTTP server on loopback for a test file, and lets the fetch guard through to it. */
export function useFeedServer(): FeedServer {
  const routes = new Map<string, Route>();
  const requests: FeedServer['requests'] = [];
  let port = 0;
  const server = http.createServer((request, response) => {
    const path = request.url ?? '/';
    requests.push({ path, headers: request.headers });
    const route = routes.get(path) ?? { status: 404 };
    const answer = typeof route === 'function' ? route(request, response) : route;
    if (answer === 'never' || answer === 'done') return;
    response.writeHead(answer.status ?? 200, answer.headers ?? {}).end(answer.body ?? '');
  });
  beforeAll(async () => {
    port = await freePort();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    provideSettings({
      FETCH_ALLOW: '127.0.0.0/8',
      FETCH_HOST_DELAY_MS: '0',
      FETCH_HOST_CONCURRENCY: '16',
    });
  });
  beforeEach(() => {
    routes.clear();
    requests.length = 0;
  });
  afterAll(async () => {
    await closeFetchConnections();
    await closeReadThreads();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    at: (path) => `http://127.0.0.1:${port}${path}`,
    serve: (path, route) => void routes.set(path, route),
    requests,
  };
}

interface Item {
  title: string;
  date?: string;
  tags?: string[];
  author?: string;
  text?: string;
  link?: string;
  guid?: string;
}

const slug = (title: string) => title.toLowerCase().replace(/[^a-z0-9]+/gu, '-');

/** A feed as RSS 2.0. */
export function rss(title: string, items: Item[]): string {
  const written = items.map(
    (item) => `<item><title>${item.title}</title>
      <link>${item.link ?? `https://example.org/${slug(title)}/${slug(item.title)}`}</link>
      ${item.guid === undefined ? '' : `<guid isPermaLink="false">${item.guid}</guid>`}
      <pubDate>${new Date(item.date ?? '2026-05-01T10:00:00Z').toUTCString()}</pubDate>
      <dc:creator>${item.author ?? ''}</dc:creator>
      ${(item.tags ?? []).map((tag) => `<category>${tag}</category>`).join('')}
      <description>&lt;p&gt;${item.text ?? `About ${item.title}.`}&lt;/p&gt;</description></item>`,
  );
  return `<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">
    <channel><title>${title}</title><link>https://example.org/</link>${written.join('')}</channel></rss>`;
}

/** A feed as Atom 1.0. */
export function atom(title: string, items: Item[]): string {
  const written = items.map(
    (item) => `<entry><title>${item.title}</title><id>tag:example.org,2026:${slug(item.title)}</id>
      <link href="${item.link ?? `https://example.org/${slug(title)}/${slug(item.title)}`}"/>
      <updated>${item.date ?? '2026-05-01T10:00:00Z'}</updated>
      <author><name>${item.author ?? ''}</name></author>
      ${(item.tags ?? []).map((tag) => `<category term="${tag}"/>`).join('')}
      <content type="html">&lt;p&gt;${item.text ?? `About ${item.title}.`}&lt;/p&gt;</content></entry>`,
  );
  return `<feed xmlns="http://www.w3.org/2005/Atom"><title>${title}</title><id>urn:${slug(title)}</id>
    <updated>2026-05-01T10:00:00Z</updated>${written.join('')}</feed>`;
}
