import { decodeHTML } from 'entities';

// A tolerant reader of XML-like text. It never fails and never looks back: whatever is written,
// it gives tags and text. XML's own rules (section 2 of XML 1.0) are kept where the text keeps them.

/** One attribute as written, its value decoded. */
export type Attributes = ReadonlyMap<string, string>;

export interface TokenSink {
  open(name: string, attributes: Attributes, selfClosing: boolean): void;
  close(name: string): void;
  /** Text with its references decoded; `cdata` tells that it was written in a CDATA section. */
  text(text: string, cdata: boolean): void;
  comment(text: string): void;
}

const NAME_START = /[\p{L}_:]/u;
const NAME_END = /[\s/>=<"']/u;
/** One run of text as written: a body of the greatest length with half of it in references. */
const TEXT_CHARACTERS_MAX = 2_000_000;
/** Attributes of one element; honest elements have fewer than 20. */
const ATTRIBUTES_MAX = 100;
/** Entities that a document may declare, and the length of each in characters: no room for a bomb. */
const ENTITIES_MAX = 200;
const ENTITY_CHARACTERS_MAX = 200;

// What pages in windows-1252 mean by the references &#128; to &#159; (HTML, section 13.2.5.80).
const C1 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

// What XML 1.0 (section 2.2) forbids, with lone surrogates; PostgreSQL refuses NUL besides.
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/**
 * Text without the characters that XML forbids. The C1 controls, which no text means, are read
 * as what windows-1252 has in their places: somebody converted twice.
 */
export function stripForbidden(text: string): string {
  return text
    .replace(FORBIDDEN, '')
    .replace(/[\u0080-\u009f]/gu, (control) => C1.charAt(control.charCodeAt(0) - 0x80));
}

function numericReference(digits: string, base: 10 | 16): string {
  const code = Number.parseInt(digits, base);
  if (code >= 0x80 && code <= 0x9f) return C1.charAt(code - 0x80);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) || code === 0) return '\ufffd';
  return String.fromCodePoint(code);
}

const REFERENCE = /&(?:#[xX]([0-9a-fA-F]{1,8})|#([0-9]{1,8})|([A-Za-z_][\w.-]{0,63}));/gu;

/** Decodes references once; an ampersand that begins none stays as it is. */
function decodeReferences(text: string, declared?: ReadonlyMap<string, string>): string {
  if (!text.includes('&')) return text;
  return text.replace(REFERENCE, (whole, hex?: string, decimal?: string, name?: string) => {
    if (hex !== undefined) return numericReference(hex, 16);
    if (decimal !== undefined) return numericReference(decimal, 10);
    if (name === 'apos') return "'";
    return declared?.get(name ?? '') ?? decodeHTML(whole);
  });
}

const isSpace = (code: number) => code === 0x20 || (code >= 0x09 && code <= 0x0d);

/** Text for the content of an element. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Text for an attribute's value in double quotes. */
export function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('"', '&quot;');
}

/** Reads `text` from its start to its end and tells `sink` what is there. Linear in its length. */
export function readTokens(text: string, sink: TokenSink): void {
  new Reader(text, sink).read();
}

class Reader {
  readonly #text: string;
  readonly #sink: TokenSink;
  #at = 0;
  #declared: Map<string, string> | undefined;
  /** Ends that were sought in vain once: seeking them again and again would be quadratic. */
  readonly #missing = new Set<string>();

  constructor(text: string, sink: TokenSink) {
    this.#text = text;
    this.#sink = sink;
  }

  read(): void {
    const text = this.#text;
    while (this.#at < text.length) {
      const bracket = text.indexOf('<', this.#at);
      const end = bracket === -1 ? text.length : bracket;
      if (end > this.#at) this.#sendText(text.slice(this.#at, end));
      this.#at = end;
      if (bracket !== -1) this.#readMarkup();
    }
  }

  #sendText(raw: string): void {
    this.#sink.text(decodeReferences(raw.slice(0, TEXT_CHARACTERS_MAX), this.#declared), false);
  }

  #find(end: string, from: number): number {
    if (this.#missing.has(end)) return -1;
    const at = this.#text.indexOf(end, from);
    if (at === -1) this.#missing.add(end);
    return at;
  }

  #readMarkup(): void {
    const text = this.#text;
    const at = this.#at;
    if (text.startsWith('<!--', at)) this.#readComment();
    else if (text.startsWith('<![CDATA[', at)) this.#readCdata();
    else if (text.startsWith('<!', at)) this.#readDeclaration();
    else if (text.startsWith('<?', at)) this.#skipTo(this.#find('?>', at) === -1 ? '>' : '?>', at);
    else if (text.charAt(at + 1) === '/') this.#readEndTag();
    else if (NAME_START.test(text.charAt(at + 1))) this.#readStartTag();
    else {
      // All of a run but its last, which may begin something.
      let end = at + 1;
      while (text.charAt(end) === '<' && text.charAt(end + 1) === '<') end++;
      this.#sink.text(text.slice(at, end), false);
      this.#at = end;
    }
  }

  #skipTo(end: string, from: number): void {
    const found = this.#find(end, from);
    this.#at = found === -1 ? this.#text.length : found + end.length;
  }

  #readComment(): void {
    const from = this.#at + '<!--'.length;
    const found = this.#find('-->', from);
    this.#sink.comment(this.#text.slice(from, found === -1 ? this.#text.length : found));
    this.#skipTo('-->', from);
  }

  #readCdata(): void {
    const from = this.#at + '<![CDATA['.length;
    const found = this.#find(']]>', from);
    const end = found === -1 ? this.#text.length : found;
    this.#sink.text(this.#text.slice(from, end), true);
    this.#at = found === -1 ? end : end + 3;
  }

  /** A document type with, it may be, declarations of entities in brackets. */
  #readDeclaration(): void {
    const text = this.#text;
    const close = this.#find('>', this.#at);
    const subset = this.#find('[', this.#at);
    if (subset === -1 || (close !== -1 && close < subset)) {
      this.#skipTo('>', this.#at);
      return;
    }
    const end = this.#find(']', subset);
    if (end === -1) {
      this.#at = text.length;
      return;
    }
    this.#declareEntities(text.slice(subset, end));
    this.#at = end;
    this.#skipTo('>', end);
  }

  #declareEntities(subset: string): void {
    const declared = new Map<string, string>();
    const pattern = /<!ENTITY\s+([\w.-]{1,64})\s+(?:"([^"]*)"|'([^']*)')\s*>/gu;
    for (const [, name = '', double, single] of subset.matchAll(pattern)) {
      const value = double ?? single ?? '';
      // A value that refers to others is how bombs are built; no feed needs one.
      if (value.length > ENTITY_CHARACTERS_MAX || /&(?!#)/u.test(value)) continue;
      declared.set(name, decodeReferences(value));
      if (declared.size >= ENTITIES_MAX) break;
    }
    this.#declared = declared;
  }

  #readEndTag(): void {
    const text = this.#text;
    const close = this.#find('>', this.#at);
    const end = close === -1 ? text.length : close;
    const name = /^[^\s<>/]{1,256}/u.exec(
      text.slice(this.#at + 2, Math.min(end, this.#at + 260)),
    )?.[0];
    this.#at = close === -1 ? end : end + 1;
    if (name !== undefined) this.#sink.close(name);
  }

  #readStartTag(): void {
    this.#at++;
    const name = this.#readName();
    const attributes = new Map<string, string>();
    for (;;) {
      this.#skipSpace();
      const character = this.#text.charAt(this.#at);
      if (character === '' || character === '<') break;
      if (character === '>') {
        this.#at++;
        break;
      }
      if (character === '/') {
        this.#at++;
        if (this.#text.charAt(this.#at) === '>') {
          this.#at++;
          this.#sink.open(name, attributes, true);
          return;
        }
        continue;
      }
      this.#readAttribute(attributes);
    }
    this.#sink.open(name, attributes, false);
  }

  #skipSpace(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  #readName(): string {
    const from = this.#at;
    const text = this.#text;
    while (this.#at < text.length && !NAME_END.test(text.charAt(this.#at))) this.#at++;
    return text.slice(from, this.#at);
  }

  #readAttribute(attributes: Map<string, string>): void {
    const from = this.#at;
    const name = this.#readName();
    if (this.#at === from) this.#at++; // a stray quote or equals sign
    this.#skipSpace();
    if (name === '' || this.#text.charAt(this.#at) !== '=') return;
    this.#at++;
    this.#skipSpace();
    const value = this.#readValue();
    if (attributes.size < ATTRIBUTES_MAX && !attributes.has(name)) {
      attributes.set(name, decodeReferences(value, this.#declared));
    }
  }

  #readValue(): string {
    const text = this.#text;
    const quote = text.charAt(this.#at);
    if (quote === '"' || quote === "'") {
      const end = this.#find(quote, this.#at + 1);
      if (end !== -1) {
        const value = text.slice(this.#at + 1, end);
        this.#at = end + 1;
        return value;
      }
      this.#at++;
    }
    const from = this.#at;
    while (this.#at < text.length && !/[\s<>]/u.test(text.charAt(this.#at))) this.#at++;
    return text.slice(from, this.#at);
  }
}
