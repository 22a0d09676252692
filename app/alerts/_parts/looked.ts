import type { PreviewOutcome } from '../../../lib/model/alert.ts';
import type { previewWords } from '../../../lib/queries/alert-preview.ts';

/** What is said of words that somebody tries. */
export type Looked =
  | { kind: 'blank' }
  | { kind: 'fault'; message: string; at?: number }
  | Exclude<PreviewOutcome, { kind: 'no-word' }>;

const NO_WORD =
  'There is no word in this that posts must have. Name one of letters or digits, beside what is left out.';

export type Words = Awaited<ReturnType<typeof previewWords>>;

/** What the words would have found, or what is wrong with them. */
export function sayLooked(query: string, { words, outcome }: Words): Looked {
  if (words.kind === 'invalid') {
    if (words.field === 'policy') return { kind: 'blank' };
    const before = query.slice(0, words.at).trimEnd().slice(-30);
    const where = before === '' ? '' : ` It is after “${before}”.`;
    return { kind: 'fault', message: `${words.message}${where}`, at: words.at };
  }
  if (outcome === undefined) return { kind: 'blank' };
  return outcome.kind === 'no-word' ? { kind: 'fault', message: NO_WORD } : outcome;
}
