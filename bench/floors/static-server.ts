import { fork } from 'node:child_process';
import http from 'node:http';
import { freePort } from '../../lib/embedded/ports.ts';

// The floor of cached pages: plain node:http that answers with bytes from its memory, in a
// process of its own as the site is.

export interface StaticAnswer {
  headers: Record<string, string>;
  bodyBase64: string;
}

export interface StaticServer {
  url: string;
  pid: number;
  stop(): void;
}

/**
 * Serves each answer at its path. An If-None-Match that equals its ETag is answered with 304.
 * @param answers by path; headers are sent as they are.
 */
export function startStaticServer(answers: Record<string, StaticAnswer>): Promise<StaticServer> {
  const child = fork(import.meta.filename, { stdio: ['ignore', 2, 2, 'ipc'] });
  child.send(answers);
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the static server ended with code ${code}`)));
    child.once('message', (url: string) => {
      resolve({ url, pid: child.pid ?? 0, stop: () => child.disconnect() });
    });
  });
}

async function serve(answers: Record<string, StaticAnswer>): Promise<void> {
  const kept = new Map(
    Object.entries(answers).map(([path, { headers, bodyBase64 }]) => [
      path,
      { headers, body: Buffer.from(bodyBase64, 'base64') },
    ]),
  );
  const server = http.createServer((request, response) => {
    const answer = kept.get(request.url ?? '');
    if (answer === undefined) {
      response.writeHead(404).end();
    } else if (request.headers['if-none-match'] === answer.headers.etag) {
      response.writeHead(304, { etag: answer.headers.etag }).end();
    } else {
      response.writeHead(200, answer.headers).end(answer.body);
    }
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1', () => process.send?.(`http://127.0.0.1:${port}`));
}

if (import.meta.main) {
  process.once('disconnect', () => process.exit());
  process.once('message', serve);
}
