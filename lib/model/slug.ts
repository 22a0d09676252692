const SLUG_CHARACTERS_MAX = 80;

/**
 * The address form of a name: letters and digits of any script in lower case, parts joined by
 * `-`, accents folded; never empty, never with `+`, `~` or `/` in it. Names that differ only in
 * a sign stay apart: `C++` is `c-plus-plus`, `C#` is `c-sharp`, `.NET` is `dot-net`.
 */
export function slugOf(name: string): string {
  const spoken = name
    .normalize('NFKC')
    .replace(/(?<=[\p{L}\p{N}+])\+/gu, '-plus-')
    .replace(/(?<=\p{L})#/gu, '-sharp-')
    .replace(/(?<![\p{L}\p{N}])\.(?=\p{L})/gu, 'dot-');
  const slug = foldAccents(spoken.toLowerCase())
    .replace(/['’]/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/gu, '');
  const cut = [...slug].slice(0, SLUG_CHARACTERS_MAX).join('').replace(/-+$/u, '');
  if (cut !== '') return cut;
  // Signs alone (an emoji): their code points, so that different names have different slugs.
  const points = [...name.trim()].slice(0, 8).map((sign) => sign.codePointAt(0)?.toString(16));
  return points.length > 0 ? `u${points.join('-')}` : 'untitled';
}

/** Marks on Latin, Greek and Cyrillic letters go; in other scripts marks are part of the word. */
function foldAccents(text: string): string {
  return text
    .normalize('NFD')
    .replace(/(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]\p{M}*)\p{M}/gu, '')
    .normalize('NFC')
    .replace(/ß/gu, 'ss')
    .replace(/æ/gu, 'ae')
    .replace(/ø/gu, 'o')
    .replace(/đ/gu, 'd')
    .replace(/ł/gu, 'l');
}
