// Sets writing in a sanitised body: emoji as characters, paragraphs in their own direction.

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]|\ud83a[\udc00-\udfff]/;
/** Those that are read as a whole; a list has its marks on the side where its text begins. */
const BLOCK = /<(p|h[1-6]|ul|ol|dl|table|figcaption)(?![^<>]*\sdir=)(?=[\s>])/gu;

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
