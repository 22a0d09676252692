import type { AddressInfo, Socket } from 'node:net';
import createServer, { type Message } from 'hoodiecrow-imap';

const IMAP_USER = 'bounces@example.org';
const IMAP_PASSWORD = 's3cret p@ss/word';

/** What happens to a command, by its line: nothing but what it does; else instead of it. */
type Mood = (line: string, socket: Socket) => 'hang up' | 'hang up after' | undefined;

export interface ImapServer {
  port: number;
  /** As MAIL_BOUNCES_URL. */
  url(folder?: string, password?: string): string;
  /** Brings a mail. @returns its UID. */
  deliver(raw: string | Uint8Array, folder?: string): number;
  /** Flags of the messages of a folder, in its order. */
  flags(folder?: string): string[][];
  /** Makes the UIDs of INBOX mean other messages, as a mailbox that was restored. */
  renumber(): void;
  /** Lines that clients have sent, without their tags. */
  heard: string[];
  /** Tests replace it. */
  mood: Mood;
  stop(): Promise<void>;
}

interface Options {
  /** `tls`: from the first byte, with a certificate that nobody trusts; `starttls`: on demand. */
  security?: 'tls' | 'starttls';
  /** Another one, as PEM. */
  credentials?: { key: string; cert: string };
}

/** Starts an IMAP server on loopback, with one user, an empty INBOX and an empty folder, Other. */
export async function startImapServer({
  security,
  credentials,
}: Options = {}): Promise<ImapServer> {
  const server = createServer({
    plugins: ['ID', 'UIDPLUS', ...(security === 'starttls' ? ['STARTTLS'] : [])],
    secureConnection: security === 'tls',
    ...(credentials ? { credentials } : {}),
    users: { [IMAP_USER]: { password: IMAP_PASSWORD } },
    storage: { INBOX: {}, '': { folders: { Other: {} } } },
  });
  const folderOf = (path: string) => {
    const found = server.getMailbox(path);
    if (found === undefined) throw new Error(`no folder ${path}`);
    return found;
  };
  const own = server.getCommandHandler.bind(server);
  server.getCommandHandler = (name) => {
    const command = own(name);
    if (!command) return false;
    return (connection, parsed, data, callback) => {
      const line = data.slice(data.indexOf(' ') + 1);
      imap.heard.push(line);
      const { socket } = connection;
      const what = socket ? imap.mood(line, socket) : undefined;
      if (what === 'hang up') return void socket?.destroy();
      if (what === 'hang up after') socket?.cork();
      command(connection, parsed, data, callback);
      if (what === 'hang up after') socket?.destroy();
    };
  };
  // It writes each line by itself, which would wait for the acknowledgement of the one before.
  server.server.on('connection', (socket) => socket.setNoDelay(true));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  const imap: ImapServer = {
    port,
    url(folder = 'INBOX', password = IMAP_PASSWORD) {
      const user = `${encodeURIComponent(IMAP_USER)}:${encodeURIComponent(password)}`;
      const scheme = security === 'tls' ? 'imaps' : 'imap';
      return `${scheme}://${user}@127.0.0.1:${port}/${encodeURIComponent(folder)}`;
    },
    deliver(raw, folder = 'INBOX') {
      server.appendMessage(folder, [], undefined, Buffer.from(raw).toString('latin1'));
      return folderOf(folder).messages.at(-1)?.uid ?? 0;
    },
    flags: (folder = 'INBOX') => folderOf(folder).messages.map(({ flags }: Message) => flags),
    renumber() {
      folderOf('INBOX').uidvalidity += 1;
    },
    heard: [],
    mood: () => undefined,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
  return imap;
}
