import { OWNER_LINES_MAX, OWNER_TEXT_CHARACTERS_MAX } from '../model/owner-wish.ts';
import { Capture } from './capture.ts';
import { type ElementRule, type Place, READ_ATTRIBUTES, ruleFor } from './names.ts';
import { canonicalName, foldAttribute, NO_NAMESPACES, withDeclared } from './namespaces.ts';
import { type RepairedFormat, RepairedXml } from './repaired-xml.ts';
import { joinBase } from './urls.ts';
import {
  type Attributes,
  escapeAttribute,
  escapeText,
  readTokens,
  stripForbidden,
  type TokenSink,
} from './xml-tokens.ts';

/** What came of sloppy XML: a document that rss-parser reads without fail. */
export interface RepairedFeed {
  format: RepairedFormat;
  /** Well-formed, with canonical prefixes, bodies as escaped text, only elements that we read. */
  xml: string;
  items: number;
  /** Items beyond the limit, left out. */
  itemsLeftOut: number;
  /** Whether the text ended before its root element did. */
  truncated: boolean;
  /** Whether it ended within the last item, of which nobody knows how much is missing. */
  cutsItem: boolean;
  /** Comments outside of items that are written to us: only the feed's owner can. */
  comments: string[];
}

export type RepairOutcome =
  | { kind: 'repaired'; feed: RepairedFeed }
  | { kind: 'html-page' }
  | { kind: 'not-a-feed' };

/** Elements open at once outside bodies; deeper ones are not read. Honest feeds stay below 10. */
const DEPTH_MAX = 1_000;

const CDF_ATTRIBUTES: Record<string, string> = { href: 'x-link', lastmod: 'x-modified' };

/** How a comment begins that a publisher writes to us (lib/model/owner-wish.ts). */
const COMMENT_MARK = 'tagwire:';

type Kind = 'root' | 'channel' | 'item' | 'skip' | 'ignored' | ElementRule['kind'];

interface Frame {
  written: string;
  kind: Kind;
  /** Where its children stand; undefined where nothing is read. */
  place: Place | undefined;
  /** Written to the output when the element ends. */
  endTag: string;
  base: string | undefined;
  language: string | undefined;
  namespaces: ReadonlyMap<string, string>;
}

const writeText = (text: string) => escapeText(stripForbidden(text));

function writeAttribute(name: string, value: string | undefined): string {
  return value === undefined ? '' : ` ${name}="${escapeAttribute(stripForbidden(value))}"`;
}

/**
 * Rewrites a feed's text, however ill-formed, as a small well-formed document: prefixes by
 * namespace, known elements only, markup in bodies as escaped text, open elements closed.
 * One pass, linear in the length of the text.
 * @param url where the feed came from: the outermost base.
 */
export function repairFeed(text: string, url: string | undefined, itemsMax: number): RepairOutcome {
  const repairer = new Repairer(url, itemsMax);
  readTokens(text, repairer);
  return repairer.finish();
}

/** Roots by local name: prefixes and namespaces are often wrong there. */
const ROOTS: Record<string, RepairedFormat> = { rss: 'rss', rdf: 'rdf', feed: 'atom' };

class Repairer implements TokenSink {
  readonly #stack: Frame[] = [];
  readonly #openNames = new Map<string, number>();
  readonly #url: string | undefined;
  readonly #out: RepairedXml;
  readonly #comments: string[] = [];
  #sawHtml = false;
  #capture: { of: Frame; into: Capture; tag: string } | undefined;
  /** Elements beyond DEPTH_MAX: their end tags are not ours. */
  #tooDeep = 0;

  constructor(url: string | undefined, itemsMax: number) {
    this.#url = url;
    this.#out = new RepairedXml(itemsMax);
  }

  open(written: string, attributes: Attributes, selfClosing: boolean): void {
    if (this.#capture !== undefined) {
      this.#capture.into.open(written, attributes, selfClosing);
      return;
    }
    if (this.#stack.length >= DEPTH_MAX) {
      if (!selfClosing) this.#tooDeep++;
      return;
    }
    const namespaces = withDeclared(this.#stack.at(-1)?.namespaces ?? NO_NAMESPACES, attributes);
    const name = canonicalName(written, namespaces);
    if (isItem(name)) this.#endOpenItem();
    const outer = this.#stack.at(-1);
    const frame: Frame = {
      written,
      kind: 'skip',
      place: undefined,
      endTag: '',
      base: joinBase(outer === undefined ? this.#url : outer.base, attributes.get('xml:base')),
      language: attributes.get('xml:lang') ?? outer?.language,
      namespaces,
    };
    this.#enter(frame, name, attributes, outer);
    this.#stack.push(frame);
    this.#openNames.set(written, (this.#openNames.get(written) ?? 0) + 1);
    if (selfClosing) this.close(written);
  }

  close(written: string): void {
    if (this.#capture !== undefined) {
      if (!this.#capture.into.close(written) && !this.#endsItem(written)) return;
      this.#finishCapture();
    }
    if (this.#tooDeep > 0) {
      this.#tooDeep--;
      return;
    }
    if ((this.#openNames.get(written) ?? 0) === 0) return;
    while (this.#stack.length > 0) if (this.#pop()?.written === written) return;
  }

  text(text: string, cdata: boolean): void {
    if (this.#capture !== undefined) this.#capture.into.text(text, cdata);
    else if (isTextKind(this.#stack.at(-1)?.kind)) this.#out.write(writeText(text));
  }

  comment(text: string): void {
    if (!text.includes(COMMENT_MARK) || this.#comments.length === OWNER_LINES_MAX) return;
    // Inside of items and texts other people's words may stand.
    if (this.#capture !== undefined || this.#stack.some(({ kind }) => kind === 'item')) return;
    // One character more says that it is too long, and it is read for nothing then.
    this.#comments.push(text.slice(0, OWNER_TEXT_CHARACTERS_MAX + 1));
  }

  finish(): RepairOutcome {
    // What some servers write behind the feed (advertisements) may be open as it likes.
    const truncated = this.#stack.some(({ kind }) => kind === 'root' || kind === 'channel');
    const cutsItem = this.#out.isInItem;
    if (this.#capture !== undefined) this.#finishCapture();
    while (this.#stack.length > 0) this.#pop();
    const { format } = this.#out;
    if (format === undefined) return { kind: this.#sawHtml ? 'html-page' : 'not-a-feed' };
    return {
      kind: 'repaired',
      feed: {
        format,
        xml: this.#out.finish(format),
        items: this.#out.items,
        itemsLeftOut: this.#out.itemsLeftOut,
        truncated,
        cutsItem,
        comments: this.#comments,
      },
    };
  }

  /** Decides what an element is, and writes its start. */
  #enter(frame: Frame, name: string, attributes: Attributes, outer: Frame | undefined): void {
    const root = ROOTS[name.slice(name.indexOf(':') + 1)];
    if (this.#out.format === undefined && root !== undefined) {
      this.#out.format = root;
      frame.kind = 'root';
      frame.place = 'channel';
      this.#writeScope(frame, attributes);
      return;
    }
    if (this.#out.format === undefined) {
      if (name === 'html' || name === 'xhtml:html') this.#sawHtml = true;
      // A channel or an item without a root is RSS that lost its first line.
      if ((name !== 'channel' && name !== 'item') || this.#sawHtml) return;
      this.#out.format = 'rss';
    }
    if (name === 'channel' && outer?.kind !== 'item') {
      frame.kind = 'channel';
      frame.place = 'channel';
      this.#writeScope(frame, attributes);
      return;
    }
    if (isItem(name)) {
      this.#enterItem(frame, attributes);
      return;
    }
    this.#enterElement(frame, name, attributes, outer);
  }

  #enterItem(frame: Frame, attributes: Attributes): void {
    frame.kind = 'item';
    if (!this.#out.beginItem()) return;
    frame.place = 'item';
    this.#writeScope(frame, attributes);
    const about = attributes.get('rdf:about') ?? attributes.get('about');
    if (about !== undefined) this.#out.write(`<x-about>${writeText(about)}</x-about>`);
  }

  #enterElement(
    frame: Frame,
    name: string,
    attributes: Attributes,
    outer: Frame | undefined,
  ): void {
    const place = outer === undefined ? 'channel' : outer.place;
    if (place === undefined) return;
    const rule = this.#ruleFor(place, name, frame.written);
    if (rule === undefined || !this.#out.hasRoom()) return;
    frame.kind = rule.kind;
    const guessed = rule.kind === 'body' && this.#isPlainBySpec(name) && !attributes.has('type');
    const guess = guessed && !attributes.has('mode') ? ' type="guess"' : '';
    const tag = `${rule.as}${guess}${this.#attributesOf(frame, attributes)}`;
    frame.endTag = `</${rule.as}>`;
    if (rule.kind === 'body') {
      const type = (attributes.get('type') ?? '').toLowerCase();
      const xhtml =
        type.includes('xhtml') || (attributes.get('mode') === 'xml' && type !== 'text/plain');
      const into = new Capture(frame.written, xhtml || rule.as === 'x-xhtml-body', frame.base);
      this.#capture = { of: frame, into, tag };
      return;
    }
    this.#out.write(`<${tag}>`);
    if (rule.kind === 'person') frame.place = 'person';
    if (rule.kind === 'transparent') {
      // Its children are written beside it.
      this.#out.write(frame.endTag);
      frame.endTag = '';
      frame.place = place;
    }
  }

  #ruleFor(place: Place, name: string, written: string): ElementRule | undefined {
    const isAtom = name.startsWith('atom:');
    // In Atom documents Atom's elements are the plain ones; so are they in an RSS document whose
    // default namespace says Atom by mistake.
    if (isAtom && (this.#out.format === 'atom' || !written.includes(':'))) {
      return ruleFor(place, name.slice('atom:'.length)) ?? ruleFor(place, name);
    }
    return ruleFor(place, name);
  }

  /** Plain text by the letter of RFC 4287 (3.1.1) and Media RSS, yet often HTML in fact. */
  #isPlainBySpec(name: string): boolean {
    return this.#out.format === 'atom' || name === 'media:description' || name === 'itunes:summary';
  }

  #attributesOf(frame: Frame, attributes: Attributes): string {
    const read = new Map<string, string>();
    for (const [written, value] of attributes) {
      const name = foldAttribute(written);
      if (READ_ATTRIBUTES.has(name) && !read.has(name)) read.set(name, value);
    }
    if (frame.base !== undefined && frame.base !== this.#url) read.set('base', frame.base);
    return [...read].map(([name, value]) => writeAttribute(name, value)).join('');
  }

  /** What an element means for all in it: language; the base goes with each address. */
  #writeScope(frame: Frame, attributes: Attributes): void {
    const language = attributes.get('xml:lang');
    if (language !== undefined) this.#out.write(`<x-lang>${writeText(language)}</x-lang>`);
    // The Channel Definition Format, RSS's elder, has attributes where RSS has elements.
    for (const [written, value] of attributes) {
      const element = CDF_ATTRIBUTES[written.toLowerCase()];
      if (element !== undefined) this.#out.write(`<${element}>${writeText(value)}</${element}>`);
    }
    if (frame.base !== this.#url && frame.base !== undefined) {
      this.#out.write(`<x-base>${writeText(frame.base)}</x-base>`);
    }
  }

  #finishCapture(): void {
    const capture = this.#capture;
    if (capture === undefined) return;
    this.#capture = undefined;
    const { text, markup, base } = capture.into.finish();
    const own = base === capture.of.base ? '' : writeAttribute('textbase', base);
    const flag = markup ? ' markup="1"' : '';
    this.#out.write(`<${capture.tag}${own}${flag}>${writeText(text)}`);
  }

  #pop(): Frame | undefined {
    const frame = this.#stack.pop();
    if (frame === undefined) return undefined;
    this.#openNames.set(frame.written, (this.#openNames.get(frame.written) ?? 1) - 1);
    if (frame.endTag !== '') this.#out.write(frame.endTag);
    if (frame.kind === 'item') this.#out.endItem();
    return frame;
  }

  /** An item that begins inside another: the first was never closed. */
  #endOpenItem(): void {
    const at = this.#stack.findLastIndex((frame) => frame.kind === 'item');
    while (at !== -1 && this.#stack.length > at) this.#pop();
  }

  /** Whether this end tag ends the item (or more) around an unclosed text. */
  #endsItem(written: string): boolean {
    if ((this.#openNames.get(written) ?? 0) === 0) return false;
    return this.#stack.some(
      (frame) => frame.written === written && ['item', 'channel', 'root'].includes(frame.kind),
    );
  }
}

const isItem = (name: string) => name === 'item' || name === 'entry' || name === 'atom:entry';
const isTextKind = (kind: Kind | undefined) => kind === 'leaf' || kind === 'person';
