import { type Attachment, type ParsedMail, simpleParser } from 'mailparser';
import { saysNoMailbox } from './bounce-status.ts';

/** What a mail server tells us of a mail of ours. */
export type MailReport =
  /** It was not delivered; `isFinal`: there is no such mailbox. */
  | (Evidence & { kind: 'bounce'; isFinal: boolean })
  /** Its reader called it spam. */
  | (Evidence & { kind: 'complaint' })
  /** A report of which nothing follows: a mail is late, or was delivered; it is no spam. */
  | { kind: 'note'; says: string }
  /** No report: an answer of absence, a letter, spam. */
  | { kind: 'other'; says: string };

interface Evidence {
  /** In the server's words, on one line. */
  says: string;
  /** Where it was sent and what was sent back: one may be a return path of ours. */
  addresses: string[];
  /** Of the mail's own List-Unsubscribe: one may be a link of ours. */
  links: string[];
}

const SAYS_CHARACTERS_MAX = 300;
/** A report has one part for people, one for programs and the mail; the rest is not looked at. */
const PARTS_MAX = 20;
/** Where mail servers note the address at which they took a mail. */
const RECIPIENT_HEADERS = ['to', 'delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to'];

const oneLine = (text: string) =>
  text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, SAYS_CHARACTERS_MAX);

/** Blocks of `Name: value`, as RFC 3464 and RFC 5965 have them, names in lower case. */
function readFields(text: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  // Only line ends that a next line does not continue end a field (RFC 5322, 2.2.3).
  for (const line of text
    .replace(/\r\n?/gu, '\n')
    .replace(/\n[ \t]+/gu, ' ')
    .split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    fields.set(name, [...(fields.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return fields;
}

const textOf = (part: Attachment | undefined) => part?.content.toString('utf8') ?? '';

/** The headers of the mail that the report is about. */
function originalHeaders(parts: Attachment[]): Map<string, string[]> {
  const part = parts.find(({ contentType }) =>
    /^(message\/rfc822(-headers)?|message\/global(-headers)?|text\/rfc822-headers)$/u.test(
      contentType,
    ),
  );
  const text = textOf(part);
  const end = /\r?\n\r?\n/u.exec(text.trimStart());
  return readFields(end ? text.trimStart().slice(0, end.index) : text);
}

/** Addresses to which the report itself was sent. */
function recipients(mail: ParsedMail): string[] {
  return mail.headerLines
    .filter(({ key }) => RECIPIENT_HEADERS.includes(key))
    .map(({ line }) => oneLine(line.slice(line.indexOf(':') + 1)));
}

function evidenceOf(mail: ParsedMail, parts: Attachment[], fields: Map<string, string[]>) {
  const original = originalHeaders(parts);
  return {
    addresses: [
      ...recipients(mail),
      ...(fields.get('original-mail-from') ?? []),
      ...(original.get('return-path') ?? []),
    ],
    links: (original.get('list-unsubscribe') ?? []).flatMap(
      (value) => value.match(/https?:\/\/[^\s<>]+/gu) ?? [],
    ),
  };
}

/** RFC 3464: one block for the mail, one for each recipient. */
function readBounce(mail: ParsedMail, parts: Attachment[], status: Attachment): MailReport {
  const fields = readFields(textOf(status));
  const actions = (fields.get('action') ?? []).map((action) => action.toLowerCase());
  const diagnosis = fields.get('diagnostic-code') ?? [];
  const says = oneLine([...(fields.get('status') ?? []), ...diagnosis].join(' '));
  if (!actions.includes('failed')) return { kind: 'note', says };
  const [code = ''] = fields.get('status') ?? [];
  // Some servers say 5.0.0, and what they mean behind it.
  const isVague = /^5\.(0|5)\.0\b/u.test(code);
  return {
    kind: 'bounce',
    isFinal: saysNoMailbox(isVague ? diagnosis.join(' ') : code),
    says,
    ...evidenceOf(mail, parts, fields),
  };
}

/** RFC 5965: a report about a mail that somebody did not want. */
function readComplaint(mail: ParsedMail, parts: Attachment[], feedback: Attachment): MailReport {
  const fields = readFields(textOf(feedback));
  const [type = 'abuse'] = fields.get('feedback-type') ?? [];
  // `not-spam` takes it back; `auth-failure` and `dmarc` are about servers.
  if (!/^(abuse|fraud|opt-out|opt-out-list|virus|other|miscategorized)$/iu.test(type)) {
    return { kind: 'note', says: oneLine(`feedback of the type ${type}`) };
  }
  return { kind: 'complaint', says: oneLine(type), ...evidenceOf(mail, parts, fields) };
}

/**
 * Reads what came to the address of bounces, as the raw mail. What it claims is worth nothing until
 * one of its addresses or links is found to be one of ours: anybody can write such a mail.
 * Bounces without a part for programs (qmail's, say) are `other`: what they mean is a guess.
 */
export async function readReport(raw: Uint8Array): Promise<MailReport> {
  const mail = await simpleParser(Buffer.from(raw), {
    keepDeliveryStatus: true,
    // The mail inside stays a part of its own, whose headers are looked at and no more.
    ignoreEmbedded: true,
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipTextLinks: true,
    skipImageLinks: true,
  });
  const parts = mail.attachments.slice(0, PARTS_MAX);
  const feedback = parts.find(({ contentType }) => contentType === 'message/feedback-report');
  if (feedback) return readComplaint(mail, parts, feedback);
  const status = parts.find(({ contentType }) =>
    /^message\/(global-)?delivery-status$/u.test(contentType),
  );
  if (status) return readBounce(mail, parts, status);
  return { kind: 'other', says: oneLine(mail.subject ?? 'a mail without a subject') };
}
