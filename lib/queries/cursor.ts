/** A place in a list that is sorted by (sort_at, id), both falling. */
export interface Cursor {
  sortAt: Date;
  id: number;
}

/** An opaque name for a place, for addresses: milliseconds and id in base 36. */
export function writeCursor({ sortAt, id }: Cursor): string {
  return `${sortAt.getTime().toString(36)}-${id.toString(36)}`;
}

/** The place that `writeCursor` named, or undefined for anything else. */
export function readCursor(text: string): Cursor | undefined {
  const match = /^(-?[0-9a-z]{1,10})-([0-9a-z]{1,6})$/u.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const cursor = {
    sortAt: new Date(Number.parseInt(match[1], 36)),
    id: Number.parseInt(match[2], 36),
  };
  const isSound = !Number.isNaN(cursor.sortAt.getTime()) && cursor.id <= 2 ** 31 - 1;
  // One name for one place: another spelling would be another cached page.
  return isSound && writeCursor(cursor) === text ? cursor : undefined;
}
