// Loaded before Next (`node --import lib/serve/register.ts …/next start`): every HTTP server of
// this process then answers through the Front. A custom server would do the same, but would not
// be part of a standalone build.
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { log } from '../log.ts';
import { endSoon, SilentConnections } from './end-connections.ts';
import { Front } from './front.ts';
import { shared } from './shared.ts';

const emit = http.Server.prototype.emit;
const fronts = new WeakMap<http.Server, Front>();
const silent = new SilentConnections();

function frontOf(server: http.Server): Front {
  let front = fronts.get(server);
  if (front === undefined) {
    front = new Front((req, res) => Reflect.apply(emit, server, ['request', req, res]));
    fronts.set(server, front);
  }
  return front;
}

async function answer(server: http.Server, req: IncomingMessage, res: ServerResponse) {
  try {
    await frontOf(server).answer(req, res);
  } catch (error) {
    // A reader who went away is not a failure of ours.
    if (res.destroyed) return;
    // The first segment only: later ones can be tokens.
    log.error('serve.failed', { path: /^\/[^/?]*/u.exec(req.url ?? '')?.[0], error });
    if (res.headersSent) res.destroy();
    else {
      res.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
      res.end('The page could not be made. Please try again in a moment.\n');
    }
  }
}

http.Server.prototype.emit = function (this: http.Server, event: string, ...args: unknown[]) {
  if (event === 'listening') {
    const address = this.address();
    if (address !== null && typeof address === 'object') shared().address.resolve(address);
    // Next closes its server then, and ends the process when that is done.
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => endSoon(this, silent));
  }
  if (event === 'connection') silent.add(args[0] as Socket);
  if (event !== 'request') return Reflect.apply(emit, this, [event, ...args]);
  silent.hasAsked((args[0] as IncomingMessage).socket);
  void answer(this, args[0] as IncomingMessage, args[1] as ServerResponse);
  return true;
} as typeof emit;
