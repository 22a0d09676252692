import nodemailer, { type Transporter } from 'nodemailer';
import { config } from '../config.ts';
import { messageOf } from '../errors.ts';

const CONNECT_MS_MAX = 10_000;
const SOCKET_MS_MAX = 30_000;
const CONNECTIONS_MAX = 2;

/** A mail with its headers. */
export interface OutgoingMail {
  to: string;
  subject: string;
  html: string;
  text: string;
  /** Unique for ever: a mail sent again after a crash has the same, and mailboxes fold the two. */
  dedupeKey: string;
  /** Set for mails of alerts: which list it is, and where one click ends it. */
  list?: { id: string; unsubscribeUrl: string };
}

/** How sending ended. `refused` is for good and about this mail; `failed` may work later. */
export type SendOutcome =
  | { kind: 'sent' }
  | { kind: 'refused'; errorText: string }
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
    maxConnections: CONNECTIONS_MAX,
    connectionTimeout: CONNECT_MS_MAX,
    greetingTimeout: CONNECT_MS_MAX,
    socketTimeout: SOCKET_MS_MAX,
    // What a mail contains comes from feeds: it never makes us read a file or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  } as Parameters<typeof nodemailer.createTransport>[0]);
  transport = { url, transporter };
  return transporter;
}

/** The name behind the @ of Message-ID and in List-Id. */
const mailHost = () => new URL(config().siteUrl).hostname;

function headersOf(mail: OutgoingMail): Record<string, string> {
  return {
    // RFC 3834: answers of absence go nowhere.
    'Auto-Submitted': 'auto-generated',
    ...(mail.list
      ? {
          'List-Id': `<${mail.list.id}.${mailHost()}>`,
          // RFC 8058: one click in the mail program, without opening a page.
          'List-Unsubscribe': `<${mail.list.unsubscribeUrl}>`,
          'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        }
      : {}),
  };
}

/** A refusal of the mail or its address, rather than of us or of this moment. */
function isFinal(error: unknown): boolean {
  const { code, responseCode } = error as { code?: string; responseCode?: number };
  if (code === 'EENVELOPE' && responseCode === undefined) return true;
  const isOfThisMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  return isOfThisMail && responseCode !== undefined && responseCode >= 500;
}

/** Sends one mail through SMTP_URL. Never throws. */
export async function sendMail(mail: OutgoingMail): Promise<SendOutcome> {
  const { smtpUrl, mailFrom } = config();
  if (smtpUrl === undefined) return { kind: 'off' };
  try {
    await transporterOf(smtpUrl).sendMail({
      from: mailFrom,
      to: mail.to,
      subject: mail.subject,
      html: mail.html,
      text: mail.text,
      messageId: `<${mail.dedupeKey}@${mailHost()}>`,
      headers: headersOf(mail),
    });
    return { kind: 'sent' };
  } catch (error) {
    return { kind: isFinal(error) ? 'refused' : 'failed', errorText: messageOf(error) };
  }
}

/** Closes the connections to the mail server. */
export function closeMail(): void {
  transport?.transporter.close();
  transport = undefined;
}
