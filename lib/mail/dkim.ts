import { createPrivateKey } from 'node:crypto';
import fs from 'node:fs';
import { config } from '../config.ts';
import { messageOf, TagwireError } from '../errors.ts';

/** RFC 8301, 3.2: shorter ones are not to be verified. */
const KEY_BITS_MIN = 1024;

/**
 * What is signed: all that a mail program acts on. RFC 8058, section 4, wants the two headers of
 * one-click unsubscription among them, mail services the Feedback-ID.
 */
const SIGNED_HEADERS = [
  'From',
  'To',
  'Subject',
  'Date',
  'Message-ID',
  'In-Reply-To',
  'References',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
  'Auto-Submitted',
  'List-Id',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
  'Feedback-ID',
];

export interface DkimOptions {
  domainName: string;
  keySelector: string;
  privateKey: string;
  headerFieldNames: string;
}

/** Reads and checks a private key: with one that it cannot use, the mail library would not sign. */
function readKey(file: string): string {
  const next = 'Make one with `openssl genrsa -out FILE 2048`, and see docs/operating.md, Mail.';
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new TagwireError(`MAIL_DKIM_KEY_FILE cannot be read: ${messageOf(error)}.`, next);
  }
  let bits: number | undefined;
  try {
    const key = createPrivateKey(text);
    // RFC 6376 as everybody verifies it; Ed25519 (RFC 8463) few do.
    bits = key.asymmetricKeyType === 'rsa' ? key.asymmetricKeyDetails?.modulusLength : undefined;
  } catch {
    bits = undefined;
  }
  if (bits === undefined || bits < KEY_BITS_MIN) {
    const what = `an RSA key of at least ${KEY_BITS_MIN} bits, as PEM`;
    throw new TagwireError(`MAIL_DKIM_KEY_FILE (${file}) does not have ${what}.`, next);
  }
  return text;
}

/**
 * How our mails are signed (DKIM, RFC 6376), for the domain of MAIL_FROM, as DMARC wants it.
 * @returns undefined without MAIL_DKIM_KEY_FILE. @throws TagwireError when the key cannot be used.
 */
export function dkimOptions(): DkimOptions | undefined {
  const { mailDkimKeyFile, mailDkimSelector, mailFrom } = config();
  if (!mailDkimKeyFile) return undefined;
  const domain = /@([^\s<>@]+)>?\s*$/u.exec(mailFrom)?.[1];
  if (domain === undefined) {
    throw new TagwireError(
      `MAIL_FROM (${mailFrom}) has no address whose domain could sign.`,
      'Write it like `Name <alerts@example.org>`.',
    );
  }
  return {
    domainName: domain,
    keySelector: mailDkimSelector,
    privateKey: readKey(mailDkimKeyFile),
    headerFieldNames: SIGNED_HEADERS.join(':'),
  };
}
