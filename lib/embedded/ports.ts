import net from 'node:net';

// Below 32768, where Linux takes the near ends of outgoing connections from: such a connection
// makes listen() fail although nothing listens there.
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;
const ATTEMPTS_MAX = 50;

/** Why nothing can listen on this port of a host: the system's code, as EADDRINUSE; none if it can. */
export function whyNotFree(port: number, host = '127.0.0.1'): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** Whether one of our servers can listen on this port of the loopback address. */
const isFree = async (port: number) => (await whyNotFree(port)) === undefined;

/**
 * A free port: the preferred one if it is free, else one by chance from PORT_MIN to PORT_MAX.
 * Somebody may take it before it is used, so the caller tries again when binding fails.
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN));
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port found between ${PORT_MIN} and ${PORT_MAX}`);
}
