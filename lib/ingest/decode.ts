import iconv from 'iconv-lite';

/** How many bytes are looked at for a declaration. */
const DECLARATION_BYTES = 1024;

export interface DecodedText {
  text: string;
  encoding: string;
}

const BOMS: readonly (readonly [string, readonly number[]])[] = [
  ['utf-32le', [0xff, 0xfe, 0, 0]],
  ['utf-32be', [0, 0, 0xfe, 0xff]],
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** A byte order mark, or the look of `<?xml` in a wide encoding (XML 1.0, appendix F). */
function encodingOfFirstBytes(bytes: Uint8Array): string | undefined {
  for (const [name, mark] of BOMS) if (mark.every((byte, i) => bytes[i] === byte)) return name;
  const first = [...bytes.subarray(0, 4)].map((byte) => (byte === 0 ? '0' : '1')).join('');
  if (first === '1000') return 'utf-32le';
  if (first === '0001') return 'utf-32be';
  if (first === '1010') return 'utf-16le';
  if (first === '0101') return 'utf-16be';
  return undefined;
}

/** What servers say of files whose encoding they do not know. */
const NO_CHARSET = 'binary';

function decodeAs(bytes: Uint8Array, encoding: string): string | undefined {
  const name = encoding.trim().toLowerCase();
  if (name === '' || name === NO_CHARSET) return undefined;
  try {
    return new TextDecoder(name).decode(bytes);
  } catch {
    // Not a label of the Encoding Standard: `win-1251`, utf-7, utf-32 and other old names.
    return iconv.encodingExists(name) ? iconv.decode(bytes, name) : undefined;
  }
}

/**
 * Whether a text begins as its bytes do, where these begin as a document in any encoding that has
 * ASCII in its place. What a wide encoding (UTF-16, UCS-4) makes of such bytes is no document.
 */
function beginsAsBytes(text: string, bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, DECLARATION_BYTES)).toString('latin1').trimStart();
  return !/^[<{][!-~\s]/u.test(head) || text.trimStart().startsWith(head.charAt(0));
}

function decodeStrictUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const UTF8 = /^(utf-?8|us-ascii|ascii|unicode-1-1-utf-8)$/iu;
const REPLACEMENTS_MAX = 0.01;

/** Few enough wrong bytes that the text is what it says, with a scratch. */
function isMostlyUtf8(text: string): boolean {
  const wrong = text.split('\ufffd').length - 1;
  const foreign = text.replace(/\p{ASCII}/gu, '').length;
  return foreign > 0 && wrong / foreign < REPLACEMENTS_MAX;
}

/**
 * Bytes to text: byte order mark, then the charset of HTTP (RFC 7303, section 3), then the
 * declaration in the document, then UTF-8 where the bytes are valid, then what they look like.
 * A label that the bytes belie (UTF-8 that is not valid, UTF-16 of single bytes), or that claims
 * nothing known, is passed over.
 */
export function decodeBytes(bytes: Uint8Array, contentType: string | undefined): DecodedText {
  const marked = encodingOfFirstBytes(bytes);
  if (marked !== undefined) {
    const text = decodeAs(bytes, marked);
    if (text !== undefined) return { text: text.replace(/^\ufeff/u, ''), encoding: marked };
  }
  const strict = decodeStrictUtf8(bytes);
  for (const label of [httpCharset(contentType), declaredEncoding(bytes)]) {
    if (label === undefined) continue;
    if (UTF8.test(label)) {
      if (strict !== undefined) return { text: strict, encoding: 'utf-8' };
      continue;
    }
    // Valid UTF-8 beyond ASCII is hardly ever anything else, whatever a label says.
    if (strict !== undefined && isOneByteLabel(label) && hasForeign(bytes)) break;
    const text = decodeAs(bytes, label);
    if (text !== undefined && beginsAsBytes(text, bytes)) {
      return { text, encoding: label.toLowerCase() };
    }
  }
  if (strict !== undefined) return { text: strict, encoding: 'utf-8' };
  const loose = new TextDecoder('utf-8').decode(bytes);
  if (isMostlyUtf8(loose)) return { text: loose, encoding: 'utf-8' };
  return { text: new TextDecoder('windows-1252').decode(bytes), encoding: 'windows-1252' };
}

const isOneByteLabel = (label: string) =>
  /^(iso-8859-\d+|windows-125\d|latin-?\d|koi8-[ru])$/iu.test(label);
const hasForeign = (bytes: Uint8Array) => bytes.some((byte) => byte >= 0x80);

function httpCharset(contentType: string | undefined): string | undefined {
  return /charset\s*=\s*["']?\s*([\w:.-]+)/iu.exec(contentType ?? '')?.[1];
}

const HTML_START = /^\s*(?:<!--[^>]*>\s*)*<(?:!doctype html|html|head|meta)\b/iu;
const META_CHARSET = /<meta\b[^>]{0,200}?\bcharset\s*=\s*["']?\s*([\w:.-]+)/iu;

function declaredEncoding(bytes: Uint8Array): string | undefined {
  const start = bytes.subarray(0, DECLARATION_BYTES);
  const head = new TextDecoder('latin1').decode(start);
  const declared = /<\?xml[^>]*?encoding\s*=\s*["']\s*([\w:.-]+)/iu.exec(head)?.[1];
  // A web page says it in a meta element (HTML, 4.2.5.4); a feed may only talk about one.
  return declared ?? (HTML_START.test(head) ? META_CHARSET.exec(head)?.[1] : undefined);
}
