/** A plain text in pieces, with those that matched marked. */
export type MarkedText = { text: string; isMatch: boolean }[];

/** Private-use characters that stand around a match while a server marks it; no text keeps them. */
export const MARK_START = '\uE000';
export const MARK_END = '\uE001';

/** Cuts a text at its marks. One that is not closed goes to the end; a lone end is dropped. */
export function splitMarks(marked: string): MarkedText {
  const pieces: MarkedText = [];
  let isMatch = false;
  for (const part of marked.split(/([\uE000\uE001])/u)) {
    if (part === MARK_START) isMatch = true;
    else if (part === MARK_END) isMatch = false;
    else if (part !== '') pieces.push({ text: part, isMatch });
  }
  return pieces;
}
