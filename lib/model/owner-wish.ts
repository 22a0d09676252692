// What a publisher may ask by a line in the feed itself: who can write there owns it.

const DISPLAYS = ['full', 'excerpt', 'link'] as const;

/** How a source's posts are to be shown, by the wish of whoever publishes it. */
export interface OwnerWish {
  /** No more than this is shown, whatever the operator has set. */
  display?: (typeof DISPLAYS)[number];
  /** Hours after its publication before a post is shown; 0 for none. */
  delayHours?: number;
  /** Addresses of posts that are to go, whether the feed still has them or not. */
  withdraw?: string[];
  /** The source is to go, with its posts. */
  remove?: true;
}

/** A word that is none of ours. Its line has no effect: who guesses may take out a whole source. */
interface OwnerFault {
  /** As it was written, cut. */
  word: string;
  /** What would be right, as a part of a sentence. */
  right: string;
}

/** A line as it was written: its token, and what it asks; nothing where it has faults. */
export interface OwnerLine {
  token: string;
  wish: OwnerWish;
  faults: OwnerFault[];
}

/** What could not be done of what was asked, for its publisher to see. */
export interface OwnerReport {
  faults: OwnerFault[];
  /** Addresses to withdraw under which the feed has brought no post. */
  unmet: string[];
}

/** A fortnight; longer, and the posts are no news. */
export const DELAY_HOURS_MAX = 14 * 24;
/** Posts that one line withdraws; more stand in other lines of the document. */
const WITHDRAWN_MAX = 50;
/** As long as addresses are here. */
const ADDRESS_CHARACTERS_MAX = 2_048;
/**
 * A comment or description in which lines are looked for: so long that as many posts as a line may
 * withdraw have room in it. A longer one is read for none: cut, its last word may be another one.
 */
export const OWNER_TEXT_CHARACTERS_MAX = (WITHDRAWN_MAX + 1) * (ADDRESS_CHARACTERS_MAX + 12);
/** Lines of one document, those for other sites among them; more is no honest one. */
export const OWNER_LINES_MAX = 50;
/** Faults, and addresses without a post, that are shown of one document; the first says enough. */
export const REPORTED_MAX = 10;
const FAULT_CHARACTERS_MAX = 100;

const TOKEN = /tagwire:([\w.-]{10,100})/gu;
/** Where a description is HTML, elements stand between words; `-->` ends a comment inside of it. */
const MARKUP = /<!--|<[^<>]*>|&nbsp;|&#160;/giu;
/** Addresses have commas in them, so one ends a word only where a word can end. */
const BETWEEN =
  /\s+|,+(?=[\s,]|$|(?:display|delay|withdraw)=|remove(?:[\s,]|$)|tagwire:|https?:\/\/)/iu;

const HOURS: Record<string, number> = { h: 1, d: 24 };

const RIGHT: Record<string, string> = {
  display: 'display=excerpt, display=link or display=full',
  delay: `delay=24h or delay=2d, hours or days, at most ${DELAY_HOURS_MAX / 24}d`,
  withdraw: 'withdraw= with the whole address of one post, https://…, without quotes or spaces',
};
const ANY = 'only display=…, delay=…, withdraw=https://… and remove may stand behind the token';
const ALONE = 'remove stands alone in its line: all posts of the feed go';

function readWord(word: string, wish: OwnerWish): string | undefined {
  const [given = ''] = word.split('=', 1);
  const name = given.toLowerCase();
  const value = word.slice(given.length + 1);
  switch (name) {
    case 'display': {
      const display = DISPLAYS.find((each) => each === value.toLowerCase());
      if (display === undefined) return RIGHT.display;
      wish.display = display;
      return undefined;
    }
    case 'delay': {
      const [, count, unit = ''] = /^(\d{1,4})([hd])$/iu.exec(value) ?? [];
      const hours = Number(count) * (HOURS[unit.toLowerCase()] ?? Number.NaN);
      if (Number.isNaN(hours)) return RIGHT.delay;
      wish.delayHours = Math.min(hours, DELAY_HOURS_MAX);
      return undefined;
    }
    case 'withdraw': {
      // Comments have no escapes, descriptions do; and no address has this in it.
      const url = value.replaceAll('&amp;', '&');
      const isAddress = /^https?:\/\/[^"'<>]+$/iu.test(url) && URL.canParse(url);
      if (!isAddress || url.length > ADDRESS_CHARACTERS_MAX) return RIGHT.withdraw;
      if (wish.withdraw?.length === WITHDRAWN_MAX) {
        return `at most ${WITHDRAWN_MAX} withdraw= in one line; the others in a line of their own`;
      }
      wish.withdraw = [...(wish.withdraw ?? []), url];
      return undefined;
    }
    default:
      if (word.toLowerCase() === 'remove') wish.remove = true;
      else return /^https?:/iu.test(word) ? RIGHT.withdraw : ANY;
      return undefined;
  }
}

/** What stands behind a token, up to the next one. Words with faults leave nothing of it. */
function readWords(text: string): Pick<OwnerLine, 'wish' | 'faults'> {
  const wish: OwnerWish = {};
  const faults: OwnerFault[] = [];
  const words = text.split(BETWEEN).filter((word) => word !== '');
  for (const word of words) {
    const right = readWord(word, wish);
    if (right !== undefined) faults.push({ word: word.slice(0, FAULT_CHARACTERS_MAX), right });
    if (faults.length === REPORTED_MAX) break;
  }
  if (wish.remove && words.length > 1 && faults.length < REPORTED_MAX) {
    faults.push({ word: 'remove', right: ALONE });
  }
  return { wish: faults.length === 0 ? wish : {}, faults };
}

function linesOf(text: string): OwnerLine[] {
  const plain = text.replace(MARKUP, ' ');
  const starts = [...plain.matchAll(TOKEN)].slice(0, OWNER_LINES_MAX + 1);
  return starts.slice(0, OWNER_LINES_MAX).map((start, i) => {
    const token = start[1] ?? '';
    if (text.length > OWNER_TEXT_CHARACTERS_MAX) {
      const right = `at most ${OWNER_TEXT_CHARACTERS_MAX} characters in one comment or description`;
      return { token, wish: {}, faults: [{ word: `${plain.slice(0, 20)}…`, right }] };
    }
    const words = plain.slice(start.index + start[0].length, starts[i + 1]?.index);
    return { token, ...readWords(words.split('-->', 1)[0] ?? '') };
  });
}

/**
 * Finds owners' lines in comments and descriptions: `tagwire:TOKEN display=excerpt, delay=2d`,
 * `tagwire:TOKEN withdraw=https://…`, `tagwire:TOKEN remove`. Between words stand white space
 * and commas; a line goes on to the next one, or to the end of its text. Linear in the length of
 * the texts.
 */
export function findOwnerLines(texts: readonly (string | undefined)[]): OwnerLine[] {
  return texts
    .flatMap((text) => (text?.includes('tagwire:') ? linesOf(text) : []))
    .slice(0, OWNER_LINES_MAX);
}

/**
 * What the lines of a document ask together: of display and delay the last word counts, posts to
 * withdraw add up. A document whose lines ask for nothing takes back what an earlier one asked;
 * one with faults does not.
 */
export function mergeOwnerLines(lines: readonly OwnerLine[]): Pick<OwnerLine, 'wish' | 'faults'> {
  const withdraw = [...new Set(lines.flatMap(({ wish }) => wish.withdraw ?? []))];
  const wish = Object.assign({}, ...lines.map((line) => line.wish)) as OwnerWish;
  return {
    wish: withdraw.length === 0 ? wish : { ...wish, withdraw },
    faults: lines.flatMap(({ faults }) => faults).slice(0, REPORTED_MAX),
  };
}

const SHOWN = {
  full: 'posts are shown in full',
  excerpt: 'only the beginning of posts is shown',
  link: 'only titles and links are shown',
};

/** What is in force of a publisher's wishes, as parts of a sentence; none where it asks nothing. */
export function writeWishes(wish: {
  display: (typeof DISPLAYS)[number] | null;
  delayHours: number | null;
}): string[] {
  const { display, delayHours } = wish;
  return [
    ...(display === null ? [] : [SHOWN[display]]),
    ...(delayHours === null ? [] : [`posts come ${delayHours} h after publication`]),
  ];
}
