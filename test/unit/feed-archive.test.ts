import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ARCHIVE_POSTS_MAX,
  type ArchivePart,
  partAround,
  readPart,
  writePart,
} from '../../lib/model/feed-archive.ts';

/** All parts of a list, found as a reader finds them: from the newest post down. */
function walk(ids: readonly number[]): ArchivePart[] {
  const parts: ArchivePart[] = [];
  for (let id = ids.at(-1); id !== undefined; ) {
    const part = partAround(id, ids);
    parts.push(part);
    id = ids.findLast((each) => each < part.first);
  }
  return parts;
}

const inside = (ids: readonly number[], { first, last }: ArchivePart) =>
  ids.filter((id) => id >= first && id <= last);

/** Dense and thin stretches, as the posts of a list lie among all. */
const listOfIds = fc
  .array(
    fc.record({
      start: fc.integer({ min: 1, max: 2 ** 31 - 300_000 }),
      step: fc.integer({ min: 1, max: 900 }),
      posts: fc.integer({ min: 1, max: 300 }),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((runs) =>
    runs.flatMap((run) => Array.from({ length: run.posts }, (_, i) => run.start + i * run.step)),
  )
  .map((ids) => [...new Set(ids)].sort((a, b) => a - b));

test('the parts of an archive hold each post of the list once, and none holds too many', () => {
  fc.assert(
    fc.property(listOfIds, (ids) => {
      const parts = walk(ids);
      expect(parts.flatMap((part) => inside(ids, part)).sort((a, b) => a - b)).toEqual(ids);
      for (const part of parts)
        expect(inside(ids, part).length).toBeLessThanOrEqual(ARCHIVE_POSTS_MAX);
    }),
  );
});

test('a post that goes, or is tagged otherwise, changes no part but its own', () => {
  fc.assert(
    fc.property(listOfIds, fc.nat(), (ids, pick) => {
      const changed = ids[pick % ids.length] ?? 0;
      const rest = ids.filter((id) => id !== changed);
      const names = (parts: ArchivePart[]) => new Set(parts.map(writePart));
      const [before, after] = [walk(ids), walk(rest)];
      const fresh = after.filter((part) => !names(before).has(writePart(part)));
      expect(fresh.length).toBeLessThanOrEqual(1);
      // What is no part any more was its own, or one that it kept apart from its own.
      const gone = before.filter((part) => !names(after).has(writePart(part)));
      const ofGone = gone.flatMap((part) => inside(ids, part)).filter((id) => id !== changed);
      expect(ofGone.sort((a, b) => a - b)).toEqual(fresh.flatMap((part) => inside(rest, part)));
    }),
  );
});

test('a new post changes the newest part alone, or divides it when it was full', () => {
  const ids = Array.from({ length: 700 }, (_, i) => 5000 + i * 7);
  for (let length = 1; length < ids.length; length += 1) {
    const before = new Set(walk(ids.slice(0, length)).map(writePart));
    const fresh = walk(ids.slice(0, length + 1)).filter((part) => !before.has(writePart(part)));
    expect(fresh.length).toBeLessThanOrEqual(2);
  }
});

test('a part is named by its ends, and nothing else is a name', () => {
  expect(readPart(writePart({ first: 4096, last: 5001 }))).toEqual({ first: 4096, last: 5001 });
  for (const text of ['', '1', '5-4', '01-2', '1-2-3', '-1-2', '1-2147483648', '1e1-20', ' 1-2']) {
    expect(readPart(text)).toBeUndefined();
  }
});
