import { type DatedWords, isOneItem } from '../model/same-item.ts';
import { isSameStory, titleKey } from '../model/same-story.ts';

// Which stored posts at one address are one story: ARCHITECTURE.md, Identity. Pure.

/** A post that may be one with another at its address. */
export interface Twin extends DatedWords {
  id: number;
  canonicalUrl: string;
  /** The feeds that carried it. */
  feeds: number[];
}

/** Posts of an address whose texts are compared: the newest. An address of more is no story's. */
export const TWINS_COMPARED_MAX = 50;

const isShared = (a: Twin, b: Twin) => a.feeds.some((feed) => b.feeds.includes(feed));

/**
 * Finds posts that are one with another at their address: by equal titles, and of different feeds
 * also by what they tell. A step for each post and each comparison of two, linear in their number.
 * @param twins the first seen first; of TWINS_COMPARED_MAX newest at each address with their texts.
 */
export function* findTwins(
  twins: readonly Twin[],
): Generator<void, { from: number; into: number }[]> {
  const merges: { from: number; into: number }[] = [];
  for (const there of Map.groupBy(twins, (twin) => twin.canonicalUrl).values()) {
    const newest = new Set(there.slice(-TWINS_COMPARED_MAX));
    const byTitle = new Map<string, Twin>();
    const compared: Twin[] = [];
    for (const twin of there) {
      yield;
      let into = byTitle.get(titleKey(twin));
      for (const other of into === undefined && newest.has(twin) ? compared : []) {
        yield;
        // A feed that gives two items one address means two posts.
        if (isShared(other, twin) || !isSameStory(other, twin)) continue;
        into = other;
        break;
      }
      if (into !== undefined && isShared(into, twin)) {
        // Of older ones no text was read, and what is not told stays two.
        const isTold = newest.has(into) && newest.has(twin);
        const isSameTime = isOneItem({ ...into, text: 'a' }, { ...twin, text: 'b' });
        if (!isSameTime && !(isTold && isOneItem(into, twin))) continue;
      }
      if (into === undefined) {
        byTitle.set(titleKey(twin), twin);
        if (newest.has(twin)) compared.push(twin);
        continue;
      }
      merges.push({ from: twin.id, into: into.id });
      into.feeds = [...new Set([...into.feeds, ...twin.feeds])];
    }
  }
  return merges;
}
