import type http from 'node:http';
import type { Socket } from 'node:net';

/** For requests that are just being sent when the site is asked to end. */
const ASK_MS_MAX = 500;
/** For answers that are under way then; whoever asked the site to end waits longer. */
const ANSWER_MS_MAX = 5_000;

/**
 * Connections that have not asked for anything. Browsers open some ahead of what they will want, and
 * a server of Node that is closed waits for them for as long as they stay (Next 16.4 sets no limit).
 */
export class SilentConnections {
  readonly #sockets = new Set<Socket>();

  add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** A whole request has come by this one. */
  hasAsked(socket: Socket): void {
    this.#sockets.delete(socket);
  }

  end(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/**
 * Has a server that is being closed end soon: within a second where nobody has asked anything, and
 * within some where somebody sends or reads slowly. Answers that are done sooner are whole.
 */
export function endSoon(server: http.Server, silent: SilentConnections): void {
  setTimeout(() => silent.end(), ASK_MS_MAX).unref();
  setTimeout(() => server.closeAllConnections(), ANSWER_MS_MAX).unref();
}
