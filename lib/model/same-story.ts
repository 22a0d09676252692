import { fnv } from './text-bands.ts';

// When two items with one address are one story. Pure: ARCHITECTURE.md, Identity.

/** Words looked at; the start of a text tells. */
const WORDS_COMPARED_MAX = 200;
/** Characters in which they are looked for: a chapter is not folded for its first page. */
const CHARACTERS_COMPARED_MAX = 4_000;
/** Share of words in common from which two texts are nearly the same. */
const TEXT_LIKENESS_MIN = 0.6;
const TITLE_LIKENESS_MIN = 0.7;
/** Share of an excerpt's words that its full text must have. */
const EXCERPT_CONTAINED_MIN = 0.8;

export interface StoryWords {
  title: string;
  /** Its beginning is enough. */
  text: string;
}

/** A text's words, each once, as sorted hashes: a comparison is one walk along both. */
function wordsOf(text: string): Uint32Array {
  const words =
    text
      .slice(0, CHARACTERS_COMPARED_MAX)
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return Uint32Array.from(new Set(words.slice(0, WORDS_COMPARED_MAX).map(fnv))).sort();
}

function countCommon(a: Uint32Array, b: Uint32Array): number {
  let common = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [one, other] = [a[i] ?? 0, b[j] ?? 0];
    if (one === other) common++;
    if (one <= other) i++;
    if (other <= one) j++;
  }
  return common;
}

function likeness(a: Uint32Array, b: Uint32Array): number {
  if (a.length === 0 || b.length === 0) return 0;
  const common = countCommon(a, b);
  return common / (a.length + b.length - common);
}

/** A title's letters and digits, case folded. */
const lettersOf = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');

const numbersOf = (text: string): string =>
  [...new Set(text.normalize('NFKC').match(/\p{N}+/gu))].sort().join(' ');

/** What is compared of an item, each made when it is first looked at. */
class Compared {
  readonly #words: StoryWords;
  #letters: string | undefined;
  #numbers: string | undefined;
  #title: Uint32Array | undefined;
  #text: Uint32Array | undefined;

  constructor(words: StoryWords) {
    this.#words = words;
  }
  get letters(): string {
    this.#letters ??= lettersOf(this.#words.title);
    return this.#letters;
  }
  get numbers(): string {
    this.#numbers ??= numbersOf(this.#words.title);
    return this.#numbers;
  }
  get title(): Uint32Array {
    this.#title ??= wordsOf(this.#words.title);
    return this.#title;
  }
  get text(): Uint32Array {
    this.#text ??= wordsOf(this.#words.text);
    return this.#text;
  }
}

const known = new WeakMap<StoryWords, Compared>();

/** Made once for each object: an item of a large document is compared with many. */
function comparedOf(story: StoryWords): Compared {
  const there = known.get(story);
  if (there !== undefined) return there;
  const made = new Compared(story);
  known.set(story, made);
  return made;
}

/** How much a title can tell: the number of its letters and digits. */
export const countLetters = (story: StoryWords): number => comparedOf(story).letters.length;

/** Equal for titles that are equal but for signs and case, and only for those. */
export function titleKey(story: StoryWords): string {
  const { letters } = comparedOf(story);
  // One of signs alone is equal only to itself; no letters begin with a space.
  return letters === '' ? ` ${story.title}` : letters;
}

/** Whether two titles are equal but for signs and case. */
export const isEqualTitle = (a: StoryWords, b: StoryWords): boolean => titleKey(a) === titleKey(b);

/** Share of words that two texts have in common, from 0 to 1; only their beginnings count. */
export const textLikeness = (a: StoryWords, b: StoryWords): number =>
  likeness(comparedOf(a).text, comparedOf(b).text);

/** Whether two titles are equal or nearly so. Release 1.2 is never nearly release 1.3. */
export function isSameTitle(a: StoryWords, b: StoryWords): boolean {
  if (isEqualTitle(a, b)) return true;
  const [one, other] = [comparedOf(a), comparedOf(b)];
  return one.numbers === other.numbers && likeness(one.title, other.title) >= TITLE_LIKENESS_MIN;
}

/**
 * Whether two items of different feeds with the same canonical URL are one post: title or text
 * nearly equal, one an excerpt of the other, or one without any text. Link blogs and status
 * pages share addresses without sharing posts.
 */
export function isSameStory(a: StoryWords, b: StoryWords): boolean {
  if (isSameTitle(a, b)) return true;
  if (a.text.trim() === '' || b.text.trim() === '') return true;
  const [one, other] = [comparedOf(a).text, comparedOf(b).text];
  if (likeness(one, other) >= TEXT_LIKENESS_MIN) return true;
  const shorter = Math.min(one.length, other.length);
  return shorter > 10 && countCommon(one, other) / shorter >= EXCERPT_CONTAINED_MIN;
}

/** Fewer words are no text by which to know a story at another address. */
const NEAR_WORDS_MIN = 40;
const NEAR_TEXT_LIKENESS_MIN = 0.75;
/** Under a title that only has more words ("Cross-post: …", "… | Our blog"). */
const NEAR_TEXT_RETITLED_LIKENESS_MIN = 0.9;
/** A shorter title stands in many others. */
const TITLE_WITHIN_WORDS_MIN = 3;

function isTitleWithin(a: Uint32Array, b: Uint32Array): boolean {
  const shorter = Math.min(a.length, b.length);
  return shorter >= TITLE_WITHIN_WORDS_MIN && countCommon(a, b) === shorter;
}

/**
 * Whether two items of different feeds at different addresses are one post: text nearly equal, and
 * the title equal or within the other's. Announcements written from one mould ("now available in
 * Milan", "… in Zurich", release 1.2 and 1.3) differ in a word or number of the title alone.
 */
export function isNearStory(a: StoryWords, b: StoryWords): boolean {
  const [one, other] = [comparedOf(a), comparedOf(b)];
  if (Math.min(one.text.length, other.text.length) < NEAR_WORDS_MIN) return false;
  const isEqual = isEqualTitle(a, b);
  // Titles are told apart in less time than texts are.
  if (!isEqual && (one.numbers !== other.numbers || !isTitleWithin(one.title, other.title))) {
    return false;
  }
  const common = likeness(one.text, other.text);
  return common >= (isEqual ? NEAR_TEXT_LIKENESS_MIN : NEAR_TEXT_RETITLED_LIKENESS_MIN);
}
