import { beforeAll, describe, expect, test } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';

import { NOTHING_SPENT } from '../../lib/model/fetching.ts';
import { planSearch } from '../../lib/model/query/plan-search.ts';
import { searchDatabase } from '../../lib/queries/search-database.ts';
import { claimDueFeed } from '../../lib/store/feed-claims.ts';
import { finishPoll } from '../../lib/store/finish-poll.ts';
import { claimPage } from '../../lib/store/full-text-queue.ts';
import { dropUnwanted, finishPage, type PageEnd } from '../../lib/store/full-texts.ts';
import { endTurn, msUntilDueTurn } from '../../lib/store/host-turns.ts';
import { listUnpinged, readPingState } from '../../lib/store/pings.ts';

import { savePosts } from '../../lib/store/posts.ts';
import { queueUntagged } from '../../lib/store/retags.ts';
import { mergeTags, setTagHidden, splitAlias } from '../../lib/store/tag-governance.ts';
import { claimSubscription } from '../../lib/store/websub.ts';
import { claimPush, finishPush, savePush } from '../../lib/store/websub-pushes.ts';
import { retagPosts } from '../../workers/jobs/retag-posts.ts';
import { useDatabase } from '../support/database.ts';
import { makeDraft, makeFeed } from '../support/make.ts';
import { hearAll, wholeReads as wholeReadsOf } from '../support/table-reads.ts';

// With 12,000 rows in each table, no step of a poll may read a whole one.

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
  'full_texts',
];
const HUB_TABLES = ['websub_subscriptions', 'websub_pushes', 'cache_events'];

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
      FROM generate_series(1, 12000) AS n;
    INSERT INTO post_sources (feed_id, guid_hash, post_id, guid, url, draft_hash, sort_at)
      SELECT 1, encode(sha256(url::bytea), 'hex'), id, url, url, 'old', sort_at FROM posts;
    INSERT INTO tags (slug, name)
      SELECT 'tag-' || n, 'Tag ' || n FROM generate_series(1, 12000) AS n;
    INSERT INTO post_tags (post_id, tag_id, sort_at)
      SELECT p.id, 1 + (p.id * k * 7) % 12000, p.sort_at FROM posts p, generate_series(1, 3) AS k
      ON CONFLICT DO NOTHING;
    INSERT INTO authors (feed_id, key, name, slug)
      SELECT 1, 'ada ' || n, 'Ada ' || n, 'ada-' || n FROM generate_series(1, 12000) AS n;
    INSERT INTO post_authors (post_id, author_id, position, sort_at)
      SELECT id, 1 + id % 12000, 0, sort_at FROM posts;
    INSERT INTO websub_subscriptions (feed_id, hub, topic, status, due_at, lease_until)
      SELECT id, 'https://hub.example/', url, 'active', now() + id * interval '1 minute',
             now() + interval '5 days' FROM feeds;
    INSERT INTO websub_pushes (subscription_id, body, received_at)
      SELECT id, 'x', now() FROM websub_subscriptions;
    INSERT INTO cache_events (tags, created_at, pinged_at)
      SELECT ARRAY['latest'], now() - n * interval '0.1 s', now() - n * interval '0.1 s'
      FROM generate_series(1, 12000) AS n;
    UPDATE feeds SET full_text = true WHERE id = 1;
    INSERT INTO full_texts (post_id, feed_id, excerpt_html, excerpt_text, excerpt_words,
                            excerpt_hash, item_hash, url, host, queued_at, state, due_at)
      SELECT id, 1, 'x', repeat('words ', 100), 100, 'x', 'x', url, host_of(url), now(),
             (CASE WHEN id % 1000 = 0 THEN 'waiting' ELSE 'taken' END)::"FullTextState",
             CASE WHEN id % 1000 = 0 THEN now() END FROM posts`);
  await dbPool().query('VACUUM ANALYZE');
});

const wholeReads = () => wholeReadsOf([...TABLES, ...HUB_TABLES, 'feeds']);

describe('among 12,000 posts no whole table is read', () => {
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

  test('to search in Postgres, by words and by time', async () => {
    await dbPool().query(`
      UPDATE posts SET words = to_tsvector('tagwire', 'words number ' || id)
        || array_to_tsvector(ARRAY['¶tag:tag-' || id % 100, '¶source:old']);
    `);
    await dbPool().query('VACUUM ANALYZE posts');
    const ask = async (q: string) => {
      const plan = planSearch(q);
      if (plan.kind === 'invalid') throw new Error(plan.message);
      const found = await searchDatabase(plan);
      return found.kind === 'found' ? found.total : found.kind;
    };
    const before = await wholeReads();
    expect(await ask('words')).toBe(1000);
    expect(await ask('77 OR "number 78"')).toBe(2);
    expect(await ask('num* tag:tag-7')).toBe(121);
    expect(await ask('words after:2030')).toBe(0);
    expect(await ask('-77 -78')).toBe(1000);
    expect(await ask('before:2030')).toBe(1000);
    expect(await wholeReads()).toEqual(before);
  });

  test('to claim the feeds that are due', async () => {
    const before = await wholeReads();
    expect(await claimDueFeed()).toMatchObject({ slug: 'old' });
    expect(await wholeReads()).toEqual(before);
  });

  test('to read the page of a post, and to put back what must not be shown', async () => {
    const before = await wholeReads();
    const next = await claimPage();
    if (next === undefined || 'ms' in next) throw new Error('there is no page');
    const html = '<p>x</p>';
    const text: PageEnd = { kind: 'text', html, text: 'x', wordCount: 1, bands: [7] };
    const spent = { ...NOTHING_SPENT, requests: 1 };
    expect(await finishPage(next.page, text, { spent, now: NOW })).toBe(true);
    expect(await dropUnwanted(NOW)).toBe(0);
    expect(await wholeReads()).toEqual(before);
  });

  test('to ask hubs, to take what they bring, and to tell our own', async () => {
    const later = new Date(Date.now() + 3_600_000);
    const before = await wholeReads();
    expect(await claimSubscription(later, 0.5)).toMatchObject({ feedId: 1, isLively: true });
    await savePush({ subscriptionId: 7, contentType: null, body: new Uint8Array() }, NOW);
    const push = await claimPush(NOW);
    if (push === undefined) throw new Error('there is no push');
    await finishPush(push, { kind: 'read', hasChanged: true, hasEdits: true }, NOW);
    await readPingState();
    await listUnpinged();
    expect(await wholeReads()).toEqual(before);
  });
});

/** Rows of feeds and hosts that were read so far, one by one or in scans of the table. */
async function rowsRead(): Promise<number> {
  await hearAll();
  const { rows } = await dbPool().query<{ rows: number }>(
    `SELECT sum(seq_tup_read + idx_tup_fetch)::int AS rows FROM pg_stat_user_tables
     WHERE relname IN ('feeds', 'hosts')`,
  );
  return rows[0]?.rows ?? 0;
}

describe.each([3, 10_000])('10,000 feeds that are due on %i hosts', (hosts) => {
  const CLAIMS = 50;
  const at = new Date(Date.now() + 3_600_000);
  /** A claim with its turn, ending the turn and the claim; with room for a look in vain. */
  const ROWS_A_POLL_MAX = 60;

  beforeAll(async () => {
    provideSettings({ FETCH_HOST_DELAY_MS: '0', FETCH_HOST_CONCURRENCY: '1' });
    await dbPool().query(`UPDATE feeds SET status = 'paused'`);
    await dbPool().query(
      `INSERT INTO feeds (url, site, slug, title, next_check_at)
       SELECT format('https://h%s.of-%s.example/%s', n % $1, $1, n), format('of-%s.example', $1),
              format('of-%s-%s', $1, n), 'F',
              now() - interval '1 hour' + n * interval '0.1 seconds'
       FROM generate_series(1, 10000) AS n`,
      [hosts],
    );
    await dbPool().query('VACUUM ANALYZE feeds, hosts');
  });

  test('are claimed and given back without reading more than a few rows', async () => {
    const [before, read] = [await wholeReads(), await rowsRead()];
    for (let i = 0; i < CLAIMS; i++) {
      const feed = await claimDueFeed();
      if (feed === undefined) throw new Error('nothing was due');
      await endTurn(feed);
      await finishPoll(feed, { next: { at, reason: 'base' }, isGood: true });
    }
    expect(await wholeReads()).toEqual(before);
    expect((await rowsRead()) - read).toBeLessThan(CLAIMS * ROWS_A_POLL_MAX);
  });

  test('are not looked through when their hosts are busy', async () => {
    if (hosts === 3) {
      for (let i = 0; i < hosts; i++) expect(await claimDueFeed()).toBeDefined();
    } else {
      await dbPool().query(
        `UPDATE hosts SET ready_at = now() + interval '1 minute' WHERE ready_at <= now()`,
      );
      await dbPool().query('VACUUM ANALYZE hosts');
    }
    const [before, read] = [await wholeReads(), await rowsRead()];
    for (let i = 0; i < CLAIMS; i++) {
      expect(await claimDueFeed()).toBeUndefined();
      expect(await msUntilDueTurn()).toBeGreaterThan(0);
    }
    expect(await wholeReads()).toEqual(before);
    expect((await rowsRead()) - read).toBeLessThan(CLAIMS * ROWS_A_POLL_MAX);
  });
});
