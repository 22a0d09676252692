import nodemailer, { type Transporter } from 'nodemailer';
import { config } from '../config.ts';
import { messageOf } from '../errors.ts';
import { saysNoMailbox } from './bounce-status.ts';
import { dkimOptions } from './dkim.ts';
import { encodeWords } from './shown-text.ts';

const CONNECT_MS_MAX = 10_000;
/** Servers that look into a mail before they take it are slow. Hanging up early makes a double. */
const SOCKET_MS_MAX = 5 * 60_000;
/** RFC 5321, 4.5.3.2.6, of the answer to a whole mail. */
const SEND_MS_MAX = 10 * 60_000;
/** Mails that a worker sends at once. Servers take more from one client, but not gladly. */
export const MAIL_CONNECTIONS_MAX = 4;

/** A mail with its headers. */
export interface OutgoingMail {
  to: string;
  subject: string;
  html: string;
  text: string;
  /** Unique for ever: a mail sent again after a crash has the same, and mailboxes fold the two. */
  dedupeKey: string;
  /** Where it is sent back to when it cannot be delivered; the sender, if not said otherwise. */
  returnPath?: string | undefined;
  /** Set for mails of alerts: which list it is, of what kind, and where one click ends it. */
  list?: { id: string; kind: string; unsubscribeUrl: string };
}

/** How sending ended. */
export type SendOutcome =
  | { kind: 'sent' }
  /** The server does not want this mail, for good; `hasNoMailbox`: nor any other to this address. */
  | { kind: 'refused'; errorText: string; hasNoMailbox: boolean }
  /** The server does not want this mail now; others may go. */
  | { kind: 'deferred'; errorText: string }
  /** The server is away, or wants nothing of ours as things are. */
  | { kind: 'failed'; errorText: string }
  /** No SMTP_URL is set. */
  | { kind: 'off' };

let transport: { url: string; transporter: Transporter } | undefined;

function transporterOf(url: string): Transporter {
  if (transport?.url === url) return transport.transporter;
  transport?.transporter.close();
  const transporter = nodemailer.createTransport({
    url,
    pool: true,
    maxConnections: MAIL_CONNECTIONS_MAX,
    connectionTimeout: CONNECT_MS_MAX,
    greetingTimeout: CONNECT_MS_MAX,
    socketTimeout: SOCKET_MS_MAX,
    // What a mail contains comes from feeds: it never makes us read a file or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
    dkim: dkimOptions(),
  } as Parameters<typeof nodemailer.createTransport>[0]);
  transport = { url, transporter };
  return transporter;
}

/** The name behind the @ of Message-ID and in List-Id. */
const mailHost = () => new URL(config().siteUrl).hostname;

/** Feedback-ID wants 5 to 15 characters that stay the same. */
const senderId = () =>
  mailHost()
    .replace(/[^a-z0-9]+/giu, '-')
    .slice(0, 15)
    .padEnd(5, '-');

function headersOf(mail: OutgoingMail): Record<string, string> {
  return {
    // RFC 3834: answers of absence go nowhere.
    'Auto-Submitted': 'auto-generated',
    ...(mail.list
      ? {
          'List-Id': `<${mail.list.id}.${mailHost()}>`,
          // All mails of an alert answer one that never was (RFC 5322, 3.6.4): they are one thread.
          'In-Reply-To': `<${mail.list.id}@${mailHost()}>`,
          References: `<${mail.list.id}@${mailHost()}>`,
          // Mail services tell complaints by it: campaign, customer, kind, sender.
          'Feedback-ID': `${mail.list.id}:${mail.list.kind}:alerts:${senderId()}`,
          // RFC 8058: one click in the mail program, without opening a page.
          'List-Unsubscribe': `<${mail.list.unsubscribeUrl}>`,
          'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        }
      : {}),
  };
}

/**
 * A subject for the mail library, which sends ASCII as it is: what looks like an encoded word in a
 * title would be decoded by whoever shows it.
 */
const subjectHeader = (subject: string) =>
  subject.includes('=?')
    ? { prepared: true, foldLines: true, value: encodeWords(subject) }
    : subject;

const CLOSING = 421;
const FINAL_MIN = 500;
/** RFC 3463, 3.8: our login, our sender or our relaying is at fault. */
const POLICY = /^5\d\d[ -]5\.7\./u;

/**
 * What a failure is about. What is said to RCPT TO or of the text is about one mail; all else
 * (no connection, login, MAIL FROM) would meet every mail, and must not cost any.
 */
function failureKind(error: unknown): 'refused' | 'deferred' | 'failed' {
  const { code, command, responseCode, response } = error as {
    code?: string;
    command?: string;
    responseCode?: number;
    response?: string;
  };
  // Not from the server: the mail is larger than it has said to take.
  if (code === 'EMESSAGE' && responseCode === undefined) return 'refused';
  // Nor is this: an address that no server would be told.
  if (code === 'EENVELOPE' && responseCode === undefined) return 'deferred';
  const isOfThisMail = command === 'RCPT TO' || command === 'DATA';
  if (!isOfThisMail || responseCode === undefined || responseCode === CLOSING) return 'failed';
  if (responseCode < FINAL_MIN) return 'deferred';
  return command === 'RCPT TO' && POLICY.test(response ?? '') ? 'deferred' : 'refused';
}

/** Sends one mail through SMTP_URL. Never throws. */
export async function sendMail(mail: OutgoingMail): Promise<SendOutcome> {
  const { smtpUrl, mailFrom } = config();
  if (smtpUrl === undefined) return { kind: 'off' };
  try {
    await transporterOf(smtpUrl).sendMail({
      from: mailFrom,
      to: { name: '', address: mail.to },
      ...(mail.returnPath ? { envelope: { from: mail.returnPath, to: mail.to } } : {}),
      html: mail.html,
      text: mail.text,
      messageId: `<${mail.dedupeKey}@${mailHost()}>`,
      headers: { ...headersOf(mail), Subject: subjectHeader(mail.subject) },
      // Ends also a server that says a little all the time.
      signal: AbortSignal.timeout(SEND_MS_MAX),
    });
    return { kind: 'sent' };
  } catch (error) {
    const kind = failureKind(error);
    const errorText = messageOf(error);
    if (kind !== 'refused') return { kind, errorText };
    const { command, response } = error as { command?: string; response?: string };
    return {
      kind,
      errorText,
      hasNoMailbox: command === 'RCPT TO' && saysNoMailbox(response ?? ''),
    };
  }
}

/**
 * Asks the server of SMTP_URL whether it would take mails: connects, and logs in. Never throws.
 * @returns why it would not, in one line; undefined when it would, or there is none.
 */
export async function askMailServer(): Promise<string | undefined> {
  const { smtpUrl } = config();
  if (smtpUrl === undefined) return undefined;
  try {
    await transporterOf(smtpUrl).verify();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** Closes the connections to the mail server. */
export function closeMail(): void {
  transport?.transporter.close();
  transport = undefined;
}
