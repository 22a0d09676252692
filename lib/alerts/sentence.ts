import { MARK_END, MARK_START, type MarkedText, splitMarks } from '../model/marked-text.ts';

const SENTENCE_CHARACTERS_MAX = 320;
/** Text kept in front of a match when its sentence is too long. */
const LEAD_CHARACTERS_MAX = 80;

const segmenter = new Intl.Segmenter('und', { granularity: 'sentence' });

const hasMark = (text: string) => text.includes(MARK_START);

/** The different words that are marked in a text. */
function countMarked(text: string): number {
  const words = splitMarks(text).filter((piece) => piece.isMatch);
  return new Set(words.map((piece) => piece.text.toLowerCase())).size;
}

/** Shortens a sentence at spaces so that its first match stays in it. */
function shorten(sentence: string): string {
  if (sentence.length <= SENTENCE_CHARACTERS_MAX) return sentence;
  const first = Math.max(0, sentence.indexOf(MARK_START));
  let start = 0;
  if (first > SENTENCE_CHARACTERS_MAX - LEAD_CHARACTERS_MAX) {
    const space = sentence.indexOf(' ', first - LEAD_CHARACTERS_MAX);
    start = space >= 0 && space < first ? space + 1 : first;
  }
  let end = start + SENTENCE_CHARACTERS_MAX;
  if (end >= sentence.length) end = sentence.length;
  else end = Math.max(sentence.lastIndexOf(' ', end), start + SENTENCE_CHARACTERS_MAX / 2);
  let cut = sentence.slice(start, end).trim();
  // A mark that the cut went through is closed.
  if (cut.lastIndexOf(MARK_START) > cut.lastIndexOf(MARK_END)) cut += MARK_END;
  return `${start > 0 ? '…' : ''}${cut}${end < sentence.length ? '…' : ''}`;
}

/**
 * The sentence that says most about why a post matched: the first of those with the most
 * different marked words.
 * @param marked plain text with its matches between MARK_START and MARK_END.
 * @returns undefined when nothing is marked.
 */
export function pickSentence(marked: string): MarkedText | undefined {
  if (!hasMark(marked)) return undefined;
  let best = '';
  let bestCount = 0;
  for (const { segment } of segmenter.segment(marked)) {
    if (!hasMark(segment)) continue;
    const words = countMarked(segment);
    if (words > bestCount) {
      best = segment;
      bestCount = words;
    }
  }
  return splitMarks(shorten(best.replace(/\s+/gu, ' ').trim()));
}
