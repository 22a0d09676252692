import { htmlToText, oneLine } from './plain-text.ts';
import { attributeOf, rawTextOf, type XmlNode } from './xml-node.ts';
import { escapeText } from './xml-tokens.ts';

// Texts of feeds: whether they are plain or HTML is said by Atom and guessed in RSS.

type TextKind = 'plain' | 'html' | 'ambiguous';

/** Inline elements that people put into titles; anything else in angle brackets is meant. */
const TITLE_MARKUP =
  /<\/?(a|abbr|b|big|br|cite|code|del|div|em|font|i|img|ins|kbd|mark|p|q|s|samp|small|span|strong|sub|sup|tt|u|var|wbr)(\s[^<>]*)?\/?>/iu;

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
  const isText = /^(text|html|xhtml|plain|escaped)|text\/|xml|json|javascript/u.test(type);
  if (attributeOf(node, 'mode')?.toLowerCase() !== 'base64' && isText) return raw;
  const compact = raw.replace(/\s/gu, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/u.test(compact)) return raw;
  return Buffer.from(compact, 'base64').toString('utf8');
}

/** A title's text on one line, whatever it was written as. */
export function titleText(text: string, kind: TextKind): string {
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
    if (kindOf(node) !== 'plain') return { html: text, base };
    return { html: plainToHtml(text), base };
  }
  return undefined;
}

/** Plain text as paragraphs. */
export function plainToHtml(text: string): string {
  const paragraphs = text.trim().split(/\n\s*\n/u);
  const html = paragraphs.map((each) => escapeText(each.trim()).replace(/\n/gu, '<br>'));
  return html.length === 1 ? (html[0] ?? '') : html.map((each) => `<p>${each}</p>`).join('\n');
}
