import { htmlToText, oneLine } from './plain-text.ts';
import { attributeOf, rawTextOf, type XmlNode } from './xml-node.ts';
import { escapeText, stripForbidden } from './xml-tokens.ts';

// Texts of feeds: whether they are plain or HTML is said by Atom and guessed in RSS.

type TextKind = 'plain' | 'html' | 'ambiguous';

/** Inline elements that people put into titles; anything else in angle brackets is meant. */
const TITLE_MARKUP =
  /<\/?(a|abbr|b|big|br|cite|code|del|div|em|font|i|img|ins|kbd|mark|p|q|s|samp|small|span|strong|sub|sup|tt|u|var|wbr)(\s[^<>]*)?\/?>/iu;

/** Signs that a text is HTML whatever it says of itself. */
const SURELY_HTML =
  /<\/(p|div|a|b|i|em|strong|ul|ol|li|h[1-6]|pre|code|blockquote|span|table)>|<(br|hr|img|p)[\s/>]/iu;

function kindOf(node: XmlNode): TextKind {
  if (attributeOf(node, 'markup') !== undefined) return 'html';
  const type = attributeOf(node, 'type')?.toLowerCase();
  const mode = attributeOf(node, 'mode')?.toLowerCase();
  if (type === undefined) return mode === 'escaped' ? 'html' : 'ambiguous';
  if (type.includes('html')) return 'html';
  if (type === 'text' || type === 'text/plain' || type === 'plain') return 'plain';
  return 'ambiguous';
}

/** The words of a base64 body (Atom 0.3's mode, Atom 1.0's other media types). */
function decoded(node: XmlNode): string {
  const raw = rawTextOf(node);
  const type = attributeOf(node, 'type')?.toLowerCase() ?? 'text';
  const isBinary = type.includes('/') && !/^text\/|xml|html|json|javascript/u.test(type);
  if (attributeOf(node, 'mode')?.toLowerCase() !== 'base64' && !isBinary) return raw;
  const compact = raw.replace(/\s/gu, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/u.test(compact)) return raw;
  return stripForbidden(Buffer.from(compact, 'base64').toString('utf8'));
}

/** What is looked at of a title, a name or a label: all that is shown of it, with room for markup. */
const TITLE_SOURCE_CHARACTERS_MAX = 10_000;

/** A title's text on one line, whatever it was written as. */
export function titleText(written: string, kind: TextKind): string {
  const text = written.slice(0, TITLE_SOURCE_CHARACTERS_MAX).toWellFormed();
  if (kind === 'plain') return oneLine(text);
  if (kind === 'html' || TITLE_MARKUP.test(text)) return oneLine(htmlToText(text));
  // References yes, but `Vec<T>` and `a < b` are not markup.
  return oneLine(htmlToText(escapeText(text).replaceAll('&amp;', '&')));
}

/** The first title that says anything. */
export function titleOf(nodes: XmlNode[] | undefined): string | undefined {
  for (const node of nodes ?? []) {
    const title = titleText(decoded(node), kindOf(node));
    if (title !== '') return title;
  }
  return undefined;
}

export interface Body {
  html: string;
  base: string | undefined;
}

/** The first body that says anything, as HTML with the base of its relative addresses. */
export function bodyOf(nodes: XmlNode[] | undefined, around: string | undefined): Body | undefined {
  for (const node of nodes ?? []) {
    const text = decoded(node);
    if (text.trim() === '') continue;
    const base = attributeOf(node, 'textbase') ?? attributeOf(node, 'base') ?? around;
    return { html: asHtml(text, node), base };
  }
  return undefined;
}

function asHtml(text: string, node: XmlNode): string {
  const kind = kindOf(node);
  if (kind === 'plain') return plainToHtml(text);
  if (kind === 'html' || text.includes('<')) {
    const isGuess = attributeOf(node, 'type') === 'guess';
    return isGuess && kind !== 'html' && !SURELY_HTML.test(text) ? plainToHtml(text) : text;
  }
  // No markup at all: line breaks are all the form that it has. References may be HTML's.
  return toParagraphs(text.trim());
}

function toParagraphs(text: string): string {
  const paragraphs = text.split(/\n\s*\n/u).map((each) => each.trim());
  return paragraphs.length === 1 ? text : paragraphs.map((each) => `<p>${each}</p>`).join('\n');
}

/** Plain text as paragraphs. */
export function plainToHtml(text: string): string {
  return toParagraphs(escapeText(text.trim()).replace(/(?<!\n)\n(?!\s*\n)/gu, '<br>\n'));
}
