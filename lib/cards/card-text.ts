// What of a text can stand on a card, which has fonts of its own and no others.

/** Alphabets that the fonts of cards have. */
const DRAWN =
  /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Armenian}\p{Script=Georgian}\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Common}\p{Script=Inherited}]*$/u;
/** Control characters, those that turn the direction, surrogates without their other half. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu;
const PICTURES =
  /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\uFE0F|\u20E3/gu;
/** Signs that are drawn all the same: © ® ™ and arrows. */
const PLAIN_SIGN = /[©®™←-↔]/u;
const STRONG = /[\p{Script=Hebrew}\p{Script=Arabic}]|\p{L}/u;
const FROM_THE_RIGHT = /[\p{Script=Hebrew}\p{Script=Arabic}]/u;

/** Of a text of any length, more is never looked at. */
const READ_CHARACTERS_MAX = 1000;

/**
 * A text in one line, without what cannot be drawn (emoji, control characters); undefined where
 * too much would be missing: it has letters of a script that no font of ours has.
 */
export function drawable(text: string): string | undefined {
  const line = text
    .slice(0, READ_CHARACTERS_MAX)
    .replace(/\s+/gu, ' ')
    .replace(UNSEEN, '')
    .replace(PICTURES, (sign) => (PLAIN_SIGN.test(sign) ? sign : ''))
    .replace(/ {2,}/gu, ' ')
    .trim();
  return DRAWN.test(line) && /[\p{L}\p{N}]/u.test(line) ? line : undefined;
}

/** The beginning of a text of at most so many characters, between words where there is one. */
export function cutText(text: string, charactersMax: number): string {
  const characters = [...text];
  if (characters.length <= charactersMax) return text;
  const start = characters.slice(0, charactersMax - 1).join('');
  const words = start.replace(/\s+\S*$/u, '');
  // One very long word is cut where it must be.
  const kept = words.length > start.length / 2 ? words : start;
  return `${kept.replace(/[\s\p{P}]+$/u, '')}…`;
}

/** Whether a text is read from right to left: its first letter says. */
export const isFromTheRight = (text: string) => FROM_THE_RIGHT.test(STRONG.exec(text)?.[0] ?? '');

/** For a text node of SVG or of Pango's markup. */
export const escapeMarkup = (text: string) =>
  text.replace(/&/gu, '&amp;').replace(/</gu, '&lt;').replace(/>/gu, '&gt;');
