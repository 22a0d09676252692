import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { freePort } from '../lib/embedded/ports.ts';
import { makeFeed } from './feed-text.ts';

// A server of many feeds: with ETag, 304 and gzip. It runs as a process of its own, so that its
// work is not counted as a poller's.

export interface FeedFarm {
  /** Address without a slash at the end. */
  url: string;
  /** The path of a feed, 1 and on. */
  pathOf(feed: number): string;
  feeds: number;
  posts: number;
  /** Of all feeds, as text. */
  megabytes: number;
  stop(): void;
}

interface Ready {
  url: string;
  posts: number;
  megabytes: number;
}

const pathOf = (feed: number) => `/feed/${feed}`;

/** Starts a farm on a free port of the loopback address; resolves when all its feeds are made. */
export function startFeedFarm(feeds: number): Promise<FeedFarm> {
  const child = fork(import.meta.filename, [String(feeds)], { stdio: ['ignore', 2, 2, 'ipc'] });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the feed farm ended with code ${code}`)));
    child.once('message', (ready: Ready) => {
      resolve({ ...ready, feeds, pathOf, stop: () => child.disconnect() });
    });
  });
}

interface Served {
  gzipped: Buffer;
  headers: Record<string, string>;
}

async function serve(feeds: number): Promise<void> {
  const served = new Map<string, Served>();
  const server = http.createServer((request, response) => {
    const feed = served.get(request.url ?? '');
    if (feed === undefined) {
      response.writeHead(404).end();
    } else if (request.headers['if-none-match'] === feed.headers.etag) {
      response.writeHead(304, { etag: feed.headers.etag }).end();
    } else {
      response.writeHead(200, feed.headers).end(feed.gzipped);
    }
  });
  server.keepAliveTimeout = 60_000;
  server.listen(await freePort(), '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let [posts, bytes] = [0, 0];
  for (let number = 1; number <= feeds; number++) {
    const feed = makeFeed(number, url);
    const gzipped = gzipSync(feed.bytes);
    posts += feed.items;
    bytes += feed.bytes.length;
    served.set(pathOf(number), {
      gzipped,
      headers: {
        'content-type': feed.contentType,
        'content-encoding': 'gzip',
        'content-length': String(gzipped.length),
        etag: `"${createHash('sha1').update(feed.bytes).digest('hex')}"`,
        'last-modified': new Date('2026-02-01T00:00:00Z').toUTCString(),
      },
    });
  }
  process.send?.({ url, posts, megabytes: bytes / 1_000_000 } satisfies Ready);
}

if (import.meta.main) {
  process.once('disconnect', () => process.exit());
  await serve(Number(process.argv[2]));
}
