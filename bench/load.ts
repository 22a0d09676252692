import net from 'node:net';

const HEAD_END = '\r\n\r\n';
const HEAD_BYTES_MAX = 64 * 1024;

export interface Load {
  url: string;
  headers: Record<string, string>;
  /** Kept open; each sends its next request when it has the whole answer to the one before. */
  connections: number;
  /** Each connection sends about so many. */
  requests: number;
  /** Each answer must have this status. */
  status: number;
}

/**
 * Sends requests as fast as they are answered. It speaks to the socket itself, because Node's
 * own clients need more CPU for a request than the server that is to be measured.
 * @returns milliseconds from the first request to the last answer.
 * @throws Error on an answer with another status, or one without a Content-Length.
 */
export async function runLoad(load: Load): Promise<number> {
  const { hostname, port, pathname, search, host } = new URL(load.url);
  const lines = Object.entries({ host, ...load.headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const request = Buffer.from(
    `GET ${pathname}${search} HTTP/1.1\r\n${lines.join('\r\n')}${HEAD_END}`,
    'latin1',
  );
  const sockets = await Promise.all(
    Array.from({ length: load.connections }, () => connect(hostname, Number(port))),
  );
  const started = performance.now();
  try {
    await Promise.all(sockets.map((socket) => converse(socket, request, load)));
    return performance.now() - started;
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

function connect(host: string, port: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Sends a request again and again; resolves with the last answer. */
function converse(socket: net.Socket, request: Buffer, load: Load): Promise<void> {
  let left = load.requests;
  let head = '';
  /** Bytes of the body that are still to come; undefined while in the head. */
  let rest: number | undefined;
  return new Promise((resolve, reject) => {
    const next = () => {
      left -= 1;
      head = '';
      rest = undefined;
      if (left === 0) resolve();
      else socket.write(request);
    };
    const read = (chunk: Buffer) => {
      if (rest === undefined) {
        const known = head.length;
        head += chunk.toString('latin1');
        const end = head.indexOf(HEAD_END);
        if (head.length > HEAD_BYTES_MAX + chunk.length) throw new Error('a head without an end');
        if (end < 0) return;
        const bodyLength = lengthOfBody(head, end, load.status);
        rest = bodyLength - (known + chunk.length - (end + HEAD_END.length));
      } else {
        rest -= chunk.length;
      }
      if (rest < 0) throw new Error(`${load.url} answers with more than it says`);
      if (rest === 0) next();
    };
    socket.on('data', (chunk) => {
      try {
        read(chunk);
      } catch (error) {
        reject(error);
      }
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`${load.url} closed a connection`)));
    socket.write(request);
  });
}

function lengthOfBody(head: string, end: number, wanted: number): number {
  const status = Number(head.slice(9, 12));
  if (status !== wanted) throw new Error(`answered with ${status} instead of ${wanted}`);
  if (status === 304) return 0;
  const length = /\r\ncontent-length: *(\d+)/iu.exec(head.slice(0, end))?.[1];
  if (length === undefined) throw new Error('answered without a Content-Length');
  return Number(length);
}
