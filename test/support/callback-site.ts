import http from 'node:http';
import { Readable } from 'node:stream';
import { afterAll, beforeAll } from 'vitest';
import { GET, POST } from '../../app/websub/[token]/route.ts';
import { provideSettings } from '../../lib/config.ts';
import { freePort } from '../../lib/embedded/ports.ts';

async function answer(message: http.IncomingMessage, response: http.ServerResponse) {
  const url = new URL(message.url ?? '/', `http://${message.headers.host}`);
  const token = /^\/websub\/([^/]+)$/u.exec(url.pathname)?.[1];
  if (token === undefined) return response.writeHead(404).end();
  const isPost = message.method === 'POST';
  const request = new Request(url, {
    method: message.method ?? 'GET',
    headers: { 'x-forwarded-for': '127.0.0.1', ...(message.headers as Record<string, string>) },
    ...(isPost ? { body: Readable.toWeb(message) as ReadableStream, duplex: 'half' } : {}),
  });
  const context = { params: Promise.resolve({ token }) };
  const answered = await (isPost ? POST : GET)(request, context);
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  return response.end(await answered.text());
}

/** Serves what hubs call, without the rest of the site, as SITE_URL. */
export function useCallbackSite(): void {
  const server = http.createServer((message, response) => {
    answer(message, response).catch(() => response.destroy());
  });
  beforeAll(async () => {
    const port = await freePort();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    provideSettings({ SITE_URL: `http://127.0.0.1:${port}` });
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
}
