import type { TagName } from './tag.ts';

// The index of all tags, in one of four orders, a page at a time: 5,000 links are no page.

/** By name, by number of posts, those that came last first, those that are not used any more. */
export const TAG_ORDERS = ['by-name', 'by-size', 'new', 'quiet'] as const;
export type TagOrder = (typeof TAG_ORDERS)[number];

const TAGS_A_PAGE = 240;
/** A tag that was used less often never had a voice. */
export const QUIET_POSTS_MIN = 5;
export const QUIET_MONTHS = 6;
/** Least numbers of posts of the groups by size, falling. */
const SIZES = [1000, 100, 10, 2, 1];

/** A tag with what the orders need. */
export interface IndexedTag extends TagName {
  posts: number;
  /** When it was first seen here, ISO 8601. */
  since: string;
  /** Of its newest post, YYYY-MM. */
  lastMonth: string;
}

/**
 * Tags that stand together. `key` is a letter (`#` for what starts with none), the least number of
 * posts, the day of `since` (YYYY-MM-DD, in UTC), or the month of the last post.
 */
interface TagGroup {
  key: string;
  tags: IndexedTag[];
}

export interface TagIndexPage {
  groups: TagGroup[];
  /** Of this order, on all pages. */
  tags: number;
  pages: number;
  /** All groups, and the page on which each begins. */
  places: { key: string; page: number }[];
}

const collator = new Intl.Collator('en', { numeric: true });

function letterOf({ name }: TagName): string {
  const first = [...name.normalize('NFD').toUpperCase()][0] ?? '';
  return /\p{L}/u.test(first) ? first : '#';
}

const dayOf = ({ since }: IndexedTag) => since.slice(0, 10);

const sizeOf = ({ posts }: IndexedTag) => String(SIZES.find((least) => posts >= least) ?? 1);

const byName = (a: IndexedTag, b: IndexedTag) =>
  collator.compare(a.name, b.name) || (a.slug < b.slug ? -1 : 1);
const falling = (a: string, b: string) => (a < b ? 1 : a > b ? -1 : 0);

const ORDERS: Record<
  TagOrder,
  { keyOf: (tag: IndexedTag) => string; compare: (a: IndexedTag, b: IndexedTag) => number }
> = {
  'by-name': {
    keyOf: letterOf,
    compare: (a, b) => compareLetters(letterOf(a), letterOf(b)) || byName(a, b),
  },
  'by-size': { keyOf: sizeOf, compare: (a, b) => b.posts - a.posts || byName(a, b) },
  new: {
    keyOf: dayOf,
    compare: (a, b) => falling(a.since, b.since) || byName(a, b),
  },
  quiet: {
    keyOf: ({ lastMonth }) => lastMonth,
    compare: (a, b) => falling(a.lastMonth, b.lastMonth) || b.posts - a.posts || byName(a, b),
  },
};

function compareLetters(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '#' || b === '#') return a === '#' ? -1 : 1;
  return collator.compare(a, b) || (a < b ? -1 : 1);
}

/** YYYY-MM of the month before which a tag's last post makes it one that has gone quiet. */
function quietBefore(now: Date): string {
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - QUIET_MONTHS, 1));
  return month.toISOString().slice(0, 7);
}

/** One page of all tags in an order. Pure. @returns undefined for a page that there is not. */
export function indexTags(
  tags: IndexedTag[],
  order: TagOrder,
  page: number,
  now: Date,
): TagIndexPage | undefined {
  const { keyOf, compare } = ORDERS[order];
  const limit = quietBefore(now);
  const chosen =
    order === 'quiet'
      ? tags.filter(({ posts, lastMonth }) => posts >= QUIET_POSTS_MIN && lastMonth < limit)
      : [...tags];
  chosen.sort(compare);
  const pages = Math.max(1, Math.ceil(chosen.length / TAGS_A_PAGE));
  if (page < 1 || page > pages) return undefined;
  const places = new Map<string, number>();
  for (const [i, tag] of chosen.entries()) {
    const key = keyOf(tag);
    if (!places.has(key)) places.set(key, Math.floor(i / TAGS_A_PAGE) + 1);
  }
  const groups = Map.groupBy(chosen.slice((page - 1) * TAGS_A_PAGE, page * TAGS_A_PAGE), keyOf);
  return {
    groups: [...groups].map(([key, ofGroup]) => ({ key, tags: ofGroup })),
    tags: chosen.length,
    pages,
    places: [...places].map(([key, of]) => ({ key, page: of })),
  };
}

/** The public address of a page of the index. */
export function tagIndexPath(order: TagOrder, page: number): string {
  if (page > 1) return `/tags/${order}/${page}`;
  return order === 'by-name' ? '/tags' : `/tags/${order}`;
}

/** In words, what a group by size has in common. */
export function describeSize(key: string): string {
  const i = SIZES.indexOf(Number(key));
  const [least = 1, next] = [SIZES[i], SIZES[i - 1]];
  const write = (number: number) => number.toLocaleString('en-GB');
  if (next === undefined) return `${write(least)} posts and more`;
  return next === least + 1 ? `${least} post` : `${write(least)} to ${write(next - 1)} posts`;
}
