// Sets writing in a sanitised body: emoji as characters, paragraphs in their own direction.

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]|\ud83a[\udc00-\udfff]/;
const LETTERS = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]|\ud83a[\udc00-\udfff]|(\p{L})/gu;
/** Code is written in Latin letters in any language. */
const LEFT_TO_RIGHT = /<(pre|code|math)(?=[\s>])[\s\S]*?<\/\1>|<[^<>]*>|&#?\w+;/gu;
/** Letters that are looked at: a text shows soon what it is. */
const LETTERS_MAX = 2_000;

/**
 * The direction of a body as a whole, by most of its letters: of its quotes, pictures and lists.
 */
export function directionOf(html: string): 'rtl' | undefined {
  if (!RIGHT_TO_LEFT.test(html)) return undefined;
  let [left, right] = [0, 0];
  for (const [, other] of html.replace(LEFT_TO_RIGHT, ' ').matchAll(LETTERS)) {
    if (other === undefined) right++;
    else left++;
    if (left + right === LETTERS_MAX) break;
  }
  return right > left ? 'rtl' : undefined;
}

/** Those that are read as a whole; a list has its marks on the side where its text begins. */
const BLOCK = /<(p|h[1-6]|ul|ol|dl|table|figcaption|summary)(?![^<>]*\sdir=)(?=[\s>])/gu;

/**
 * Lets each block of a body that has right-to-left writing find its own direction, also where
 * the body mixes them. Other bodies are left as they are.
 */
export function fitDirections(html: string): string {
  return RIGHT_TO_LEFT.test(html) ? html.replace(BLOCK, '<$1 dir="auto"') : html;
}

const IMG = /<img((?:\s[^<>]*)?)>/gu;
const EMOJI_HOST =
  /\ssrc="https?:\/\/(?:s\.w\.org\/images\/core\/emoji|s0\.wp\.com\/wp-content\/mu-plugins\/wpcom-smileys)\//u;
const ALT = /\salt="([^"]*)"/u;
const EMOJI = /^[\p{Extended_Pictographic}\p{Emoji_Component}]{1,16}$/u;

/** Writes the emoji that WordPress has made pictures of, as their author did. */
export function fitEmoji(html: string): string {
  return html.replace(IMG, (whole, attributes: string) => {
    if (!EMOJI_HOST.test(attributes)) return whole;
    const alt = ALT.exec(attributes)?.[1] ?? '';
    return EMOJI.test(alt) ? alt : whole;
  });
}
