import { type HeadFault, headFaults } from './mail-head-rules.ts';
import {
  cutMultipart,
  cutPart,
  parameterOf,
  type RawPart,
  readUtf8,
  valuesOf,
} from './raw-mail.ts';

// What mail programs and services hold a mail of ours to, read from its octets alone: nothing of
// the library that writes them is asked.

/** RFC 5322, 2.1.1, without the line end. */
const LINE_OCTETS_MAX = 998;
/** RFC 2045, 6.7 (5) and 6.8. */
const ENCODED_LINE_OCTETS_MAX = 76;
/** RFC 2046, 5.1.1. */
const BOUNDARY = /^[\w'()+,\-./:=? ]{0,69}[\w'()+,\-./:=?]$/u;
/** What a text may not have in it, but for line ends and tabs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/u;

/**
 * What is wrong with a mail as it was handed to SMTP: RFC 5322 (lines, header, dates, ids), 2047
 * (encoded words), 2045 and 2046 (parts and their encodings), 2369 and 2919 (List-*), 8058
 * (one-click), 3834 (Auto-Submitted), and the headers that its signature must cover (RFC 6376).
 * @returns one line for each fault; none for a good mail.
 */
export function mailFaults(raw: Buffer): string[] {
  const octets = raw.toString('latin1');
  const message = cutPart(octets);
  return [...lineFaults(octets), ...headFaults(message), ...bodyFaults(message)];
}

function* lineFaults(octets: string): Iterable<HeadFault> {
  if (/\r(?!\n)|(?<!\r)\n/u.test(octets)) yield '5322 2.3: a CR or LF stands alone';
  if (octets.includes('\0')) yield '5322 4: an octet is zero';
  if (!octets.endsWith('\r\n')) yield '5322 2.3: the last line does not end';
  const longest = Math.max(...octets.split('\r\n').map((line) => line.length));
  if (longest > LINE_OCTETS_MAX) yield `5322 2.1.1: a line has ${longest} octets`;
}

function* bodyFaults(message: RawPart): Iterable<string> {
  const [type = ''] = valuesOf(message, 'content-type');
  const boundary = parameterOf(type, 'boundary');
  if (!/^multipart\/alternative;/iu.test(type) || boundary === undefined) {
    yield '2046 5.1.4: the mail is not multipart/alternative with a boundary';
    return;
  }
  if (!BOUNDARY.test(boundary)) yield '2046 5.1.1: the boundary is none';
  const parts = cutMultipart(message.body, boundary);
  if (parts === undefined) {
    yield '2046 5.1.1: the last boundary is missing';
    return;
  }
  const types = parts.map((part) => valuesOf(part, 'content-type')[0] ?? '');
  const kinds = types.map((each) => each.split(';')[0]?.trim().toLowerCase());
  // The richest comes last: a program shows the last one that it can.
  if (kinds.join() !== 'text/plain,text/html') {
    yield `2046 5.1.4: its parts are ${kinds.join(', ')}, not text/plain and text/html`;
  }
  for (const part of parts) yield* partFaults(part);
}

function* partFaults(part: RawPart): Iterable<string> {
  if (part.strays.length > 0) yield `2046 5.1: “${part.strays[0]}” is no field of a part`;
  const [type = ''] = valuesOf(part, 'content-type');
  if (parameterOf(type, 'charset')?.toLowerCase() !== 'utf-8') {
    yield '2046 4.1.2: a part does not say that it is UTF-8';
  }
  const encodings = valuesOf(part, 'content-transfer-encoding');
  if (encodings.length > 1) yield '2045 6: a part has two encodings';
  const encoding = encodings[0]?.toLowerCase() ?? '7bit';
  const decoded = decodeBody(part.body, encoding);
  if (typeof decoded !== 'object') {
    yield decoded;
    return;
  }
  const text = readUtf8(decoded.octets);
  if (text === undefined) yield '2046 4.1.2: a part is no UTF-8';
  else if (CONTROL.test(text)) yield 'a part has a control character in its text';
}

/** The octets of a body, or what is wrong with its encoding. */
function decodeBody(body: string, encoding: string): { octets: string } | string {
  const lines = body.split('\r\n');
  const isLong = lines.some((line) => line.length > ENCODED_LINE_OCTETS_MAX);
  switch (encoding) {
    case '7bit':
      return /[\x80-\xff]/u.test(body) ? '2045 2.7: a part of 7bit has others' : { octets: body };
    case 'quoted-printable': {
      if (isLong) return '2045 6.7 (5): a line of quoted-printable is too long';
      if (lines.some((line) => /[ \t]$/u.test(line))) {
        return '2045 6.7 (3): a line of quoted-printable ends in a space';
      }
      const rest = body.replace(/=(?:[0-9A-F]{2}|\r\n)/gu, '');
      if (/=|[^\t\r\n\x20-\x7e]/u.test(rest)) return '2045 6.7 (1): a part is no quoted-printable';
      const joined = body.replaceAll('=\r\n', '');
      return { octets: joined.replace(/=([0-9A-F]{2})/gu, (_, hex) => decodeHex(hex)) };
    }
    case 'base64': {
      if (isLong) return '2045 6.8: a line of base64 is too long';
      const digits = body.replaceAll('\r\n', '');
      if (digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/u.test(digits)) {
        return '2045 6.8: a part is no base64';
      }
      return { octets: Buffer.from(digits, 'base64').toString('latin1') };
    }
    default:
      return `2045 6.1: “${encoding}” is no encoding that every server takes`;
  }
}

const decodeHex = (hex: string) => String.fromCharCode(Number.parseInt(hex, 16));
