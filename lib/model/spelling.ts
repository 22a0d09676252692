/**
 * Whether two words are one mistake apart: a letter more, less or other, or two neighbours that
 * changed places (restricted Damerau–Levenshtein distance 1). Equal words are not.
 */
export function isOneMistake(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at++;
  if (short.length < long.length) return short.slice(at) === long.slice(at + 1);
  if (at === short.length) return false;
  const isOther = short.slice(at + 1) === long.slice(at + 1);
  const isTurned =
    short[at] === long[at + 1] &&
    short[at + 1] === long[at] &&
    short.slice(at + 2) === long.slice(at + 2);
  return isOther || isTurned;
}

/** Letters that two texts have in common by threes, 0 to 1: enough to order guesses. */
function likeness(a: string, b: string): number {
  const threes = (text: string) => {
    const padded = ` ${text} `;
    return new Set(Array.from({ length: padded.length - 2 }, (_, i) => padded.slice(i, i + 3)));
  };
  const [one, other] = [threes(a), threes(b)];
  const both = [...one].filter((three) => other.has(three)).length;
  return both / (one.size + other.size - both);
}

const LIKENESS_MIN = 0.3;

/**
 * Those of `known` that a mistyped `slug` may have meant, the likeliest first. One pass over
 * `known`.
 */
export function nearSlugs<T extends { slug: string }>(
  slug: string,
  known: Iterable<T>,
  limit: number,
): T[] {
  const bare = slug.replaceAll('-', '');
  const guesses: { one: T; score: number }[] = [];
  for (const one of known) {
    const other = one.slug.replaceAll('-', '');
    const isClose = bare === other || isOneMistake(bare, other);
    const score = isClose ? 1 : likeness(slug, one.slug);
    if (score >= LIKENESS_MIN) guesses.push({ one, score });
  }
  return guesses
    .sort((a, b) => b.score - a.score || (a.one.slug < b.one.slug ? -1 : 1))
    .slice(0, limit)
    .map(({ one }) => one);
}
