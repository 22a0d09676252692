// Characters that nobody sees, and that change what is seen or found (Unicode, UAX #9, UTS #39).

/**
 * Embeddings, overrides and isolates of writing direction. They reach beyond the text that they
 * come in: “gpj.exe” after one reads as “exe.jpg”, and so does whatever follows.
 */
export const DIRECTION_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/gu;

const SPACED = String.raw`[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}]`;

/**
 * Where a word may be broken over lines, or not: no part of it, and neither looked for nor found.
 * In scripts without spaces, a space without width parts words, and stays.
 */
export const BREAK_MARKS = new RegExp(
  `\u00ad|\u2060|\ufeff|(?<=${SPACED})\u200b(?=${SPACED})`,
  'gu',
);

/** What has a name that people may know; others are called by their number. */
const NAMES: Record<number, string> = {
  173: 'a soft hyphen',
  8203: 'a space without width',
  8204: 'a sign that parts letters',
  8205: 'a sign that joins letters',
  8206: 'a mark of writing direction',
  8207: 'a mark of writing direction',
  8288: 'a sign that joins words',
  65279: 'a byte order mark',
};

/** \p{Cf}, and letters that are drawn as nothing. */
const UNSEEN = /\p{Cf}|\u034f|\u115f|\u1160|\u17b4|\u17b5|[\u180b-\u180d\u3164\uffa0]/gu;
/** Scripts without spaces, Persian, Indic scripts and emoji need these between letters or signs. */
const JOINERS = /[\u200b\u200c]|\u200d/u;
const JOINED = /\p{L}|\p{M}|\p{Extended_Pictographic}|\p{Emoji_Modifier}/u;
const UNJOINED = /\p{Script=Latin}|\p{Script=Greek}|\p{Script=Cyrillic}/u;

/** An unseen character and its place in UTF-16 units. */
export interface Unseen {
  at: number;
  /** As `a soft hyphen (U+00AD)`. */
  called: string;
}

/** Whether a joiner stands where a script or an emoji needs it: no Latin, Greek or Cyrillic word does. */
function isNeeded(text: string, at: number): boolean {
  const before = [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? '';
  const after = [...text.slice(at + 1, at + 3)][0] ?? '';
  return (
    JOINERS.test(text.charAt(at)) &&
    JOINED.test(before) &&
    JOINED.test(after) &&
    !UNJOINED.test(after)
  );
}

/**
 * The first character of a text that nobody sees: as part of a word it would never be found, as
 * part of a name it would make two of one. Joiners where they are needed are none.
 */
export function findUnseen(text: string): Unseen | undefined {
  for (const { 0: sign, index: at } of text.matchAll(UNSEEN)) {
    if (!isNeeded(text, at)) return { at, called: nameOf(sign) };
  }
  return undefined;
}

/** A text without characters that nobody sees. */
export const dropUnseen = (text: string): string =>
  text.replace(UNSEEN, (sign, at: number) => (isNeeded(text, at) ? sign : ''));

function nameOf(sign: string): string {
  const point = sign.codePointAt(0) ?? 0;
  const number = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  const isControl = new RegExp(DIRECTION_CONTROLS.source, 'u').test(sign);
  const name = NAMES[point] ?? (isControl ? 'a sign that turns the writing direction' : undefined);
  return name === undefined ? `the character ${number}` : `${name} (${number})`;
}
