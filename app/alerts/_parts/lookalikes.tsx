import { asMeant, findLookalikes, type Lookalike } from '../../../lib/model/query/lookalikes.ts';

/** The letters of another alphabet in a word, in words. */
function sayLetters({ word, letters, alphabet }: Lookalike): string {
  const others = alphabet === 'Latin' ? 'of another alphabet' : 'Latin';
  const named = letters.map((letter) => `“${letter}”`).join(', ');
  const is = letters.length === 1 ? 'the letter' : 'the letters';
  const are = letters.length === 1 ? 'is' : 'are';
  return `In “${word}” ${is} ${named} ${are} ${alphabet}, and the others are ${others}.`;
}

/** Words with letters of two alphabets that look alike: an alert for them finds nothing. */
export function Lookalikes({
  query,
  hrefOf,
}: {
  query: string;
  hrefOf: (query: string) => string;
}) {
  const found = findLookalikes(query);
  if (found.length === 0) return null;
  const meant = asMeant(query, found);
  return (
    <p className="help aside" role="status">
      {found.map(sayLetters).join(' ')} They look alike, but only posts that mix them in the same
      way would be found. All of one alphabet: <a href={hrefOf(meant)}>{meant}</a>
    </p>
  );
}
