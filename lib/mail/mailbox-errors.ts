import { messageOf } from '../errors.ts';
import type { MailboxAddress } from '../model/mailbox-address.ts';

// What can be wrong with a mailbox, in words for whoever runs it.

const SAYS_CHARACTERS_MAX = 200;
const FOLDERS_NAMED_MAX = 10;
const AGAIN = 'It is tried again by itself.';

/** A mailbox cannot be read: the message says what happened and why, `next` what to do. */
export class MailboxFailure extends Error {
  readonly next: string;

  constructor(message: string, next: string = AGAIN) {
    super(message);
    this.name = 'MailboxFailure';
    this.next = next;
  }

  /** The server does not open the folder. @param given.folders those that there are, if known. */
  static ofFolder(given: {
    host: string;
    folder: string;
    folders: string[];
    says: string;
  }): MailboxFailure {
    const { host, folder, folders, says } = given;
    if (folders.includes(folder)) {
      return new MailboxFailure(
        `${host} does not open the folder “${folder}”${saying(says)}.`,
        'Give the user the right to read it, and to mark what is in it.',
      );
    }
    const named = folders.slice(0, FOLDERS_NAMED_MAX).map((each) => `“${toLine(each)}”`);
    const more = folders.length > FOLDERS_NAMED_MAX ? ', and more' : '';
    return new MailboxFailure(
      `${host} has no folder “${folder}”${saying(says)}.`,
      named.length === 0
        ? 'Name one that there is at the end of MAIL_BOUNCES_URL, or make this one.'
        : `Name one that there is at the end of MAIL_BOUNCES_URL (${named.join(', ')}${more}), or make this one.`,
    );
  }
}

/** What a server says on one line, without what a terminal would obey. */
const toLine = (text: string) =>
  text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, SAYS_CHARACTERS_MAX);

const saying = (text: string) => (toLine(text) === '' ? '' : `: “${toLine(text)}”`);

/** OpenSSL's and Node's names for a certificate that is not to be trusted, or of another host. */
const CERTIFICATE = /^(CERT_|ERR_TLS_CERT|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(GET|VERIFY|DECODE))/u;
/** No TLS where it was expected, or none that both sides speak. */
const NO_TLS = /^(ERR_SSL_|EPROTO)/u;
const NOT_FOUND = new Set(['ENOTFOUND', 'EAI_AGAIN']);
const AWAY = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'CONNECT_TIMEOUT',
  'GREETING_TIMEOUT',
  'UPGRADE_TIMEOUT',
]);
const TOO_MUCH = new Set(['LiteralTooLarge', 'ResponseTooLarge', 'LineTooLarge', 'TooManyTokens']);

interface ClientError {
  code?: string;
  authenticationFailed?: boolean;
  tlsFailed?: boolean;
  responseText?: string;
}

function describe(address: MailboxAddress, error: unknown): MailboxFailure {
  const { host, port, user, password } = address;
  const { code = '', authenticationFailed, tlsFailed, responseText } = error as ClientError;
  // Some servers repeat what they were sent.
  const says = (responseText ?? messageOf(error)).replaceAll(password, '********');
  if (authenticationFailed) {
    return new MailboxFailure(
      `${host} refuses the login of ${user}${saying(says)}.`,
      'Correct user and password in MAIL_BOUNCES_URL; where a second factor is asked for, make a password for programs.',
    );
  }
  if (CERTIFICATE.test(code)) {
    return new MailboxFailure(
      `The certificate of ${host} is not to be trusted: ${toLine(says)}.`,
      'Write the host in MAIL_BOUNCES_URL as its certificate has it, have the certificate renewed, or name its issuer in NODE_EXTRA_CA_CERTS.',
    );
  }
  if (NO_TLS.test(code) || tlsFailed) {
    return new MailboxFailure(
      `${host}:${port} does not speak TLS as ${address.security === 'tls' ? 'imaps:' : 'imap:'} asks for it: ${toLine(says)}.`,
      'imaps: is for port 993, imap: for 143, where TLS is begun on demand; without it no password is sent.',
    );
  }
  if (NOT_FOUND.has(code)) {
    return new MailboxFailure(
      `There is no host ${host} (${code}).`,
      'Correct the host in MAIL_BOUNCES_URL, or look at the DNS of this machine.',
    );
  }
  if (AWAY.has(code)) {
    return new MailboxFailure(
      `${host}:${port} cannot be reached (${code}).`,
      `See that the mail server runs, and that host and port in MAIL_BOUNCES_URL are right. ${AGAIN}`,
    );
  }
  if (TOO_MUCH.has(code)) {
    return new MailboxFailure(
      `${host} sent more than is taken at once: ${toLine(says)}.`,
      `A message that stays like that is left after some tries. ${AGAIN}`,
    );
  }
  return new MailboxFailure(`The connection to ${host}:${port} broke off: ${toLine(says)}.`, AGAIN);
}

/**
 * What an error of the IMAP client means. The password is in none of it.
 * @param broken what the connection broke with: commands only say that it is gone.
 */
export function describeMailboxError(
  address: MailboxAddress,
  error: unknown,
  broken: unknown,
): MailboxFailure {
  const isGone = ['NoConnection', 'EConnectionClosed'].includes((error as ClientError).code ?? '');
  return describe(address, isGone && broken !== undefined ? broken : error);
}
