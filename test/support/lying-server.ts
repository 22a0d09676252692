import http from 'node:http';
import { freePort } from '../../lib/embedded/ports.ts';

export type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

export interface LyingServer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** Paths that were asked for, in order, with the headers. */
  requests: { path: string; headers: http.IncomingHttpHeaders }[];
  stop(): Promise<void>;
}

/** An HTTP server on loopback that answers each path as it is told. */
export async function startLyingServer(answers: Record<string, Answer>): Promise<LyingServer> {
  const requests: LyingServer['requests'] = [];
  const server = http.createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    requests.push({ path, headers: request.headers });
    const answer = answers[path];
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
