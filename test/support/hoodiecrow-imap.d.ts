/** What test/support/imap-server.ts uses of it; the package has no types of its own. */
declare module 'hoodiecrow-imap' {
  import type { EventEmitter } from 'node:events';
  import type { Server, Socket } from 'node:net';

  export interface Message {
    uid: number;
    flags: string[];
    /** One character for each byte. */
    raw: string;
  }

  export interface Folder {
    messages: Message[];
    uidvalidity: number;
    permanentFlags: string[];
  }

  export interface Connection {
    socket: Socket | null;
  }

  export type Command = (
    connection: Connection,
    parsed: { tag: string; command: string },
    data: string,
    callback: () => void,
  ) => void;

  export interface ImapServer extends EventEmitter {
    server: Server;
    getMailbox(path: string): Folder | undefined;
    appendMessage(path: string, flags: string[], date: string | undefined, raw: string): void;
    getCommandHandler(command: string): Command | false;
    listen(port: number, host: string, callback: () => void): void;
    close(callback: () => void): void;
  }

  export default function createServer(options: {
    plugins?: string[];
    credentials?: { key: string; cert: string };
    secureConnection?: boolean;
    users?: Record<string, { password: string }>;
    storage?: Record<string, object>;
  }): ImapServer;
}
