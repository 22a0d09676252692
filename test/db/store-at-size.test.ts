import { beforeAll, describe, expect, test } from 'vitest';
import { closeDb, dbPool } from '../../lib/db.ts';
import { claimDueFeed } from '../../lib/store/feed-claims.ts';
import { savePosts } from '../../lib/store/posts.ts';
import { queueUntagged } from '../../lib/store/retags.ts';
import { mergeTags, setTagHidden, splitAlias } from '../../lib/store/tag-governance.ts';
import { retagPosts } from '../../workers/jobs/retag-posts.ts';
import { useDatabase } from '../support/database.ts';
import { makeDraft, makeFeed } from '../support/make.ts';

// With 20,000 rows in each table, no step of a poll may read a whole one.

useDatabase();

const NOW = new Date('2026-06-01T00:00:00Z');
const TABLES = [
  'posts',
  'post_sources',
  'post_tags',
  'post_authors',
  'tags',
  'tag_months',
  'tag_sources',
];
const COUNTED_MS_MAX = 20_000;

beforeAll(async () => {
  await makeFeed('Old');
  await makeFeed('New');
  await dbPool().query(`
    INSERT INTO feeds (url, slug, title, next_check_at)
      SELECT 'https://f' || n || '.example/', 'f' || n, 'F', now() + interval '1 hour'
      FROM generate_series(1, 5000) AS n;
    INSERT INTO posts (feed_id, canonical_url, url, title, body_html, body_text, summary_text,
                       word_count, content_hash, sort_at, created_at, indexed_at, matched_at)
      SELECT 1, 'https://example.org/post-' || n, 'https://example.org/post-' || n, 'Post ' || n,
             '<p>words</p>', repeat('words ', 100), 'words', 100, 'hash',
             now() - n * interval '1 hour', now() - n * interval '1 hour', now(), now()
      FROM generate_series(1, 20000) AS n;
    INSERT INTO post_sources (feed_id, guid_hash, post_id, guid, url, draft_hash, sort_at)
      SELECT 1, encode(sha256(url::bytea), 'hex'), id, url, url, 'old', sort_at FROM posts;
    INSERT INTO tags (slug, name)
      SELECT 'tag-' || n, 'Tag ' || n FROM generate_series(1, 20000) AS n;
    INSERT INTO post_tags (post_id, tag_id, sort_at)
      SELECT p.id, 1 + (p.id * k * 7) % 20000, p.sort_at FROM posts p, generate_series(1, 3) AS k
      ON CONFLICT DO NOTHING;
    INSERT INTO authors (feed_id, key, name, slug)
      SELECT 1, 'ada ' || n, 'Ada ' || n, 'ada-' || n FROM generate_series(1, 20000) AS n;
    INSERT INTO post_authors (post_id, author_id, position, sort_at)
      SELECT id, 1 + id % 20000, 0, sort_at FROM posts`);
  await dbPool().query('VACUUM ANALYZE');
});

/** Reads of whole tables so far, once every other connection has told what it did. */
async function wholeReads(): Promise<Record<string, number>> {
  await closeDb();
  const others = `SELECT FROM pg_stat_activity
                  WHERE datname = current_database() AND pid <> pg_backend_pid()
                    AND backend_type = 'client backend'`;
  const giveUpAt = Date.now() + COUNTED_MS_MAX;
  while (((await dbPool().query(others)).rowCount ?? 0) > 0) {
    if (Date.now() > giveUpAt) throw new Error('connections stay open');
  }
  const { rows } = await dbPool().query<{ name: string; reads: number }>(
    `SELECT relname AS name, seq_scan::int AS reads FROM pg_stat_user_tables
     WHERE relname = ANY($1)`,
    [[...TABLES, 'feeds']],
  );
  return Object.fromEntries(rows.map(({ name, reads }) => [name, reads]));
}

describe('among 20,000 posts no whole table is read', () => {
  const old = { id: 1, slug: 'old', firstGoodAt: NOW, feedTags: [] };
  const other = { id: 2, slug: 'new', firstGoodAt: NOW, feedTags: [] };
  const drafts = Array.from({ length: 20 }, (_, n) =>
    makeDraft({
      title: `Post ${n + 1}`,
      categories: [`Tag ${n}`, `Fresh ${n}`],
      authors: [{ name: `Ada ${n}` }],
    }),
  );

  test('to save new, changed, joined and unchanged items', async () => {
    const before = await wholeReads();
    const edited = await savePosts(old, drafts, { now: NOW });
    expect(edited.updated).toHaveLength(20);
    expect((await savePosts(old, drafts, { now: NOW })).unchanged).toBe(20);
    const joined = drafts.map((draft) => ({ ...draft, draftHash: 'theirs' }));
    expect((await savePosts(other, joined, { now: NOW })).updated).toHaveLength(20);
    const fresh = drafts.map((draft) =>
      makeDraft({ title: `New ${draft.title}`, categories: ['Tag 7'] }),
    );
    expect((await savePosts(old, fresh, { now: NOW })).inserted).toHaveLength(20);
    expect(await wholeReads()).toEqual(before);
  });

  test('to find tags for posts that have none', async () => {
    const bodyText = `Tag 7, Tag 8 and Tag 9. ${'Other words that are many. '.repeat(300)}`;
    const bare = Array.from({ length: 30 }, (_, n) =>
      makeDraft({ title: `Bare, about Tag ${n} and Tag 7`, bodyText }),
    );
    const before = await wholeReads();
    expect((await savePosts(other, bare, { now: NOW })).inserted).toHaveLength(30);
    await queueUntagged(3);
    await retagPosts();
    expect(await wholeReads()).toEqual(before);
  });

  test('to merge, split and hide tags, and to have their posts follow', async () => {
    const before = await wholeReads();
    expect(await mergeTags('tag-107', 'tag-108', null)).toMatchObject({ kind: 'done' });
    await retagPosts();
    expect(await splitAlias('tag-107', null)).toMatchObject({ kind: 'done' });
    expect(await setTagHidden('tag-109', true, null)).toMatchObject({ kind: 'done' });
    expect(await retagPosts()).toBeGreaterThan(0);
    expect(await wholeReads()).toEqual(before);
  });

  test('to claim the feeds that are due', async () => {
    const before = await wholeReads();
    expect(await claimDueFeed()).toMatchObject({ slug: 'old' });
    expect(await wholeReads()).toEqual(before);
  });
});
