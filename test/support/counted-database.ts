import net from 'node:net';

/** A way to Postgres on which statements are counted. */
export interface CountedDatabase {
  /** Where a process is sent to instead of the database itself. */
  url: string;
  /** Statements so far, but for those of connections of this application. */
  statements(options: { but: string }): number;
  stop(): Promise<void>;
}

/**
 * Frontend messages that have Postgres do something (PostgreSQL documentation, 54.7): Query, Parse
 * and Execute.
 */
const STATEMENTS = new Set(['Q', 'P', 'E']);

/** Reads what one client sends, in pieces as they come. */
class Reader {
  application = '';
  statements = 0;
  #rest = Buffer.alloc(0);
  #isStarted = false;

  read(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      // The first message has no type, only its length.
      const head = this.#isStarted ? 1 : 0;
      if (this.#rest.length < head + 4) return;
      const end = head + this.#rest.readInt32BE(head);
      if (this.#rest.length < end) return;
      this.#take(this.#rest.subarray(0, end));
      this.#rest = this.#rest.subarray(end);
    }
  }

  #take(message: Buffer): void {
    if (this.#isStarted) {
      if (STATEMENTS.has(String.fromCharCode(message[0] ?? 0))) this.statements += 1;
      return;
    }
    this.#isStarted = true;
    const [, name = ''] = /application_name\0([^\0]*)\0/u.exec(message.toString('latin1')) ?? [];
    this.application = name;
  }
}

/** Stands before the database of a URL, without TLS. */
export async function countDatabase(databaseUrl: string): Promise<CountedDatabase> {
  const real = new URL(databaseUrl);
  const readers: Reader[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const reader = new Reader();
    readers.push(reader);
    const upstream = net.connect(Number(real.port), real.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => {
      reader.read(bytes);
      upstream.write(bytes);
    });
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as net.AddressInfo).port);
  return {
    url: url.href,
    statements: ({ but }) =>
      readers
        .filter(({ application }) => application !== but)
        .reduce((sum, { statements }) => sum + statements, 0),
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
