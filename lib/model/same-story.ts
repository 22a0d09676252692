// When two items with one address are one story. Pure: ARCHITECTURE.md, Identity.

/** Words looked at; the start of a text tells. */
const WORDS_COMPARED_MAX = 200;
/** Share of words in common from which two texts are nearly the same. */
const TEXT_LIKENESS_MIN = 0.6;
const TITLE_LIKENESS_MIN = 0.7;
/** Share of an excerpt's words that its full text must have. */
const EXCERPT_CONTAINED_MIN = 0.8;

export interface StoryWords {
  title: string;
  text: string;
}

const wordsOf = (text: string) =>
  new Set(
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu)
      ?.slice(0, WORDS_COMPARED_MAX),
  );

function likeness(a: Set<string>, b: Set<string>): number {
  if (a.size === 0 || b.size === 0) return 0;
  const common = a.intersection(b).size;
  return common / (a.size + b.size - common);
}

/** A title's letters and digits, case folded. */
export const lettersOf = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');

/** Whether two titles are equal but for signs and case. */
export function isEqualTitle(a: string, b: string): boolean {
  const [one, other] = [lettersOf(a), lettersOf(b)];
  return one === '' && other === '' ? a === b : one === other;
}

/** Share of words that two texts have in common, from 0 to 1; only their beginnings count. */
export const textLikeness = (a: string, b: string): number => likeness(wordsOf(a), wordsOf(b));

const numbersOf = (text: string) => new Set(text.normalize('NFKC').match(/\p{N}+/gu));

/** Whether two titles are equal or nearly so. Release 1.2 is never nearly release 1.3. */
export function isSameTitle(a: string, b: string): boolean {
  if (isEqualTitle(a, b)) return true;
  if (numbersOf(a).symmetricDifference(numbersOf(b)).size > 0) return false;
  return likeness(wordsOf(a), wordsOf(b)) >= TITLE_LIKENESS_MIN;
}

/**
 * Whether two items of different feeds with the same canonical URL are one post: title or text
 * nearly equal, one an excerpt of the other, or one without any text. Link blogs and status
 * pages share addresses without sharing posts.
 */
export function isSameStory(a: StoryWords, b: StoryWords): boolean {
  if (isSameTitle(a.title, b.title)) return true;
  if (a.text.trim() === '' || b.text.trim() === '') return true;
  const [one, other] = [wordsOf(a.text), wordsOf(b.text)];
  if (likeness(one, other) >= TEXT_LIKENESS_MIN) return true;
  const [short, long] = one.size <= other.size ? [one, other] : [other, one];
  return short.size > 10 && short.intersection(long).size / short.size >= EXCERPT_CONTAINED_MIN;
}

/** Fewer words are no text by which to know a story at another address. */
const NEAR_WORDS_MIN = 40;
const NEAR_TEXT_LIKENESS_MIN = 0.75;
/** Under a title that only has more words ("Cross-post: …", "… | Our blog"). */
const NEAR_TEXT_RETITLED_LIKENESS_MIN = 0.9;
/** A shorter title stands in many others. */
const TITLE_WITHIN_WORDS_MIN = 3;

function isTitleWithin(a: string, b: string): boolean {
  const [short, long] = [wordsOf(a), wordsOf(b)].sort((one, other) => one.size - other.size);
  return (
    short !== undefined && short.size >= TITLE_WITHIN_WORDS_MIN && short.isSubsetOf(long ?? short)
  );
}

/**
 * Whether two items of different feeds at different addresses are one post: text nearly equal, and
 * the title equal or within the other's. Announcements written from one mould ("now available in
 * Milan", "… in Zurich", release 1.2 and 1.3) differ in a word or number of the title alone.
 */
export function isNearStory(a: StoryWords, b: StoryWords): boolean {
  const [one, other] = [wordsOf(a.text), wordsOf(b.text)];
  if (Math.min(one.size, other.size) < NEAR_WORDS_MIN) return false;
  const common = likeness(one, other);
  if (isEqualTitle(a.title, b.title)) return common >= NEAR_TEXT_LIKENESS_MIN;
  if (numbersOf(a.title).symmetricDifference(numbersOf(b.title)).size > 0) return false;
  return common >= NEAR_TEXT_RETITLED_LIKENESS_MIN && isTitleWithin(a.title, b.title);
}
