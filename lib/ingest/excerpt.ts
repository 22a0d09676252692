import type { ParsedItem } from '../model/feed.ts';

// Whether a feed's item is an excerpt of something longer, by what the feed says alone.

/** A short text beside no content: longer descriptions are whole posts, as RSS 2.0 had them. */
const SUMMARY_WORDS_MAX = 200;
/** A text that breaks off is an excerpt up to this length; longer ones end so by style. */
const CUT_WORDS_MAX = 500;
/** Looked at of a text's end: the sentences of blog software are no longer. */
const END_CHARACTERS = 300;

/** What blog software and editors put behind a text that goes on elsewhere. */
const ENDINGS = [
  /[[(]?(?:…|\.\.\.)[)\]]?/,
  // Not in the middle of a sentence: "I read more than you."
  /(?<=^|\n\s*|[.!?:…)\]»]\s*)(?:continue|keep) reading\b.{0,150}/,
  /(?<=^|\n\s*|[.!?:…)\]»]\s*)read (?:more|the (?:rest|full|whole))\b.{0,80}/,
  /(?:weiterlesen|mehr lesen|lire la suite|leer más|seguir leyendo|lees verder|läs mer)(?!\p{L}).{0,80}/u,
  /the post .{1,200} (?:appeared first on|first appeared on) .{1,80}/,
];
const CUT = new RegExp(`(?:${ENDINGS.map(({ source }) => source).join('|')})[\\s→»>.]*$`, 'isu');

/** An excerpt without what only says that it is one. Linear: looks at the end alone. */
export function withoutCutMark(text: string): string {
  let kept = text.trimEnd();
  // Software puts several: "… [&hellip;] The post A appeared first on B."
  for (let i = 0; i < ENDINGS.length; i++) {
    const start = Math.max(0, kept.length - END_CHARACTERS);
    const end = kept.slice(start);
    const at = end.search(CUT);
    if (at === -1) break;
    kept = kept.slice(0, start + at).trimEnd();
  }
  return kept;
}

const isCut = (text: string) => withoutCutMark(text).length < text.trimEnd().length;

/**
 * Whether an item has a page with more than the feed gives: it has a link, and either no content
 * of its own beside a short summary, or a text that says by its end that it goes on.
 */
export function isExcerpt(
  item: Pick<ParsedItem, 'link' | 'content'>,
  body: { text: string; wordCount: number },
): boolean {
  if (item.link === undefined) return false;
  if (item.content === undefined && body.wordCount <= SUMMARY_WORDS_MAX) return true;
  return body.wordCount <= CUT_WORDS_MAX && isCut(body.text);
}
