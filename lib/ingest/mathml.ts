import { inScript } from './math-letters.ts';
import { escapeText } from './xml-tokens.ts';

// Formulas in bodies: presentation MathML (MathML Core, with what older programs write made of its
// elements), and the sources of formulas that a script would have set. Everything here is strict
// about shape: within `math` only elements of MathML, text only in token elements. So no parser can
// take what comes out for anything else (texts in `mtext` are HTML again to a browser, those in
// `mglyph` or `annotation-xml` are not, and sanitisers have been tricked by that).

const TOKENS = 'mi mn mo ms mtext'.split(' ');
const EMPTY = 'mspace mprescripts none'.split(' ');
const ROWS =
  'math mrow mfrac msqrt mroot mstyle mpadded mphantom menclose msub msup msubsup munder mover ' +
  'munderover mmultiscripts mtable mtr mtd';
/** Read, and never written: they become others, or go. */
const READ = 'merror mfenced mlabeledtr maction semantics annotation annotation-xml';

/** Names that the parser is shown within `math`. */
export const MATH_TAGS = [...TOKENS, ...EMPTY, ...`${ROWS} ${READ}`.split(' ')];
const NAMES = new Set(MATH_TAGS);
const IS_TOKEN = new Set(TOKENS);
const IS_EMPTY = new Set(EMPTY);

const BOOLEAN = /^(?:true|false)$/u;
/** Twenty ems or 400 pixels: what is larger, or well below nothing, is there to cover the page. */
const LENGTH =
  /^(?:0|\+?(?:1?\d(?:\.\d{0,6})?|\.\d{1,6})(?:em|ex|pc)|\+?[1-3]?\d{1,2}(?:\.\d{0,6})?(?:px|pt|%)|-0?\.\d{1,6}em)$/u;
/** Attributes that are kept, with their values; colours and sizes of type are the page's own. */
const VALUES = new Map<string, RegExp>(
  Object.entries({
    display: /^(?:block|inline)$/u,
    dir: /^(?:ltr|rtl)$/u,
    mathvariant:
      /^(?:normal|(?:bold-)?(?:fraktur|script|sans-serif)|sans-serif(?:-bold)?-italic|(?:bold-)?italic|bold|double-struck|monospace)$/u,
    displaystyle: BOOLEAN,
    stretchy: BOOLEAN,
    fence: BOOLEAN,
    separator: BOOLEAN,
    accent: BOOLEAN,
    accentunder: BOOLEAN,
    movablelimits: BOOLEAN,
    largeop: BOOLEAN,
    symmetric: BOOLEAN,
    form: /^(?:prefix|infix|postfix)$/u,
    scriptlevel: /^[+-]?[0-3]$/u,
    lspace: LENGTH,
    rspace: LENGTH,
    width: LENGTH,
    height: LENGTH,
    depth: LENGTH,
    minsize: LENGTH,
    maxsize: LENGTH,
    linethickness: LENGTH,
    columnspan: /^[1-9]\d?$/u,
    rowspan: /^[1-9]\d?$/u,
    columnalign: /^(?:left|center|right)(?: (?:left|center|right)){0,29}$/u,
    notation: /^[a-z]{3,20}(?: [a-z]{3,20}){0,4}$/u,
    /** As what a program for those who do not see it may read the formula. */
    alttext: /^[\s\S]{1,1000}$/u,
  }),
);
/** What the sanitiser hands on of elements in `math`. */
export const MATH_ATTRIBUTES = [
  ...VALUES.keys(),
  ...'mode encoding open close separators'.split(' '),
];

const MATH_TAG = /<(\/?)math(?=[\s/>])/giu;

/**
 * Which tags of HTML are kept where: MathML within a `math` that has an end, and there nothing
 * else; otherwise what `isHtml` says. To be asked for each tag in order.
 * @param raw names of elements that go with their text, and must be seen for that.
 */
export function keepMath(html: string, isHtml: (name: string) => boolean, raw: Set<string>) {
  let until = -1;
  return (name: string, at: number): boolean => {
    if (at <= until) {
      return name === 'math' ? at === until : NAMES.has(name) || raw.has(name);
    }
    if (name !== 'math') return isHtml(name);
    MATH_TAG.lastIndex = at + 1;
    const next = MATH_TAG.exec(html);
    if (html.charAt(at + 1) === '/' || next?.[1] !== '/') return false;
    until = next.index;
    return true;
  };
}

/** An element of MathML; the whole formula is the one named `math`. */
export interface Formula {
  name: string;
  attributes: Record<string, string>;
  /** Texts are escaped, as they stand. */
  children: (Formula | string)[];
}

const PIECE = /<(\/?)([a-z][a-z0-9-]*)((?:\s[^<>]*)?)>|[^<]+/gu;
const ATTRIBUTE = /\s([a-z-]+)(?:="([^"]*)")?/gu;

/** A formula as a tree. @param attributes of its `math`. @param inner what is in that. */
export function readFormula(attributes: string, inner: string): Formula {
  const top: Formula = { name: 'math', attributes: readAttributes(attributes), children: [] };
  const open = [top];
  for (const [piece, slash, name = '', given = ''] of inner.matchAll(PIECE)) {
    const within = open.at(-1) ?? top;
    if (name === '') within.children.push(piece);
    else if (!NAMES.has(name)) continue;
    else if (slash === '/') {
      if (open.length > 1 && within.name === name) open.pop();
    } else {
      const element: Formula = { name, attributes: readAttributes(given), children: [] };
      within.children.push(element);
      open.push(element);
    }
  }
  return top;
}

function readAttributes(text: string): Record<string, string> {
  const read: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(ATTRIBUTE)) read[name] = value;
  return read;
}

const textOf = (part: Formula | string): string =>
  typeof part === 'string'
    ? part
    : part.name.startsWith('annotation')
      ? ''
      : part.children.map(textOf).join('');

/** The source in TeX that a formula carries along. */
function sourceOf(part: Formula | string): string | undefined {
  if (typeof part === 'string') return undefined;
  if (part.name === 'annotation' && /tex/iu.test(part.attributes.encoding ?? '')) {
    const text = part.children.filter((child) => typeof child === 'string').join('');
    return text.trim() === '' ? undefined : text.trim();
  }
  for (const child of part.children) {
    const found = sourceOf(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

function writeTag(name: string, attributes: Record<string, string>): string {
  const kept = Object.entries(attributes).filter(([key, value]) => VALUES.get(key)?.test(value));
  return `<${name}${kept.map(([key, value]) => ` ${key}="${value}"`).join('')}>`;
}

const writeAll = (parts: readonly (Formula | string)[]) => parts.map(write).join('');
const operator = (sign: string, attributes = '') =>
  sign === '' ? '' : `<mo${attributes}>${sign}</mo>`;

/** What MathML 3 means by `mfenced`, which browsers know no more. */
function writeFenced({ attributes, children }: Formula): string {
  const { open = '(', close = ')', separators = ',' } = attributes;
  // References are one sign each.
  const signs = separators.match(/&[#\w]+;|[^\s]/gu) ?? [];
  const items = children.filter((child) => typeof child !== 'string' || child.trim() !== '');
  const inner = items.map((item, i) => {
    const sign = i === 0 ? '' : (signs[i - 1] ?? signs.at(-1) ?? '');
    return operator(sign, ' separator="true"') + write(item);
  });
  const fence = ' fence="true"';
  return `<mrow>${operator(open.trim(), fence)}${inner.join('')}${operator(close.trim(), fence)}</mrow>`;
}

function write(part: Formula | string): string {
  if (typeof part === 'string') return part.trim() === '' ? part : `<mtext>${part}</mtext>`;
  const { name, attributes, children } = part;
  if (IS_TOKEN.has(name)) {
    const { mathvariant, ...others } = attributes;
    const text = textOf(part);
    const letters = inScript(text, mathvariant);
    return `${writeTag(name, letters === undefined ? attributes : others)}${letters ?? text}</${name}>`;
  }
  if (IS_EMPTY.has(name)) return `${writeTag(name, attributes)}</${name}>${writeAll(children)}`;
  const elements = children.filter((child) => typeof child !== 'string');
  switch (name) {
    case 'annotation':
    case 'annotation-xml':
      return '';
    case 'semantics':
      return writeAll(children);
    // Of what may be chosen by hand, the first is shown.
    case 'maction':
      return writeAll(elements.length === 0 ? children : elements.slice(0, 1));
    case 'merror':
      return `<mrow>${writeAll(children)}</mrow>`;
    case 'mfenced':
      return writeFenced(part);
    // Its first cell is the number of the equation, which stands at the end of the line.
    case 'mlabeledtr':
      return `<mtr>${writeAll([...elements.slice(1), ...elements.slice(0, 1)])}</mtr>`;
    default:
      return `${writeTag(name, attributes)}${writeAll(children)}</${name}>`;
  }
}

function writeFormula(formula: Formula): string {
  const { mode, alttext, ...attributes } = formula.attributes;
  const source = sourceOf(formula);
  const words = alttext?.trim() || source?.replaceAll('"', '&quot;');
  if (mode === 'display') attributes.display ??= 'block';
  const inner = writeAll(formula.children);
  if (formula.children.some((child) => textOf(child).trim() !== '')) {
    const alternative: Record<string, string> = words === undefined ? {} : { alttext: words };
    return `${writeTag('math', { ...attributes, ...alternative })}${inner}</math>`;
  }
  // Nothing that could be drawn: its source, or its words, are better than nothing.
  if (source === undefined) return (words ?? '').replaceAll('&quot;', '"');
  return attributes.display === 'block' ? `\\[${source}\\]` : `\\(${source}\\)`;
}

/** A formula as this file writes it: attributes, and what is in it. */
export const FORMULA = /<math((?:\s[^<>]*)?)>([^<]*(?:<(?!\/?math[\s>])[^<]*)*)<\/math>/gu;
const STRAY = new RegExp(`</?(?:${MATH_TAGS.join('|')})(?:\\s[^<>]*)?>`, 'gu');

/**
 * Formulas of a sanitised body in the shape that this file promises; tags of MathML elsewhere are
 * left out. Linear.
 * @param html tags well-formed, attributes in double quotes, `<` nowhere else.
 */
export function writeFormulas(html: string): string {
  if (html.search(STRAY) === -1) return html;
  const parts: string[] = [];
  let from = 0;
  for (const found of html.matchAll(FORMULA)) {
    const [whole, attributes = '', inner = ''] = found;
    parts.push(html.slice(from, found.index).replace(STRAY, ''));
    parts.push(writeFormula(readFormula(attributes, inner)));
    from = found.index + whole.length;
  }
  parts.push(html.slice(from).replace(STRAY, ''));
  return parts.join('');
}

/** Prefixes that XML has for MathML, and elements that are written as empty. */
const PREFIXED = new RegExp(`<(/?)(?:mml|mathml|m):(?=(?:${MATH_TAGS.join('|')})[\\s/>])`, 'giu');
const SELF_CLOSED = new RegExp(`<(${MATH_TAGS.join('|')})((?:\\s[^<>]*)?)/>`, 'giu');

const SCRIPT =
  /<script\s[^<>]{0,200}?type\s?=\s?["']?math\/(?:la)?tex\s?(;\s?mode\s?=\s?display)?[^<>]{0,200}>/giu;
/** MathJax leaves the source beside a formula that it has set. */
const SET_BEFORE = /<\/math>(?:\s{0,9}<\/(?:span|mjx-[a-z-]+)>){1,6}\s{0,9}$/iu;

/** Sources of formulas that stand in scripts, as texts between the usual signs. */
function showSources(html: string): string {
  const parts: string[] = [];
  let from = 0;
  SCRIPT.lastIndex = 0;
  for (let found = SCRIPT.exec(html); found !== null; found = SCRIPT.exec(html)) {
    const start = found.index + found[0].length;
    const end = html.indexOf('</script', start);
    if (end === -1) break;
    const before = html.slice(from, found.index);
    // Kramdown hides it from XML.
    const source = html.slice(start, end).replace(/%?\s?<!\[CDATA\[|%?\s?\]\]>/gu, '');
    const bare = source.trim();
    const text = escapeText(bare.endsWith('\\') ? `${bare} ` : bare);
    parts.push(before);
    if (!SET_BEFORE.test(before.slice(-200))) {
      parts.push(found[1] === undefined ? `\\(${text}\\)` : `\\[${text}\\]`);
    }
    from = html.indexOf('>', end) + 1 || html.length;
    SCRIPT.lastIndex = from;
  }
  parts.push(html.slice(from));
  return parts.join('');
}

/** Formulas as the parser reads them: without prefixes, with end tags, out of scripts. */
export const prepareFormulas = (html: string): string =>
  /<(?:[a-z]+:)?math|math\/(?:la)?tex/iu.test(html)
    ? showSources(html).replace(PREFIXED, '<$1').replace(SELF_CLOSED, '<$1$2></$1>')
    : html;
