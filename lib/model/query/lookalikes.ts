// Words whose letters come from two alphabets and look as if they came from one (Unicode UTS #39).

/** Letters that look alike in most faces: Latin, and Cyrillic or Greek. */
const TWINS: Record<'Cyrillic' | 'Greek', [latin: string, other: string]> = {
  Cyrillic: ['aceopxyisjhkmtbdABCEHIJKMOPSTXY', 'асеорхуіѕјһкмтьԁАВСЕНІЈКМОРЅТХУ'],
  Greek: ['ovuiABEZHIKMNOPTYX', 'ονυιΑΒΕΖΗΙΚΜΝΟΡΤΥΧ'],
};
const SCRIPTS = {
  Cyrillic: /\p{Script=Cyrillic}/u,
  Greek: /\p{Script=Greek}/u,
};
const LATIN = /\p{Script=Latin}/u;
const LETTERS = /[\p{L}\p{M}]+/gu;

/** A word that is not what it seems to be. */
export interface Lookalike {
  /** As it is written. */
  word: string;
  /** The letters that are of the other alphabet, each once. */
  letters: string[];
  alphabet: 'Cyrillic' | 'Greek' | 'Latin';
  /** The word with all letters of one alphabet, that of the others. */
  meant: string;
}

/** The word in letters of `to` alone; undefined where a letter has no twin there. */
function translate(word: string, from: RegExp, twins: Map<string, string>): string | undefined {
  const letters = [...word].map((letter) => (from.test(letter) ? twins.get(letter) : letter));
  return letters.every((letter) => letter !== undefined) ? letters.join('') : undefined;
}

function twinsOf(
  script: keyof typeof TWINS,
): [toLatin: Map<string, string>, toOther: Map<string, string>] {
  const [latin, other] = TWINS[script].map((letters) => [...letters]) as [string[], string[]];
  return [
    new Map(other.map((letter, index) => [letter, latin[index] ?? ''])),
    new Map(latin.map((letter, index) => [letter, other[index] ?? ''])),
  ];
}

function readWord(word: string): Lookalike | undefined {
  if (!LATIN.test(word)) return undefined;
  for (const alphabet of ['Cyrillic', 'Greek'] as const) {
    const script = SCRIPTS[alphabet];
    if (!script.test(word)) continue;
    const [toLatin, toOther] = twinsOf(alphabet);
    const find = (pattern: RegExp) => [...new Set([...word].filter((one) => pattern.test(one)))];
    const asLatin = translate(word, script, toLatin);
    if (asLatin !== undefined) return { word, letters: find(script), alphabet, meant: asLatin };
    // Greek letters stand before Latin ones in names of quantities, on purpose (Δp).
    const asOther = alphabet === 'Greek' ? undefined : translate(word, LATIN, toOther);
    if (asOther === undefined) continue;
    return { word, letters: find(LATIN), alphabet: 'Latin', meant: asOther };
  }
  return undefined;
}

/**
 * The words of a query with letters of two alphabets where those of one look like those of the
 * other, as `аws` with a Cyrillic а: it finds nothing that has `aws`. Words whose letters cannot be
 * taken for others (`μTorrent`, `Δt`) are what they are. Takes time in proportion to the text.
 */
export function findLookalikes(text: string): Lookalike[] {
  const words = [...new Set([...text.matchAll(LETTERS)].map(([word]) => word))];
  return words.map(readWord).filter((found) => found !== undefined);
}

/** A query with each such word as it is likely meant. */
export const asMeant = (text: string, found: Lookalike[]): string =>
  text.replace(LETTERS, (word) => found.find((each) => each.word === word)?.meant ?? word);
