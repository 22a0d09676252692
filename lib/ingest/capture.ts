import { BODY_CHARACTERS_MAX } from './limits.ts';
import { joinBase } from './urls.ts';
import { type Attributes, escapeAttribute, escapeText } from './xml-tokens.ts';

/** Elements of HTML that have no content and, in sloppy feeds, no end tag. */
const VOID = new Set([
  'area',
  'base',
  'br',
  'col',
  'embed',
  'hr',
  'img',
  'input',
  'link',
  'meta',
  'param',
  'source',
  'track',
  'wbr',
]);
const URL_ATTRIBUTES = new Set(['href', 'src', 'cite', 'poster', 'data', 'longdesc', 'action']);

/** What an element that holds a text came to. */
export interface CapturedText {
  text: string;
  /** Whether the text is HTML because it was written as inline markup. */
  markup: boolean;
  base: string | undefined;
}

/**
 * Collects the content of one element that holds a text: either text alone, or markup, which
 * is written out again as a string of HTML (Atom's xhtml, and RSS with unescaped HTML).
 */
export class Capture {
  readonly #name: string;
  readonly #xhtml: boolean;
  readonly #parts: { text: string; html: string }[] = [];
  /** Characters that may still be collected; what lies beyond would be cut anyway. */
  #room = BODY_CHARACTERS_MAX;
  #sameOpen = 0;
  #depth = 0;
  #markup = false;
  /** Name of the wrapping div that RFC 4287 (section 3.1.1.3) asks for and that is not content. */
  #wrapper: string | undefined;
  #base: string | undefined;
  /** Elements with an xml:base, innermost last: their name and how many of it are open inside. */
  readonly #bases: { name: string; open: number; base: string | undefined }[] = [];

  constructor(name: string, xhtml: boolean, base: string | undefined) {
    this.#name = name;
    this.#xhtml = xhtml;
    this.#base = base;
  }

  open(written: string, attributes: Attributes, selfClosing: boolean): void {
    const name = localName(written);
    const isVoid = VOID.has(name.toLowerCase());
    if (written === this.#name && !selfClosing) this.#sameOpen++;
    const own = attributes.get('xml:base');
    const outer = this.#bases.at(-1)?.base ?? this.#base;
    const base = own === undefined ? outer : joinBase(outer, own);
    if (this.#xhtml && !this.#markup && this.#parts.every((part) => part.text.trim() === '')) {
      this.#markup = true;
      if (name.toLowerCase() === 'div' && !selfClosing) {
        this.#wrapper = written;
        this.#base = base;
        return;
      }
    }
    this.#markup = true;
    if (own !== undefined && !selfClosing && !isVoid)
      this.#bases.push({ name: written, open: 0, base });
    else this.#count(written, selfClosing || isVoid ? 0 : 1);
    if (!isVoid && !selfClosing) this.#depth++;
    // Only a base that differs from the whole text's must be applied here.
    const written_ = writeAttributes(attributes, base === this.#base ? undefined : base);
    const end = selfClosing && !isVoid ? `></${name}>` : '>';
    this.#collect('', `<${name}${written_}${end}`);
  }

  /** @returns whether the captured element itself has ended. */
  close(written: string): boolean {
    if (written === this.#name) {
      if (this.#sameOpen === 0) return true;
      this.#sameOpen--;
    }
    const name = localName(written);
    if (VOID.has(name.toLowerCase())) return false;
    if (written === this.#wrapper && this.#depth === 0) return false;
    this.#depth = Math.max(0, this.#depth - 1);
    const innermost = this.#bases.at(-1);
    if (innermost?.name === written && innermost.open === 0) this.#bases.pop();
    else this.#count(written, -1);
    this.#collect('', `</${name}>`);
    return false;
  }

  text(text: string, cdata: boolean): void {
    // A CDATA section among markup is HTML in RSS; in xhtml it is text.
    const kept = text.slice(0, this.#room);
    this.#collect(kept, cdata && !this.#xhtml ? kept : escapeText(kept));
  }

  #collect(text: string, html: string): void {
    if (this.#room <= 0) return;
    this.#room -= Math.max(text.length, html.length);
    this.#parts.push({ text, html });
  }

  finish(): CapturedText {
    const text = this.#parts.map((part) => (this.#markup ? part.html : part.text)).join('');
    return { text, markup: this.#markup, base: this.#base };
  }

  #count(name: string, change: 1 | 0 | -1): void {
    const innermost = this.#bases.at(-1);
    if (innermost?.name === name) innermost.open = Math.max(0, innermost.open + change);
  }
}

const localName = (name: string) => name.slice(name.lastIndexOf(':') + 1);

function writeAttributes(attributes: Attributes, base: string | undefined): string {
  let text = '';
  for (const [name, value] of attributes) {
    if (name.includes(':')) continue;
    const absolute = base !== undefined && URL_ATTRIBUTES.has(name.toLowerCase());
    const shown = absolute ? (URL.parse(value.trim(), base)?.href ?? value) : value;
    text += ` ${name}="${escapeAttribute(shown)}"`;
  }
  return text;
}
