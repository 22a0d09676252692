import type { MarkedText } from '../marked-text.ts';

/** Words alone: what has signs is asked for as it is written. */
const WORDS = /^[\p{L}\p{N}\s]+$/u;

const fold = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** What a search server has forgiven in a search. */
export interface Forgiven {
  /** Words of the search that stand in no text that was found. */
  words: string[];
  /** What stands there in the place of a search of one word. */
  found: string | undefined;
}

/**
 * What was found only because slips of typing are forgiven, by what is marked. Nothing of a search
 * with signs, or of which nothing is marked.
 * @param texts of the first results: those with the word as it is written come first.
 */
export function readForgiven(q: string, texts: MarkedText[]): Forgiven {
  const none: Forgiven = { words: [], found: undefined };
  if (!WORDS.test(q)) return none;
  const marked = texts.flat().flatMap(({ text, isMatch }) => (isMatch ? [fold(text)] : []));
  const asked = fold(q).trim().split(/\s+/u);
  if (marked.length === 0) return none;
  const words = asked.filter((word) => !marked.some((mark) => mark.startsWith(word)));
  return { words, found: asked.length === 1 && words.length === 1 ? marked[0] : undefined };
}
