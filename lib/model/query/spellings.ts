import { cutField } from './fields.ts';
import { parseSearch, QUERY_CHARACTERS_MAX } from './parse-query.ts';
import type { Token } from './token.ts';
import { cutQuery } from './tokens.ts';

/** A part of a query that may be misspelt. */
export interface Spelling {
  /** Where it stands in the query, and how many units it takes. */
  at: number;
  length: number;
  /** As it is written; of a tag or source, the whole name. */
  text: string;
  /** Among what it is looked for. */
  of: 'words' | 'tags' | 'sources' | 'authors';
  /** Whether it stands within quotation marks, where a name may have spaces. */
  isQuoted: boolean;
}

/** What can be misspelt: letters and digits in a row. */
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
const QUOTE = /["“”„]/u;

type Leaf = Extract<Token, { kind: 'leaf' }>;

/**
 * The words and names of a search that may be misspelt, in their order: none that is left out
 * (`-word`), no beginnings, dates or languages. A text that is no query has plain words; one that is
 * longer than any query has none. Takes time in proportion to the text.
 */
export function listSpellings(text: string): Spelling[] {
  if (text.length > QUERY_CHARACTERS_MAX) return [];
  const tokens = parseSearch(text).kind === 'search' ? cutQuery(text) : undefined;
  if (!Array.isArray(tokens)) return wordsIn(text, 0, 'words');
  return listWanted(tokens).flatMap(({ leaf, at }) => {
    const next = tokens.find((token) => token.at > at)?.at ?? text.length;
    return spellingsOf(leaf, at, text.slice(at, next).trimEnd());
  });
}

/** The leaves that are not left out, by themselves or with the brackets around them. */
function listWanted(tokens: Token[]): Leaf[] {
  const wanted: Leaf[] = [];
  const isLeftOut = [false];
  let isMinus = false;
  for (const token of tokens) {
    const outer = isLeftOut.at(-1) ?? false;
    if (token.kind === 'leaf') {
      if (!outer && !isMinus) wanted.push(token);
    } else if (token.sign === '(') isLeftOut.push(outer || isMinus);
    else if (token.sign === ')') isLeftOut.pop();
    isMinus = token.kind === 'sign' && token.sign === '-';
  }
  return wanted;
}

/** @param raw the leaf as it is written. */
function spellingsOf(leaf: Leaf['leaf'], at: number, raw: string): Spelling[] {
  if (leaf.kind === 'date' || leaf.kind === 'prefix') return [];
  if (leaf.kind !== 'field') return wordsIn(raw, at, 'words');
  if (leaf.isPrefix || leaf.name === 'lang') return [];
  const { name } = leaf;
  const start = raw.length - (cutField(raw)?.rest.length ?? 0);
  const value = raw.slice(start);
  if (name === 'title') return wordsIn(value, at + start, 'words');
  if (name === 'author') return wordsIn(value, at + start, 'authors');
  const isQuoted = QUOTE.test(value);
  const written = isQuoted ? value.slice(1, -1) : value;
  return [
    {
      at: at + start + (isQuoted ? 1 : 0),
      length: written.length,
      text: leaf.text,
      of: name === 'tag' ? 'tags' : 'sources',
      isQuoted,
    },
  ];
}

const wordsIn = (text: string, at: number, of: Spelling['of']): Spelling[] =>
  [...text.matchAll(WORD)].map(({ 0: word, index }) => ({
    at: at + index,
    length: word.length,
    text: word,
    of,
    isQuoted: false,
  }));

/** The query with other texts in the places of some spellings; everything else as it is written. */
export function respell(text: string, changes: { spelling: Spelling; to: string }[]): string {
  const fromTheEnd = changes.toSorted((a, b) => b.spelling.at - a.spelling.at);
  return fromTheEnd.reduce(
    (made, { spelling: { at, length }, to }) => made.slice(0, at) + to + made.slice(at + length),
    text,
  );
}

/** How many letters a word of so many may have wrong. */
export function slipsMax(characters: number): number {
  if (characters < 3) return 0;
  if (characters < 5) return 1;
  return characters < 9 ? 2 : 3;
}

/** A word with two letters beside each other in each other's place, in all ways. */
export function swapLetters(word: string): string[] {
  const letters = [...word];
  return letters.slice(1).map((letter, index) => {
    return letters
      .with(index, letter)
      .with(index + 1, letters[index] ?? '')
      .join('');
  });
}
