import { type FetchMessageObject, ImapFlow } from 'imapflow';
import type { MailboxAddress } from '../model/mailbox-address.ts';
import { describeMailboxError, MailboxFailure } from './mailbox-errors.ts';

// One mailbox, read by IMAP (RFC 9051). Mistrust of its server ends here.

const CONNECT_MS_MAX = 10_000;
/** Servers look through large mailboxes before they answer. */
const SOCKET_MS_MAX = 60_000;
/** What the server may say in one line: the UIDs of a mailbox with a million messages. */
const LINE_BYTES_MAX = 16 * 1024 * 1024;
/** Of a message that is larger the rest is not fetched, so a part for programs has to fit in. */
const SLACK_BYTES = 64 * 1024;
/**
 * Marks what has been read as a report, beside \Seen, which a person may set and take away. Known
 * by it after a mailbox was moved and its UIDs are others.
 */
const READ_KEYWORD = 'TagwireRead';

/** A message that is there, not its text. */
export interface MailboxMessage {
  uid: number;
  bytes: number;
  /** It bears our keyword. */
  isMarked: boolean;
}

/** A mailbox that is open. Each of these throws what withMailbox makes a value of. */
export interface OpenMailbox {
  uidValidity: bigint;
  uidNext: number;
  /** Messages with a higher UID, by UID, at most so many. */
  list(afterUid: number, max: number): Promise<MailboxMessage[]>;
  /** The raw message, which stays unread; undefined when it is gone. */
  fetch(uid: number): Promise<Uint8Array | undefined>;
  /**
   * Marks a message as read, with a keyword where the server keeps one.
   * @returns false when the server does not let us.
   */
  mark(uid: number): Promise<boolean>;
}

/** How it went; `errorText` says what happened and why, `next` what to do. */
export type MailboxOutcome<T> =
  | { kind: 'done'; value: T }
  | { kind: 'failed'; errorText: string; next: string };

export interface MailboxOptions {
  /** Larger messages are refused, whatever size the server has named. */
  messageBytesMax: number;
  /** Breaks off. */
  signal: AbortSignal;
}

function makeClient(address: MailboxAddress, { messageBytesMax }: MailboxOptions): ImapFlow {
  const { host, port, security, user, password } = address;
  return new ImapFlow({
    host,
    port,
    secure: security === 'tls',
    ...(security === 'starttls' ? { doSTARTTLS: true } : {}),
    auth: { user, pass: password },
    // It would log addresses and subjects.
    logger: false,
    disableAutoIdle: true,
    // A few kilobytes at a time; and what inflates has no limit of its own.
    disableCompression: true,
    // RFC 2971. Else it gives its own version and vendor under our name.
    clientInfo: { name: 'Tagwire', version: false, vendor: false, 'support-url': false },
    connectionTimeout: CONNECT_MS_MAX,
    greetingTimeout: CONNECT_MS_MAX,
    socketTimeout: SOCKET_MS_MAX,
    maxLineLength: LINE_BYTES_MAX,
    maxLiteralSize: messageBytesMax + SLACK_BYTES,
    maxResponseSize: LINE_BYTES_MAX + messageBytesMax,
  });
}

/** The folders that there are, for a message; none when the server does not say. */
async function listFolders(client: ImapFlow): Promise<string[]> {
  try {
    return (await client.list()).map(({ path }) => path);
  } catch {
    // The failure that is told is the one that made us ask.
    return [];
  }
}

async function openFolder(client: ImapFlow, { folder, host }: MailboxAddress) {
  try {
    return await client.mailboxOpen(folder);
  } catch (error) {
    const { responseStatus, responseText } = error as Record<string, string | undefined>;
    // NO, and of some servers BAD; else it has said nothing of the folder.
    if (responseStatus === undefined) throw error;
    const folders = await listFolders(client);
    throw MailboxFailure.ofFolder({ host, folder, folders, says: responseText ?? '' });
  }
}

function toMessage({ uid, size, flags }: FetchMessageObject): MailboxMessage {
  const keyword = READ_KEYWORD.toLowerCase();
  const isMarked = [...(flags ?? [])].some((flag) => flag.toLowerCase() === keyword);
  return { uid, bytes: size ?? 0, isMarked };
}

/** The client answers false for a refusal, and at times for a connection that has ended. */
const refused = (client: ImapFlow, what: string): Error =>
  client.usable
    ? new MailboxFailure(`${client.host} refuses to ${what}.`, 'Look at the rights of its user.')
    : Object.assign(new Error('the connection has ended'), { code: 'NoConnection' });

async function mark(client: ImapFlow, uid: number): Promise<boolean> {
  const isMarked = await client.messageFlagsAdd([uid], ['\\Seen', READ_KEYWORD], { uid: true });
  if (!isMarked && !client.usable) throw refused(client, 'mark a message');
  return isMarked;
}

async function list(client: ImapFlow, afterUid: number, max: number): Promise<MailboxMessage[]> {
  const found = await client.search({ uid: `${afterUid + 1}:*` }, { uid: true });
  if (!Array.isArray(found)) throw refused(client, 'list the messages');
  // The range n:* has the last message also when its UID is lower (RFC 9051, 9, seq-range).
  const uids = found.filter((uid) => uid > afterUid).sort((a, b) => a - b);
  if (uids.length === 0) return [];
  const wanted = uids.slice(0, max);
  const query = { uid: true, size: true, flags: true };
  const messages = await client.fetchAll(wanted, query, { uid: true });
  // Servers also tell of other messages that change meanwhile; and one that was found and is gone
  // by now is still to be passed by.
  const brought = new Map(messages.map((message) => [message.uid, toMessage(message)]));
  return wanted.map((uid) => brought.get(uid) ?? { uid, bytes: 0, isMarked: false });
}

/**
 * Opens a mailbox, has `work` done, and closes it. Nothing in it is ever deleted or moved.
 * @returns `failed` for whatever is the mailbox's; what else `work` throws is thrown on.
 */
export async function withMailbox<T>(
  address: MailboxAddress,
  options: MailboxOptions,
  work: (mailbox: OpenMailbox) => Promise<T>,
): Promise<MailboxOutcome<T>> {
  const client = makeClient(address, options);
  const breakOff = () => client.close();
  // Without a listener a connection that breaks would end the process; commands reject as well.
  let broken: unknown;
  client.on('error', (error) => {
    broken ??= error;
  });
  /** Errors of the client are those of the mailbox; others are thrown on. */
  const ask = async <R>(question: Promise<R>): Promise<R> => {
    try {
      return await question;
    } catch (error) {
      throw error instanceof MailboxFailure ? error : describeMailboxError(address, error, broken);
    }
  };
  options.signal.addEventListener('abort', breakOff, { once: true });
  try {
    if (options.signal.aborted) throw new MailboxFailure('It was called off.');
    await ask(client.connect());
    const folder = await ask(openFolder(client, address));
    const value = await work({
      // Servers that keep no UIDs for good say neither.
      uidValidity: folder.uidValidity ?? 0n,
      uidNext: folder.uidNext ?? 1,
      list: (afterUid, max) => ask(list(client, afterUid, max)),
      async fetch(uid) {
        const message = await ask(client.fetchOne(uid, { source: true }, { uid: true }));
        return message === false ? undefined : message.source;
      },
      mark: (uid) => ask(mark(client, uid)),
    });
    return { kind: 'done', value };
  } catch (error) {
    if (!(error instanceof MailboxFailure)) throw error;
    return { kind: 'failed', errorText: error.message, next: error.next };
  } finally {
    options.signal.removeEventListener('abort', breakOff);
    // Without LOGOUT: there is nothing to lose, and a server that is slow to answer is not waited for.
    client.close();
  }
}
