import { Parser } from 'htmlparser2';
import { prepareFormulas } from './mathml.ts';
import { limitNesting } from './nesting.ts';

// A page as far as its article can be in it: what comes out is small and shallow enough to be made
// a tree of, whatever went in. Linear in the length of the page.

/** Elements of one page that are kept; the longest articles have some 20,000. */
export const PAGE_ELEMENTS_MAX = 40_000;
/** Of a page without scripts, styles and comments; the longest articles have a million. */
const PAGE_CHARACTERS_MAX = 2_500_000;
/**
 * Pieces of text and tags, start and end. A text of nothing but references has a piece for each, and a tree of
 * millions takes more memory than a thread has: which can end the whole process, not the thread.
 */
const PIECES_MAX = 250_000;
/** An attribute's value in characters; longer ones are pictures and programs. */
const VALUE_CHARACTERS_MAX = 2_048;

/** Elements that go with all that is in them. */
const LEFT_OUT = new Set(
  'svg object embed applet canvas template select button datalist dialog'.split(' '),
);
const VOID = new Set(
  'area base br col embed hr img input link meta param source track wbr'.split(' '),
);
/** What tells the article from its surroundings, and what is shown of it. */
const ATTRIBUTES = (
  'id class role rel itemprop itemscope itemtype property name content hidden aria-hidden ' +
  'aria-modal style lang dir href src srcset data-src data-srcset data-original data-lazy-src alt ' +
  'title width height datetime cite start reversed value colspan rowspan span scope type ' +
  // Of formulas, and of code that is coloured.
  'display mode alttext encoding mathvariant linethickness columnalign stretchy fence separator ' +
  'accent open close separators data-lang data-language'
).split(' ');

/** Beginnings of what a parser reads as mere text; a tag in it would count as one. */
const RAW = /<(?:!--|(script|style|iframe|noembed|noframes|textarea|xmp)(?=[\s/>]))/giu;
const RAW_ENDS: Record<string, RegExp> = {
  '': /--!?>/gu,
  ...Object.fromEntries(
    'script style iframe noembed noframes textarea xmp'
      .split(' ')
      .map((name) => [name, new RegExp(`</${name}(?=[\\s/>])[^>]*>`, 'giu')]),
  ),
};

/** Without comments, scripts, styles and the like; what is never closed goes to its end. */
function withoutRaw(html: string): string {
  const kept: string[] = [];
  let from = 0;
  RAW.lastIndex = 0;
  for (let found = RAW.exec(html); found !== null; found = RAW.exec(html)) {
    kept.push(html.slice(from, found.index));
    const end = RAW_ENDS[found[1]?.toLowerCase() ?? ''];
    if (end === undefined) throw new Error(`no end is known of ${found[0]}`);
    end.lastIndex = RAW.lastIndex;
    if (end.exec(html) === null) return kept.join('');
    from = end.lastIndex;
    RAW.lastIndex = from;
  }
  return kept.length === 0 ? html : kept.join('') + html.slice(from);
}

const escapeText = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function writeTag(name: string, attributes: Record<string, string>): string {
  let tag = `<${name}`;
  for (const each of ATTRIBUTES) {
    const value = attributes[each];
    if (value === undefined || value.length > VALUE_CHARACTERS_MAX) continue;
    tag += ` ${each}="${escapeText(value).replaceAll('"', '&quot;')}"`;
  }
  return `${tag}>`;
}

/** Robots' words by which a page asks for what we would not do (see docs/publishers.md). */
const NOES =
  /(?:^|[\s,;]|(?<!max-image-preview\s{0,9}):)(noindex|nosnippet|noarchive|noai|none|max-snippet\s*:\s*0(?!\d))(?=$|[\s,;])/iu;

/**
 * The word in an X-Robots-Tag, or a robots meta element, that asks not to be read on. A header may
 * speak to single agents; one that speaks to others is heeded all the same, for several come as one
 * line in which that cannot be told.
 */
export const findNo = (words: string): string | undefined =>
  NOES.exec(words)?.[1]?.toLowerCase().replace(/\s/gu, '');

/** Product tokens whose meta elements are for us. */
const META_NAMES = new Set(['robots', 'tagwire']);

/** What publishers say to search engines of an article that must be paid for (schema.org). */
const PAID = /"isAccessibleForFree"\s*:\s*"?(?:false|no)\b/iu;

export type ReducedPage =
  | {
      kind: 'page';
      html: string;
      /** Of its `base` element, as given. */
      base?: string;
      /** A word by which it asks not to be kept or quoted. */
      no?: string;
      /** It says itself that it must be paid for. */
      isPaid: boolean;
    }
  | { kind: 'too-large' };

/** Reduces a page to its elements, their telling attributes and its text. */
export function reducePage(text: string): ReducedPage {
  // Before scripts go: some hold the sources of formulas.
  const bare = withoutRaw(prepareFormulas(text));
  if (bare.length > PAGE_CHARACTERS_MAX) return { kind: 'too-large' };
  const kept = keepPieces(limitNesting(bare));
  return kept === undefined
    ? { kind: 'too-large' }
    : { kind: 'page', ...kept, isPaid: PAID.test(text) };
}

/** What is kept of a page, and what it says of itself; undefined when that is too much. */
function keepPieces(html: string) {
  const parts: string[] = [];
  const said: { base?: string; no?: string } = {};
  let elements = 0;
  let pieces = 0;
  /** How many elements are open that go with what is in them. */
  let left = 0;
  const isFull = () => pieces > PIECES_MAX || elements > PAGE_ELEMENTS_MAX;
  const keep = (piece: string) => {
    pieces++;
    if (isFull()) parser.pause();
    else parts.push(piece);
  };
  const parser = new Parser({
    onopentag: (name, attributes) => {
      if (LEFT_OUT.has(name)) left++;
      if (left > 0) return;
      elements++;
      if (name === 'base' && attributes.href !== undefined) said.base ??= attributes.href;
      if (name === 'meta' && META_NAMES.has(attributes.name?.trim().toLowerCase() ?? '')) {
        const no = findNo(attributes.content ?? '');
        if (no !== undefined) said.no ??= no;
      }
      keep(writeTag(name, attributes));
    },
    onclosetag: (name) => {
      if (LEFT_OUT.has(name)) left = Math.max(0, left - 1);
      else if (left === 0 && !VOID.has(name)) keep(`</${name}>`);
    },
    ontext: (data) => {
      if (left === 0) keep(escapeText(data));
    },
  });
  parser.end(html);
  return isFull() ? undefined : { html: parts.join(''), ...said };
}
