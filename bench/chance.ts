/** Chance that is the same in every run (mulberry32): numbers from 0 to below 1. */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A whole number from `low` to `high`, both included. */
export const between = (random: () => number, low: number, high: number) =>
  low + Math.floor(random() * (high - low + 1));

/** Words are used as often as in a language: the n-th most frequent about 1/n of the time. */
const ZIPF_EXPONENT = 0.9;

/** Picks ranks from 0 to `count` - 1, low ones more often. */
export function zipf(count: number, random: () => number, exponent = ZIPF_EXPONENT): () => number {
  const sums: number[] = [];
  let total = 0;
  for (let rank = 1; rank <= count; rank++) {
    total += 1 / rank ** exponent;
    sums.push(total);
  }
  return () => {
    const wanted = random() * total;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? total) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

const SYLLABLES = 'ka to ri men sol ver lin da po gu ne fi bra'.split(' ');

/** The word of a rank: the same for the same rank, different for different ones. */
export function word(rank: number): string {
  let text = '';
  for (let rest = rank + SYLLABLES.length; rest > 0; ) {
    text += SYLLABLES[rest % SYLLABLES.length];
    rest = Math.floor(rest / SYLLABLES.length);
  }
  return text;
}

export const VOCABULARY_WORDS = 12_000;
