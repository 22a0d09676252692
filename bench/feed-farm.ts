import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
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
  /** Its address, at one of the farm's hosts. */
  urlOf(feed: number): string;
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
/** Feeds of a site share a host and its turns; a list has few of each. Linux has all of 127/8. */
const HOSTS = process.platform === 'linux' ? 60 : 1;
const addressOf = (host: number) => `127.0.0.${1 + (host % HOSTS)}`;

/** Starts a farm on a free port of the loopback address; resolves when all its feeds are made. */
export function startFeedFarm(feeds: number): Promise<FeedFarm> {
  const child = fork(import.meta.filename, [String(feeds)], { stdio: ['ignore', 2, 2, 'ipc'] });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the feed farm ended with code ${code}`)));
    child.once('message', (ready: Ready) => {
      const urlOf = (feed: number) => {
        const url = new URL(pathOf(feed), ready.url);
        url.hostname = addressOf(feed);
        return url.href;
      };
      resolve({ ...ready, feeds, pathOf, urlOf, stop: () => child.disconnect() });
    });
  });
}

interface Served {
  gzipped: Buffer;
  headers: Record<string, string>;
}

async function serve(feeds: number): Promise<void> {
  const served = new Map<string, Served>();
  const answer: http.RequestListener = (request, response) => {
    const feed = served.get(request.url ?? '');
    if (feed === undefined) {
      response.writeHead(404).end();
    } else if (request.headers['if-none-match'] === feed.headers.etag) {
      response.writeHead(304, { etag: feed.headers.etag }).end();
    } else {
      response.writeHead(200, feed.headers).end(feed.gzipped);
    }
  };
  const port = await freePort();
  for (let host = 0; host < HOSTS; host++) {
    const server = http.createServer(answer);
    server.keepAliveTimeout = 60_000;
    server.listen(port, addressOf(host));
    await once(server, 'listening');
  }
  const url = `http://${addressOf(0)}:${port}`;
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
