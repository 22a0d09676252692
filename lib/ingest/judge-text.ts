import type { ExcerptWords, FullTextReason } from '../model/full-text.ts';
import { withoutCutMark } from './excerpt.ts';
import { countWords } from './plain-text.ts';

// Whether what was found in a page is the post whose excerpt we have. Pure.

/** Letters of a word that tells what a text is about: shorter ones stand in any text. */
const TELLING_LETTERS_MIN = 4;
/** Words compared of an excerpt; it has fewer. */
const EXCERPT_WORDS_COMPARED_MAX = 600;
/** Share of an excerpt's different words that its full text must have. */
const EXCERPT_CONTAINED_MIN = 0.6;
/** The same for the title of a post that comes without any text. */
const TITLE_CONTAINED_MIN = 0.6;
/** With fewer such words an excerpt says little of what it is from: the title is asked as well. */
const TELLING_WORDS_MIN = 8;
/** What a full text has more than the excerpt, in words, or it is not worth having. */
const MORE_WORDS_MIN = 40;
/** A text that asks for money is a stub up to so many words more than the excerpt. */
const STUB_WORDS_MAX = 250;
/** Where such a request stands: at the end of what may be read. */
const STUB_END_CHARACTERS = 1_200;

const WALLS = [
  /subscribe (?:now |today )?(?:to|and) (?:read|continue|keep|unlock|get (?:full|unlimited))/,
  /to (?:read|continue|keep|access|view).{0,60}(?:subscri|sign (?:in|up)|log ?in|register|create an? )/,
  /(?:sign|log) in (?:or (?:sign|register|subscribe) ?(?:up)? )?to (?:read|continue|keep|view)/,
  /already (?:an? |have an? )(?:subscri|member|account)/,
  /(?:subscribers|members)[- ]only|(?:for|to) (?:paying |paid )?(?:subscribers|members)\b/,
  /(?:start|begin) your (?:free )?trial|become an? (?:paid |paying )?(?:subscriber|member)/,
  /jetzt abonnieren|mit .{0,20}abo weiterlesen|bereits abonn|nur für abonnenten/,
  /abonnez-vous|réservé aux abonnés|déjà abonné|suscríbete|ya eres suscriptor|abbonati/,
];
const WALL = new RegExp(WALLS.map(({ source }) => source).join('|'), 'iu');

/** Scripts that put no spaces between words. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** The different words of a text; of a run without spaces its neighbouring characters. */
function wordsOf(
  text: string,
  { lettersMin = 1, max = Number.POSITIVE_INFINITY } = {},
): Set<string> {
  const words = new Set<string>();
  for (const [run] of text
    .normalize('NFKC')
    .toLowerCase()
    .matchAll(/[\p{L}\p{M}\p{N}]+/gu)) {
    if (words.size >= max) break;
    if (!UNSPACED.test(run)) {
      if (run.length >= lettersMin) words.add(run);
    } else for (let i = 0; i < Math.max(1, run.length - 1); i++) words.add(run.slice(i, i + 2));
  }
  return words;
}

const share = (part: Set<string>, whole: Set<string>) =>
  part.size === 0 ? 0 : part.intersection(whole).size / part.size;

export type Judgement = { isThePost: true } | { isThePost: false; reason: FullTextReason };

/**
 * Whether an extracted text is the whole of a post: it has most words of the excerpt (and of the
 * title, where the excerpt says little), is longer, and is no request to pay.
 * @param page.titles of the page and its article.
 */
export function judgeText(
  excerpt: ExcerptWords,
  page: { text: string; titles: string },
): Judgement {
  const given = withoutCutMark(excerpt.text);
  const givenWords = wordsOf(given, {
    lettersMin: TELLING_LETTERS_MIN,
    max: EXCERPT_WORDS_COMPARED_MAX,
  });
  const pageWords = wordsOf(page.text);
  const isTold = givenWords.size >= TELLING_WORDS_MIN;
  if (!isTold) {
    const titled = wordsOf(`${page.titles} ${page.text}`);
    if (share(wordsOf(excerpt.title), titled) < TITLE_CONTAINED_MIN) return no('not-the-post');
  }
  if (givenWords.size > 0 && share(givenWords, pageWords) < EXCERPT_CONTAINED_MIN) {
    return no('not-the-post');
  }
  const more = countWords(page.text) - countWords(given);
  if (more < STUB_WORDS_MAX && WALL.test(page.text.slice(-STUB_END_CHARACTERS))) {
    return no('paywall');
  }
  return more < MORE_WORDS_MIN ? no('not-longer') : { isThePost: true };
}

const no = (reason: FullTextReason): Judgement => ({ isThePost: false, reason });
