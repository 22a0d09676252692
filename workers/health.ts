import { createHash, timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import { config } from '../lib/config.ts';
import { messageOf } from '../lib/errors.ts';
import { log } from '../lib/log.ts';
import { collectProcessMetrics, renderMetrics } from './metrics.ts';

const digest = (text: string) => createHash('sha256').update(text).digest();

function mayReadMetrics(request: http.IncomingMessage): boolean {
  const { metricsToken } = config();
  if (metricsToken === undefined) return true; // the port itself is not for the public
  const given = request.headers.authorization ?? '';
  return timingSafeEqual(digest(given), digest(`Bearer ${metricsToken}`));
}

async function answer(request: http.IncomingMessage, response: http.ServerResponse) {
  const path = new URL(request.url ?? '/', 'http://worker').pathname;
  if (path === '/healthz') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
  } else if (path === '/metrics' && mayReadMetrics(request)) {
    const { contentType, text } = await renderMetrics();
    response.writeHead(200, { 'content-type': contentType }).end(text);
  } else {
    response.writeHead(path === '/metrics' ? 401 : 404).end();
  }
}

/** Serves /healthz and /metrics of this worker on WORKER_PORT. Does nothing when it is unset. */
export async function serveHealth(): Promise<{ stop(): void }> {
  const { workerPort, bind } = config();
  if (workerPort === undefined) return { stop() {} };
  collectProcessMetrics();
  const server = http.createServer((request, response) => {
    answer(request, response).catch((error) => {
      log.warn('worker.metrics_failed', { error });
      if (!response.headersSent) response.writeHead(500).end(`${messageOf(error)}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(workerPort, bind, resolve);
  });
  return { stop: () => void server.close() };
}
