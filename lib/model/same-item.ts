import {
  countLetters,
  isEqualTitle,
  isSameTitle,
  type StoryWords,
  textLikeness,
  titleKey,
} from './same-story.ts';

// When an item under a new guid is one that the feed had under another. Pure.

/** What is looked at of an item, new or known. */
export interface ItemFacts extends StoryWords {
  guid: string;
  url: string;
  canonicalUrl: string;
  publishedAt: Date | null;
}

/** Share of common words from which two texts at one address are one text, edited. */
const EDITED_LIKENESS_MIN = 0.6;
/** The same for one that also kept its time; below, something else stands in its place. */
const REWRITTEN_LIKENESS_MIN = 0.2;
/** Share from which two texts under one title, at different addresses, are one text. */
const MOVED_LIKENESS_MIN = 0.98;
const MOVED_MS_MAX = 2 * 24 * 60 * 60_000;
/** Items under one key that are compared; more than that, and the key tells nothing. */
const SAME_KEY_MAX = 50;
/** A shorter title ("News", "Links") says nothing by itself. */
const TELLING_LETTERS_MIN = 8;

/** An address without scheme and host: what stays when a site moves. Undefined for none. */
export function pathOf(address: string): string | undefined {
  const path = /^(?:https?:)?\/\/[^/?#]*(.*)$/isu.exec(address)?.[1];
  return path === undefined || path === '' || path === '/' ? undefined : path.replace(/\/$/u, '');
}

/** Under which an item can be found again, each with a letter for its kind. */
function keysOf(item: ItemFacts): string[] {
  const paths = [pathOf(item.guid), pathOf(item.url)].filter((path) => path !== undefined);
  return [
    `u ${item.canonicalUrl}`,
    ...new Set(paths.map((path) => `p ${path}`)),
    ...(countLetters(item) >= TELLING_LETTERS_MIN ? [`t ${titleKey(item)}`] : []),
  ];
}

/** Times that several of these items bear: a machine wrote them. */
function repeatedTimes(items: readonly ItemFacts[]): number[] {
  const times = items.flatMap(({ publishedAt }) => publishedAt?.getTime() ?? []);
  const seen = new Set<number>();
  return times.filter((time) => seen.has(time) || !seen.add(time));
}

type IsSameTime = (a: ItemFacts, b: ItemFacts) => boolean;

/** Share of common words from which two texts of one feed, address and title are one. */
const ONE_TEXT_LIKENESS_MIN = 0.9;

/** An item's words and time. */
export type DatedWords = Pick<ItemFacts, 'title' | 'text' | 'publishedAt'>;

/**
 * Whether two items of one feed with one address and equal titles are one post: their times are
 * equal, or their texts. Pictures of the day and releases in a changelog share the rest.
 */
export function isOneItem(a: DatedWords, b: DatedWords): boolean {
  if (a.publishedAt !== null && a.publishedAt.getTime() === b.publishedAt?.getTime()) return true;
  if (a.text.trim() === '' || b.text.trim() === '') return true;
  return textLikeness(a, b) >= ONE_TEXT_LIKENESS_MIN || a.text === b.text;
}

/** How sure it is that two items with the same title are one; 0 is not at all. */
function likenessByTitle(a: ItemFacts, b: ItemFacts, isSameTime: IsSameTime): number {
  if (isSameTime(a, b)) return 2;
  if (a.publishedAt === null || b.publishedAt === null) return 0;
  const apartMs = Math.abs(a.publishedAt.getTime() - b.publishedAt.getTime());
  return apartMs <= MOVED_MS_MAX && textLikeness(a, b) >= MOVED_LIKENESS_MIN ? 1 : 0;
}

/** The same for two items at one address; at one that several share, likeness is not enough. */
function likenessByAddress(
  a: ItemFacts,
  b: ItemFacts,
  isSameTime: IsSameTime,
  isShared: boolean,
  isAlone: boolean,
): number {
  if (isEqualTitle(a, b)) {
    if (isSameTime(a, b)) return 7;
    // The more alike, the surer: one of several items is the one before, the others are new.
    return (isShared || !isAlone) && !isOneItem(a, b) ? 0 : 5 + textLikeness(a, b);
  }
  if (isSameTime(a, b)) return textLikeness(a, b) >= REWRITTEN_LIKENESS_MIN ? 4 : 0;
  if (isShared) return 0;
  return isSameTitle(a, b) || textLikeness(a, b) >= EDITED_LIKENESS_MIN ? 3 : 0;
}

function* byKeys<V extends ItemFacts>(items: readonly V[]): Generator<void, Map<string, V[]>> {
  const found = new Map<string, V[]>();
  for (const item of items) {
    for (const key of keysOf(item)) {
      const there = found.get(key);
      if (there === undefined) found.set(key, [item]);
      else if (there.length < SAME_KEY_MAX) there.push(item);
    }
    yield;
  }
  return found;
}

/**
 * Whether an item under a known guid is another one than before: address, title and time all
 * differ, and it has hardly any words in common with the one before. An edit changes one or two of them.
 */
export function isAnotherItem(a: ItemFacts, b: ItemFacts): boolean {
  const [one, other] = [a.publishedAt?.getTime(), b.publishedAt?.getTime()];
  if (one === undefined || other === undefined || one === other) return false;
  if (a.canonicalUrl === b.canonicalUrl || pathOf(a.url) === pathOf(b.url)) return false;
  if (isSameTitle(a, b)) return false;
  const whole = ({ title, text }: ItemFacts) => ({ title: '', text: `${title} ${text}` });
  return textLikeness(whole(a), whole(b)) < REWRITTEN_LIKENESS_MIN;
}

/** Two items that may be one. */
interface Pair<F, V> {
  item: F;
  old: V;
  likeness: number;
}

/**
 * Finds items of a feed again whose guids changed: `fresh` are in the document under guids that
 * nobody knows, `vanished` were known and are no longer in it. Sites move to other hosts, blogs to
 * other software, and some servers make a new guid each time. An item is found by its canonical
 * URL, by the path of its guid or address, or by its title; and then title, time or text must
 * agree, for incidents of a status page share an address, and weekly posts a title. A step for
 * each item, so that whoever runs it can pause.
 * @param document all items that are in it now, where `fresh` are not all.
 * @returns for each fresh item found the vanished one, each at most once. Linear in their number,
 * as keys that many share are looked at only so far.
 */
export function* findMovedItems<F extends ItemFacts, V extends ItemFacts>(
  fresh: readonly F[],
  vanished: readonly V[],
  document: readonly Pick<ItemFacts, 'canonicalUrl'>[] = fresh,
): Generator<void, Map<F, V>> {
  const known = yield* byKeys(vanished);
  const repeated = new Set([...repeatedTimes(fresh), ...repeatedTimes(vanished)]);
  const isSameTime: IsSameTime = ({ publishedAt: a }, { publishedAt: b }) =>
    a !== null && a.getTime() === b?.getTime() && !repeated.has(a.getTime());
  const pairs: Pair<F, V>[] = [];
  const counts = new Map<string, number>();
  for (const { canonicalUrl: url } of document) counts.set(url, (counts.get(url) ?? 0) + 1);
  for (const item of fresh) {
    const isAlone = counts.get(item.canonicalUrl) === 1;
    for (const key of keysOf(item)) {
      const there = known.get(key) ?? [];
      for (const old of there) {
        const likeness = key.startsWith('t ')
          ? likenessByTitle(item, old, isSameTime)
          : likenessByAddress(item, old, isSameTime, there.length > 1, isAlone);
        if (likeness > 0) pairs.push({ item, old, likeness });
      }
    }
    yield;
  }
  const found = new Map<F, V>();
  const taken = new Set<V>();
  for (const { item, old } of pairs.sort((a, b) => b.likeness - a.likeness)) {
    if (found.has(item) || taken.has(old)) continue;
    found.set(item, old);
    taken.add(old);
  }
  return found;
}
