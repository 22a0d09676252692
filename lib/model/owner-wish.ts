// What a publisher may ask by a line in the feed itself: who can write there owns it.

const DISPLAYS = ['full', 'excerpt', 'link'] as const;

/** How a source's posts are to be shown, by the wish of whoever publishes it. */
export interface OwnerWish {
  /** No more than this is shown, whatever the operator has set. */
  display?: (typeof DISPLAYS)[number];
  /** Hours after its publication before a post is shown. */
  delayHours?: number;
  /** Addresses of posts that are to go, whether the feed still has them or not. */
  withdraw?: string[];
  /** The source is to go, with its posts. */
  remove?: true;
}

/** A fortnight; longer, and the posts are no news. */
export const DELAY_HOURS_MAX = 14 * 24;

/** `tagwire:TOKEN`, then wishes as words. */
const LINE = /tagwire:([\w.-]{10,100})((?:[ \t]+(?:[a-z]{1,20}=[^\s<>"']{1,2048}|remove\b))*)/gu;

/** Posts that one line withdraws; several lines may stand in a document, the last one counts. */
const WITHDRAWN_MAX = 50;
/** Lines of one document; more is no honest one. */
const LINES_MAX = 20;

/** A line as it was written: its token, and what it asks. */
export interface OwnerLine {
  token: string;
  wish: OwnerWish;
}

function readWish(words: string): OwnerWish {
  const wish: OwnerWish = {};
  for (const word of words.split(/[ \t]+/u)) {
    const [name = ''] = word.split('=', 1);
    const value = word.slice(name.length + 1);
    const display = DISPLAYS.find((each) => each === value);
    const hours = /^(\d{1,3})h$/u.exec(value)?.[1];
    if (name === 'display' && display !== undefined) wish.display = display;
    if (name === 'delay' && hours !== undefined) {
      wish.delayHours = Math.min(Number(hours), DELAY_HOURS_MAX);
    }
    if (name === 'withdraw' && /^https?:\/\//iu.test(value)) {
      wish.withdraw = [...(wish.withdraw ?? []), value].slice(0, WITHDRAWN_MAX);
    }
    if (word === 'remove') wish.remove = true;
  }
  return wish;
}

/**
 * Finds owners' lines in a text: `tagwire:TOKEN display=excerpt delay=24h`, `tagwire:TOKEN
 * withdraw=https://…`, `tagwire:TOKEN remove`.
 * Words that mean nothing are passed over; a line without any asks for nothing and so takes back
 * what an earlier one asked. Linear in the length of the text.
 */
export function findOwnerLines(text: string): OwnerLine[] {
  return [...text.matchAll(LINE)]
    .slice(0, LINES_MAX)
    .map(([, token = '', words = '']) => ({ token, wish: readWish(words) }));
}
