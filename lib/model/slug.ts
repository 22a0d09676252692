const SLUG_CHARACTERS_MAX = 80;

/** Signs that are part of a name are spelt; all others only part words. */
const SPELT: readonly (readonly [RegExp, string])[] = [
  [/(?<![\p{L}\p{N}])\.net\b/giu, ' dot-net '],
  [/(?<=[\p{L}\p{N}])\+\+/gu, '-plus-plus '],
  [/(?<=(?<![\p{L}\p{N}])[a-z])[#♯]/giu, '-sharp '],
  [/(?<=(?<![\p{L}\p{N}])[a-z])\*/giu, '-star '],
  [/\+/gu, ' plus '],
  [/&/gu, ' and '],
];

/** Letters that no decomposition folds. */
const FOLDED: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ł: 'l',
  ı: 'i',
};

/**
 * The address form of a name: letters and digits of any script in lower case, words joined by
 * `-`, without accents and other marks (й and Korean syllables are letters of their own). Never
 * empty, never with `+`, `~` or `/` in it. Names that differ only in a sign stay apart: `C++` is
 * `c-plus-plus`, `C#` is `c-sharp`, `.NET` is `dot-net`. The slug of a slug is itself.
 */
export function slugOf(name: string, charactersMax = SLUG_CHARACTERS_MAX): string {
  let text = name.normalize('NFKC');
  for (const [sign, words] of SPELT) text = text.replace(sign, words);
  const folded = text
    .toLowerCase()
    .normalize('NFD')
    .replace(/(?<=[\p{Script=Latin}\p{Script=Greek}]\p{M}*)\p{M}/gu, '')
    .normalize('NFC')
    .replace(/[ßæœøđłı]/gu, (letter) => FOLDED[letter] ?? letter)
    // Marks and joiners stand inside words, as in Hindi and Thai.
    .replace(/[\p{M}'’ʼ\u200b-\u200d]/gu, '');
  const words = [...folded.matchAll(/[\p{L}\p{N}]+/gu)].map(([word]) => word);
  const slug = [...words.join('-')].slice(0, charactersMax).join('');
  // A letter outside the basic plane is two units; the limit is one of units.
  const cut = slug
    .slice(0, charactersMax)
    .toWellFormed()
    .replace(/[\ufffd-]+$/u, '');
  if (cut !== '') return cut;
  // Signs alone (an emoji): their code points, so that different names have different slugs.
  const points = [...name.trim()].slice(0, 8).map((sign) => sign.codePointAt(0)?.toString(16));
  return points.length > 0 ? `u${points.join('-')}` : 'untitled';
}
