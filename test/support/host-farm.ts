import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { rss } from './feed-server.ts';

/** A request, and the contact that its user agent names: each worker of a test has its own. */
interface FarmRequest {
  url: string;
  by: string;
}

/** Many hosts with many feeds, which see who asks them and how many at once. */
export interface HostFarm {
  urls: string[];
  /** All requests so far, the latest at the end. */
  requests: FarmRequest[];
  /** Those that have no answer yet, and whose asker still waits for one. */
  open(): FarmRequest[];
  /** The most that one host was asked at once. */
  atOnceMax: number;
  /** Puts one more item into each feed. */
  publish(): void;
  /** From now on requests (to one host) wait, until `answer` is called. */
  hold(host?: string): void;
  answer(): void;
  stop(): Promise<void>;
}

/** Starts servers on loopback with so many feeds each; a port is a host of its own. */
export async function startHostFarm(feedsOfHosts: number[]): Promise<HostFarm> {
  const open = new Set<FarmRequest & { answer: () => void }>();
  let items = 1;
  let isHeld = (_host: string | undefined) => false;
  const farm: HostFarm = {
    urls: [],
    requests: [],
    open: () => [...open],
    atOnceMax: 0,
    publish() {
      items += 1;
    },
    hold(host) {
      isHeld = (asked) => host === undefined || asked === host;
    },
    answer() {
      isHeld = () => false;
      for (const request of open) request.answer();
    },
    stop: () => Promise.all(servers.map(stop)).then(() => {}),
  };
  const listen = (request: http.IncomingMessage, response: http.ServerResponse) => {
    const url = `http://${request.headers.host}${request.url}`;
    const by = /; (\S+@\S+?)[;)]/u.exec(request.headers['user-agent'] ?? '')?.[1] ?? 'nobody';
    const titles = Array.from({ length: items }, (_, i) => ({ title: `Item ${i}` }));
    const answer = () => void response.end(rss(`Feed of ${url}`, titles));
    const asked = { url, by, answer };
    farm.requests.push({ url, by });
    open.add(asked);
    response.on('close', () => open.delete(asked));
    const atOnce = [...open].filter((other) => new URL(other.url).host === request.headers.host);
    farm.atOnceMax = Math.max(farm.atOnceMax, atOnce.length);
    if (!isHeld(request.headers.host)) answer();
  };
  const servers = await Promise.all(feedsOfHosts.map(() => start(listen)));
  for (let feed = 0; feed < Math.max(...feedsOfHosts); feed++) {
    for (const [index, server] of servers.entries()) {
      if (feed >= (feedsOfHosts[index] ?? 0)) continue;
      const { port } = server.address() as AddressInfo;
      farm.urls.push(`http://127.0.0.1:${port}/${feed}`);
    }
  }
  return farm;
}

async function start(listener: http.RequestListener): Promise<http.Server> {
  const server = http.createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return server;
}

async function stop(server: http.Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
