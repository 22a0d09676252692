import { Parser } from 'htmlparser2';
import { BREAK_MARKS, DIRECTION_CONTROLS } from '../model/unseen.ts';
import { limitNesting } from './nesting.ts';

const BLOCKS = new Set(
  (
    'address article aside blockquote br dd details dialog div dl dt fieldset figcaption figure ' +
    'footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody ' +
    'td tfoot th thead tr ul'
  ).split(' '),
);
const UNSEEN = new Set(['script', 'style', 'template', 'noscript', 'head', 'iframe', 'object']);
/** What says nothing in the middle of a sentence: code, rows of figures, words below a picture. */
const NO_PROSE = new Set(['pre', 'table', 'figcaption']);
const HAS_NO_PROSE = /<(?:pre|table|figcaption)\b/iu;

/**
 * The text of HTML as a reader sees it, references decoded; each block begins a new line, white
 * space is collapsed. Linear in the length of the input.
 */
export function htmlToText(html: string): string {
  return readText(html, UNSEEN);
}

/** The same without code, tables and captions; `text`, its whole text, where it has none of these. */
export function htmlToProse(html: string, text: string): string {
  return HAS_NO_PROSE.test(html) ? readText(html, UNSEEN.union(NO_PROSE)) : text;
}

function readText(html: string, left: ReadonlySet<string>): string {
  if (!html.includes('<') && !html.includes('&')) return tidy(html);
  const parts: string[] = [];
  let unseen = 0;
  const parser = new Parser({
    onopentagname: (name) => {
      if (left.has(name)) unseen++;
      if (BLOCKS.has(name)) parts.push('\n');
    },
    onclosetag: (name) => {
      if (left.has(name)) unseen--;
      if (BLOCKS.has(name)) parts.push('\n');
    },
    ontext: (text) => {
      if (unseen === 0) parts.push(text.replaceAll('\n', ' '));
    },
  });
  parser.end(limitNesting(html));
  return tidy(parts.join(''));
}

function tidy(text: string): string {
  return text
    .replace(BREAK_MARKS, '')
    .split('\n')
    .map((line) => line.replace(/\s+/gu, ' ').trim())
    .filter((line) => line !== '')
    .join('\n');
}

/**
 * Everything on one line, without marks of where words may be broken, and without what would turn
 * the direction of the text after it.
 */
export function oneLine(text: string): string {
  const seen = text.replace(DIRECTION_CONTROLS, '').replace(BREAK_MARKS, '');
  return seen.replace(/\s+/gu, ' ').trim();
}

const segmenters = new Map<string, Intl.Segmenter>();

/** Words of a text; for scripts without spaces, as a dictionary parts them. */
export function countWords(text: string): number {
  if (!/[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]/u.test(text)) {
    return text.match(/[\p{L}\p{N}][^\s]*/gu)?.length ?? 0;
  }
  const segmenter = segmenters.get('und') ?? new Intl.Segmenter(undefined, { granularity: 'word' });
  segmenters.set('und', segmenter);
  let words = 0;
  for (const segment of segmenter.segment(text)) if (segment.isWordLike) words++;
  return words;
}

/** A paragraph with fewer words is a dateline, a caption or a greeting. */
const FIRST_PARAGRAPH_WORDS_MIN = 25;

/**
 * The beginning of a text for lists: from its first real paragraph, else from its start, cut at
 * the end of a word. One line.
 * @param text as htmlToText gives it, a paragraph a line.
 */
export function summarise(text: string, charactersMax: number): string {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => countWords(line) >= FIRST_PARAGRAPH_WORDS_MIN);
  const chosen = oneLine(
    lines
      .slice(Math.max(0, first))
      .join(' ')
      .slice(0, charactersMax * 4),
  );
  if (chosen.length <= charactersMax) return chosen;
  const room = chosen
    .slice(0, charactersMax - 1)
    .toWellFormed()
    .replace(/\ufffd$/u, '');
  const space = room.lastIndexOf(' ');
  // Scripts without spaces are cut where the room ends.
  const cut = space > charactersMax / 2 ? room.slice(0, space) : room;
  return `${cut.replace(/[\s.,;:–—-]+$/u, '')}…`;
}
