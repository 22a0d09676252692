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

const lettersOf = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');

/** Whether two titles are equal but for signs and case. */
export function isEqualTitle(a: string, b: string): boolean {
  const [one, other] = [lettersOf(a), lettersOf(b)];
  return one === '' && other === '' ? a === b : one === other;
}

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
