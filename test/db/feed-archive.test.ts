import { beforeEach, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { ARCHIVE_POSTS_MAX, type ArchivePart } from '../../lib/model/feed-archive.ts';
import { findNewestPart, getArchivePart } from '../../lib/queries/feed-archive.ts';
import type { OneList } from '../../lib/queries/list-ranges.ts';
import { listForFeed } from '../../lib/queries/posts.ts';
import { getSource } from '../../lib/queries/sources.ts';
import { findTag } from '../../lib/queries/tags.ts';
import { withdrawPost } from '../../lib/store/withdrawals.ts';
import { useDatabase } from '../support/database.ts';
import { makeDraft } from '../support/make.ts';
import { rows, save, twoFeeds } from '../support/tagged-posts.ts';

useDatabase();

const LATEST: OneList = { kind: 'latest' };
const ADA = [{ name: 'Ada' }];

type Feed = Awaited<ReturnType<typeof twoFeeds>>[number];
let one: Feed;
let two: Feed;

beforeEach(async () => {
  [one, two] = await twoFeeds();
});

/** Drafts whose dates say nothing of the order in which they come. */
const drafts = (name: string, count: number, tag: string) =>
  Array.from({ length: count }, (_, i) =>
    makeDraft({
      title: `${name} ${i}`,
      categories: [tag],
      authors: ADA,
      publishedAt: new Date(Date.UTC(2020, (i * 7) % 12, 1 + (i % 28))),
    }),
  );

async function tagScope(slug: string): Promise<OneList> {
  const tag = await findTag(slug);
  if (tag?.kind !== 'tag') throw new Error(`no tag ${slug}`);
  return { kind: 'tag', id: tag.id };
}

/** What a new reader gets: each part, from the newest down. */
async function readWhole(scope: OneList) {
  const parts: { part: ArchivePart; titles: string[] }[] = [];
  for (let part = await findNewestPart(scope); part !== undefined; ) {
    const found = await getArchivePart(scope, part);
    if (found.kind !== 'part') throw new Error(found.kind);
    parts.push({ part, titles: found.posts.map(({ title }) => title) });
    part = found.older;
  }
  return parts;
}

const titlesOf = (parts: { titles: string[] }[]) => parts.flatMap(({ titles }) => titles).sort();

describe('the archive of a list', () => {
  test('has every post once, of each list, whatever their dates', async () => {
    await save(one, ...drafts('Old', 180, 'NUMA'));
    await save(two, ...drafts('Other', 90, 'Kernel'));
    await save(one, ...drafts('New', 70, 'NUMA'));
    const { rows: authors } = await dbPool().query<{ id: number }>(
      `SELECT id FROM authors WHERE feed_id = $1`,
      [one.id],
    );
    const source = await getSource(one.slug);
    const ofOne = await rows<{ title: string }>('SELECT title FROM posts WHERE feed_id = $1', [
      one.id,
    ]);
    const all = await rows<{ title: string }>('SELECT title FROM posts');
    const sorted = (list: { title: string }[]) => list.map(({ title }) => title).sort();
    expect(titlesOf(await readWhole(LATEST))).toEqual(sorted(all));
    for (const scope of [
      await tagScope('numa'),
      { kind: 'source', id: source?.id ?? 0 },
      { kind: 'author', id: authors[0]?.id ?? 0 },
    ] satisfies OneList[]) {
      const parts = await readWhole(scope);
      expect(titlesOf(parts)).toEqual(sorted(ofOne));
      expect(parts.length).toBeGreaterThan(2);
      for (const { titles } of parts) expect(titles.length).toBeLessThanOrEqual(ARCHIVE_POSTS_MAX);
    }
  });

  test('brings who has read it what came since, also what is old, and leaves the rest as it is', async () => {
    await save(one, ...drafts('Old', 250, 'NUMA'));
    const scope = await tagScope('numa');
    const known = new Map(
      (await readWhole(scope)).map(({ part, titles }) => [JSON.stringify(part), titles]),
    );
    const late = makeDraft({
      title: 'Late',
      categories: ['NUMA'],
      publishedAt: new Date('2001-01-01T00:00:00Z'),
    });
    await save(one, late);
    const feed = await listForFeed(scope, new Date());
    expect(feed.map(({ title }) => title)).not.toContain('Late');
    const parts = await readWhole(scope);
    const fresh = parts.filter(({ part }) => !known.has(JSON.stringify(part)));
    expect(fresh).toHaveLength(1);
    expect(fresh[0]?.titles).toContain('Late');
    for (const { part, titles } of parts) {
      const before = known.get(JSON.stringify(part));
      if (before !== undefined) expect(titles).toEqual(before);
    }
  });

  test('says what was withdrawn in the part where it was, and keeps the names of its parts', async () => {
    const { inserted } = await save(one, ...drafts('Old', 130, 'NUMA'));
    const scope = await tagScope('numa');
    const before = await readWhole(scope);
    for (const id of [inserted[0] ?? 0, inserted.at(-1) ?? 0]) await withdrawPost(id);
    const after = await readWhole(scope);
    expect(after.map(({ part }) => part)).toEqual(before.map(({ part }) => part));
    expect(titlesOf(after)).toHaveLength(128);
    const oldest = await getArchivePart(scope, after.at(-1)?.part ?? { first: 0, last: 0 });
    expect(oldest).toMatchObject({ kind: 'part', tombstones: [{ id: inserted[0] }] });
  });

  test('leads on from a part that was divided since', async () => {
    await save(one, ...drafts('Old', 90, 'NUMA'));
    const scope = await tagScope('numa');
    const whole = { first: 0, last: 2 ** 31 - 1 };
    expect(await getArchivePart(scope, whole)).toMatchObject({ kind: 'part' });
    await save(one, ...drafts('New', 90, 'NUMA'));
    const into = await findNewestPart(scope);
    expect(await getArchivePart(scope, whole)).toEqual({ kind: 'divided', into });
  });

  test('links its parts both ways, and is none for a list without posts', async () => {
    await save(one, ...drafts('Old', 250, 'NUMA'));
    const scope = await tagScope('numa');
    const parts = (await readWhole(scope)).map(({ part }) => part);
    for (const [at, part] of parts.entries()) {
      const found = await getArchivePart(scope, part);
      if (found.kind !== 'part') throw new Error(found.kind);
      expect([found.newer, found.older]).toEqual([parts[at - 1], parts[at + 1]]);
    }
    expect(await findNewestPart({ kind: 'tag', id: 999 })).toBeUndefined();
    expect(await getArchivePart({ kind: 'tag', id: 999 }, { first: 0, last: 10 })).toEqual({
      kind: 'none',
    });
  });
});
