import { DIRECTION_CONTROLS } from '../model/unseen.ts';

// What publishers, readers and endpoints have written, as mails show it.

/** What no mail has: RFC 5322, 2.2 and 4.1, and what HTML takes for another character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]/gu;

/** RFC 2047, 2: an encoded word has at most 75 characters, of which 12 say what it is. */
const ENCODED_OCTETS_MAX = 45;

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * A text without what would change how the rest is read; lines stay, and end in LF alone: of a CR
 * on its own, what is signed and what is sent were not the same (RFC 6376, 3.4).
 */
export const clean = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\r\n?/gu, '\n')
    .replace(CONTROLS, '')
    .replace(DIRECTION_CONTROLS, '');

/** A text on one line, without what would be a line end to anybody (RFC 5322, Unicode). */
const toLine = (text: string): string => clean(text.replace(/[\s\p{Cc}]+/gu, ' ')).trim();

/**
 * A text on one line, cut between two characters as people see them.
 * @param max UTF-16 units, with the … at its end.
 */
export function cutLine(text: string, max: number): string {
  // What is far beyond the limit is not looked at: texts of a megabyte come too.
  const line = toLine(text.length > max * 4 ? text.slice(0, max * 4) : text);
  if (line.length <= max) return text.length > max * 4 ? `${line}…` : line;
  const at = segmenter.segment(line.slice(0, max + 1)).containing(max - 1)?.index ?? 0;
  // A letter with a thousand accents is one character, too.
  return `${(at === 0 ? line.slice(0, max - 1).toWellFormed() : line.slice(0, at)).trimEnd()}…`;
}

/** A line of a header as encoded words (RFC 2047), none of which parts a character. */
export function encodeWords(line: string): string {
  const parts = [''];
  for (const character of line) {
    const longer = parts.at(-1) + character;
    if (Buffer.byteLength(longer) > ENCODED_OCTETS_MAX) parts.push(character);
    else parts[parts.length - 1] = longer;
  }
  return parts.map((part) => `=?utf-8?B?${Buffer.from(part).toString('base64')}?=`).join(' ');
}
