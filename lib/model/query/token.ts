export type Sign = '(' | ')' | '-' | 'OR' | 'AND';

/** What can be asked of a post beside its words. */
export type FieldName = 'tag' | 'source' | 'author' | 'title' | 'lang';

/** What a query is made of at its ends. Texts are in lower case and without their signs. */
export type Leaf =
  | { kind: 'word'; text: string }
  /** Words that begin so. */
  | { kind: 'prefix'; text: string }
  /** Words next to each other, in this order. */
  | { kind: 'phrase'; text: string }
  /** As it is written and no other form of it; words in it are next to each other. */
  | { kind: 'exact'; text: string }
  /** A slug of a tag or source, a language, or words next to each other in the title or byline. */
  | { kind: 'field'; name: FieldName; text: string; isPrefix: boolean }
  /** Posts from the start of a day (YYYY-MM-DD, UTC) on, or until it. */
  | { kind: 'date'; side: 'after' | 'before'; day: string };

export type Token =
  | { kind: 'sign'; sign: Sign; at: number }
  | { kind: 'leaf'; leaf: Leaf; at: number };

/** Why a text is no query. */
export interface Fault {
  kind: 'invalid';
  /** Where in the text, in UTF-16 units. */
  at: number;
  /** For the reader. */
  message: string;
  /** Set where a field has a value that means nothing: as plain words the text means nothing too. */
  isField?: true;
}

export const fault = (at: number, message: string): Fault => ({ kind: 'invalid', at, message });

export const HAS_WORD = /[\p{L}\p{N}]/u;

/** A text within quotation marks, with one space between its words. */
export const foldText = (text: string) =>
  text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .toLowerCase();

/** One letter and a star would be met by nearly every post. */
const PREFIX_CHARACTERS_MIN = 2;

/** Takes the star from the end of a word. @param at where the word stands in the query. */
export function cutStar(raw: string, at: number): { text: string; isPrefix: boolean } | Fault {
  const star = raw.indexOf('*');
  if (star < 0) return { text: raw, isPrefix: false };
  if (star !== raw.length - 1) {
    return fault(at + star, 'A * can only stand at the end of a word.');
  }
  return { text: raw.slice(0, star), isPrefix: true };
}

/** Why a beginning of words is refused, if it is. */
export function checkPrefix(text: string, at: number): Fault | undefined {
  if ([...text].length >= PREFIX_CHARACTERS_MIN) return undefined;
  return fault(at, `Put at least ${PREFIX_CHARACTERS_MIN} letters before the *.`);
}
