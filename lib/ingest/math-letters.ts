// Letters of formulas in other scripts (Unicode, Mathematical Alphanumeric Symbols). Where MathML
// had attributes for them, browsers know characters only: an R of `double-struck` would be any R.

/** First characters of the capital and small letters and digits, and those that stood elsewhere. */
interface Letters {
  capitals: number;
  small: number;
  digits?: number;
  older?: string;
}
const SCRIPTS = new Map<string | undefined, Letters>(
  Object.entries({
    'double-struck': {
      capitals: 0x1d538,
      small: 0x1d552,
      digits: 0x1d7d8,
      older: 'CℂHℍNℕPℙQℚRℝZℤ',
    },
    script: { capitals: 0x1d49c, small: 0x1d4b6, older: 'BℬEℰFℱHℋIℐLℒMℳRℛeℯgℊoℴ' },
    fraktur: { capitals: 0x1d504, small: 0x1d51e, older: 'CℭHℌIℑRℜZℨ' },
    'bold-script': { capitals: 0x1d4d0, small: 0x1d4ea },
    'bold-fraktur': { capitals: 0x1d56c, small: 0x1d586 },
  }),
);

/**
 * A text in the letters that a value of `mathvariant` asks for; undefined where it is a matter of
 * weight or slope, which pages can do.
 */
export function inScript(text: string, variant: string | undefined): string | undefined {
  const script = SCRIPTS.get(variant);
  if (script === undefined || !/^[A-Za-z\d\s]*$/u.test(text)) return undefined;
  return text.replace(/\S/gu, (letter) => {
    const older = script.older?.indexOf(letter) ?? -1;
    if (older !== -1) return script.older?.charAt(older + 1) ?? letter;
    if (letter >= 'a') return String.fromCodePoint(script.small + letter.charCodeAt(0) - 97);
    if (letter >= 'A') return String.fromCodePoint(script.capitals + letter.charCodeAt(0) - 65);
    return script.digits === undefined ? letter : String.fromCodePoint(script.digits + +letter);
  });
}
