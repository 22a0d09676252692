import { type RawField, type RawPart, readUtf8, valuesOf } from './raw-mail.ts';

/** A rule that is broken, by RFC and section. */
export type HeadFault = string;

/** All that we write. Another one in a mail came in through some text. */
const ONCE = ['from', 'to', 'subject', 'date', 'message-id', 'mime-version', 'content-type'];
const ONCE_AT_MOST = [
  ...['in-reply-to', 'references', 'content-transfer-encoding', 'dkim-signature', 'feedback-id'],
  ...['list-id', 'list-unsubscribe', 'list-unsubscribe-post'],
];
const KNOWN = new Set([...ONCE, ...ONCE_AT_MOST, 'auto-submitted']);
/** RFC 2919, 2: of a List-Id. */
const LIST_ID_OCTETS_MAX = 255;
/** RFC 2047, 2: of an encoded word, and of a line with one. */
const ENCODED_WORD_CHARACTERS_MAX = 75;
const ENCODED_LINE_CHARACTERS_MAX = 76;

const ATOM = "[A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~]+";
const DOT_ATOM = `${ATOM}(?:\\.${ATOM})*`;
const QUOTED = '"(?:[^"\\\\]|\\\\.)*"';
const ADDRESS = `(?:${DOT_ATOM}|${QUOTED})@(?:${DOT_ATOM}|\\[[\\x21-\\x5a\\x5e-\\x7e]+\\])`;
/** RFC 5322, 3.4: one mailbox, with or without a name. */
const MAILBOX = new RegExp(
  `^(?:${ADDRESS}|(?:(?:${ATOM}|${QUOTED})(?:\\s+(?:${ATOM}|${QUOTED}))*\\s*)?<${ADDRESS}>)$`,
  'u',
);
const MESSAGE_ID = `<${DOT_ATOM}@(?:${DOT_ATOM}|\\[[\\x21-\\x5a\\x5e-\\x7e]+\\])>`;
const DAYS = 'Sun|Mon|Tue|Wed|Thu|Fri|Sat';
const MONTHS = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
/** RFC 5322, 3.3, without what is obsolete. */
const DATE = new RegExp(
  `^(${DAYS}), (\\d{1,2} (?:${MONTHS}) \\d{4} \\d{2}:\\d{2}:\\d{2} [+-]\\d{4})$`,
  'u',
);

/** How single fields are written. */
const FORMS: [name: string, rule: string, form: RegExp][] = [
  ['from', '5322 3.6.2', MAILBOX],
  ['to', '5322 3.6.3', MAILBOX],
  ['message-id', '5322 3.6.4', new RegExp(`^${MESSAGE_ID}$`, 'u')],
  ['in-reply-to', '5322 3.6.4', new RegExp(`^${MESSAGE_ID}(?:\\s*${MESSAGE_ID})*$`, 'u')],
  ['references', '5322 3.6.4', new RegExp(`^${MESSAGE_ID}(?:\\s*${MESSAGE_ID})*$`, 'u')],
  ['mime-version', '2045 4', /^1\.0$/u],
  ['auto-submitted', '3834 5', /^auto-(?:generated|replied)$/u],
  ['list-id', '2919 3', new RegExp(`^(?:[^<>]+ )?<${ATOM}(?:\\.${ATOM})+>$`, 'u')],
  ['list-unsubscribe', '2369 2', /^<[^<>\s]+>(?:,\s*<[^<>\s]+>)*$/u],
  ['list-unsubscribe-post', '8058 3.1', /^List-Unsubscribe=One-Click$/u],
  ['feedback-id', 'Feedback-ID', /^(?:[\w-]*:){3}[\w-]{5,15}$/u],
];

export function* headFaults(message: RawPart): Iterable<HeadFault> {
  const { fields, strays } = message;
  for (const line of strays) yield `5322 2.2: “${line.slice(0, 40)}” is no field`;
  for (const field of fields) yield* fieldFaults(field);
  for (const name of [...ONCE, ...ONCE_AT_MOST]) {
    if (valuesOf(message, name).length > 1) yield `5322 3.6: ${name} stands there twice`;
  }
  for (const name of [...ONCE, 'auto-submitted']) {
    if (valuesOf(message, name).length === 0) yield `5322 3.6: ${name} is missing`;
  }
  for (const [name, rule, form] of FORMS) {
    for (const value of valuesOf(message, name)) {
      if (!form.test(value)) yield `${rule}: ${name} is “${value.slice(0, 60)}”`;
    }
  }
  for (const value of valuesOf(message, 'date')) yield* dateFaults(value);
  yield* listFaults(message);
  yield* signatureFaults(message);
}

function* fieldFaults({ name, value, lines }: RawField): Iterable<HeadFault> {
  if (!KNOWN.has(name)) yield `${name} is no field of ours`;
  if (/[^\t\x20-\x7e]/u.test(value)) yield `5322 2.2: ${name} has what is no printable ASCII`;
  if (lines.some((line) => /^[ \t]*$/u.test(line))) yield `5322 3.2.2: ${name} has an empty line`;
  if (!value.includes('=?')) return;
  if (lines.some((line) => line.includes('=?') && line.length > ENCODED_LINE_CHARACTERS_MAX)) {
    yield `2047 2: a line of ${name} with an encoded word is too long`;
  }
  yield* encodedWordFaults(name, value);
}

function* encodedWordFaults(name: string, value: string): Iterable<HeadFault> {
  const bare = value.replace(new RegExp(QUOTED, 'gu'), (quoted) => {
    return quoted.includes('=?') ? '=?' : ' ';
  });
  let whole = '';
  for (const word of bare.split(/[ \t]+/u).filter((each) => each.includes('=?'))) {
    const [, charset, encoding, text] = /^=\?([\w-]+)\?([BQ])\?([^? ]*)\?=$/iu.exec(word) ?? [];
    if (text === undefined) {
      yield `2047 5: ${name} has an encoded word within something else`;
      return;
    }
    if (word.length > ENCODED_WORD_CHARACTERS_MAX) yield `2047 2: a word of ${name} is too long`;
    const decoded = decodeWord(String(encoding), text);
    const read = decoded === undefined ? undefined : readUtf8(decoded);
    if (charset?.toLowerCase() !== 'utf-8') yield `2047 3: ${name} has the charset ${charset}`;
    if (read === undefined) yield `2047 5: a word of ${name} has a character that is not whole`;
    whole += read ?? '';
  }
  if (/\p{Cc}/u.test(whole)) yield `2047 5: ${name} has a control character in its words`;
}

/** The octets of an encoded word (RFC 2047, 4); undefined where they are none. */
function decodeWord(encoding: string, text: string): string | undefined {
  if (encoding.toUpperCase() === 'B') {
    const isWhole = text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/u.test(text);
    return isWhole ? Buffer.from(text, 'base64').toString('latin1') : undefined;
  }
  // As in a phrase, section 5 (3), which is the narrowest and fits everywhere.
  if (!/^(?:[A-Za-z0-9!*+\-/_]|=[0-9A-F]{2})+$/u.test(text)) return undefined;
  return text
    .replaceAll('_', ' ')
    .replace(/=([0-9A-F]{2})/gu, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function* dateFaults(value: string): Iterable<HeadFault> {
  const [, day, rest] = DATE.exec(value) ?? [];
  const ms = Date.parse(rest ?? '');
  if (rest === undefined || Number.isNaN(ms)) {
    yield `5322 3.3: “${value}” is no date`;
    return;
  }
  const local = Date.parse(`${rest.slice(0, -5)}+0000`);
  if (DAYS.split('|')[new Date(local).getUTCDay()] !== day) yield `5322 3.3: no ${day} is ${rest}`;
}

function* listFaults(message: RawPart): Iterable<HeadFault> {
  const [id] = valuesOf(message, 'list-id');
  if (id !== undefined && id.length > LIST_ID_OCTETS_MAX) yield '2919 3: List-Id is too long';
  const unsubscribe = valuesOf(message, 'list-unsubscribe');
  const post = valuesOf(message, 'list-unsubscribe-post');
  if (unsubscribe.length !== post.length || (id === undefined) !== (post.length === 0)) {
    yield '8058 3.1: of List-Id, List-Unsubscribe and List-Unsubscribe-Post some are missing';
  }
  const uris = unsubscribe.join().match(/(?<=<)[^<>]+(?=>)/gu) ?? [];
  const isOneClick = uris.some((uri) => /^https?:/u.test(uri) && URL.canParse(uri));
  if (unsubscribe.length > 0 && !isOneClick)
    yield '8058 3.1: no address of List-Unsubscribe is HTTP';
}

/** RFC 6376, 3.5, and RFC 8058, 4: all that programs act on is signed. */
function* signatureFaults(message: RawPart): Iterable<HeadFault> {
  const [signature] = valuesOf(message, 'dkim-signature');
  if (signature === undefined) return;
  const tags = new Map(
    signature.split(';').map((tag) => {
      const [name = '', ...value] = tag.split('=');
      return [name.trim(), value.join('=').replace(/\s+/gu, '')];
    }),
  );
  for (const name of ['v', 'a', 'd', 's', 'h', 'bh', 'b']) {
    if (!tags.get(name)) yield `6376 3.5: the signature has no ${name}=`;
  }
  const signed = new Set(tags.get('h')?.toLowerCase().split(':'));
  for (const { name } of message.fields) {
    if (name !== 'dkim-signature' && !signed.has(name)) yield `6376 5.4: ${name} is not signed`;
  }
}
