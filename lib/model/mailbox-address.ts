// The address of a mailbox, as the operator sets it: MAIL_BOUNCES_URL.

const IMAPS_PORT = 993;
const IMAP_PORT = 143;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/u;

/** A mailbox to be read by IMAP. */
export interface MailboxAddress {
  host: string;
  port: number;
  /**
   * `tls`: from the first byte; `starttls`: after asking for it, and never without; `local`: this
   * machine, where the password may go without it.
   */
  security: 'tls' | 'starttls' | 'local';
  user: string;
  password: string;
  folder: string;
  /** The whole address without the password: what it is called in rows, logs and messages. */
  name: string;
}

/** A part of an address without its percent signs; undefined when they mean nothing. */
function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/**
 * Reads `imaps://user:password@host:993/Folder` (RFC 5092, with a password, which that leaves out
 * and operators need). Without a folder it is INBOX.
 * @returns undefined for what is no such address: no user, no password, more than a folder.
 */
export function readMailboxAddress(text: string): MailboxAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isTls = url.protocol === 'imaps:';
  if (!isTls && url.protocol !== 'imap:') return undefined;
  if (url.search !== '' || url.hash !== '') return undefined;
  const [user, password, folder] = [url.username, url.password, url.pathname.slice(1)].map(decode);
  const host = url.hostname.replace(/^\[(.*)\]$/u, '$1');
  if (!user || !password || folder === undefined || host === '') return undefined;
  const port = url.port === '' ? (isTls ? IMAPS_PORT : IMAP_PORT) : Number(url.port);
  url.password = '';
  url.port = String(port);
  url.pathname = `/${encodeURIComponent(folder || 'INBOX')}`;
  return {
    host,
    port,
    security: isTls ? 'tls' : LOOPBACK.test(host) ? 'local' : 'starttls',
    user,
    password,
    folder: folder || 'INBOX',
    name: url.href,
  };
}
