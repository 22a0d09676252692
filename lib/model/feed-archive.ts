// A list's archive (RFC 5005, section 4) goes by the order in which posts came to us, not by their
// dates: sources are polled late and new ones bring old posts, so a month is never over, but ids
// only grow. Ids are divided in halves, and halves again, until each holds few enough of the list's
// posts: where a part ends depends on nothing outside of it, so what comes, goes or is tagged
// otherwise in one part leaves all others as they are.

/** Posts in one document of an archive, at most: some hundred KB. */
export const ARCHIVE_POSTS_MAX = 100;

/** All ids that there can be. */
const IDS = 2 ** 31;

/** The posts of a list whose ids are in a range, both ends included. */
export interface ArchivePart {
  first: number;
  /** The newest post in it: another one makes it another document. */
  last: number;
}

/**
 * The part of a list's archive that a post is in.
 * @param near ids of the list, in any order: at least the next ARCHIVE_POSTS_MAX on both sides.
 */
export function partAround(id: number, near: readonly number[]): ArchivePart {
  for (let size = IDS; size > 1; size /= 2) {
    const first = id - (id % size);
    const inside = near.filter((each) => each >= first && each < first + size && each !== id);
    if (inside.length < ARCHIVE_POSTS_MAX) return { first, last: Math.max(id, ...inside) };
  }
  return { first: id, last: id };
}

/** A part's name in addresses. */
export const writePart = ({ first, last }: ArchivePart) => `${first}-${last}`;

/** The part that `writePart` named; undefined for anything else. */
export function readPart(text: string): ArchivePart | undefined {
  const [first = -1, last = -1] = text.split('-').map(Number);
  const isSound = first >= 0 && last >= first && last < IDS && writePart({ first, last }) === text;
  return isSound ? { first, last } : undefined;
}
