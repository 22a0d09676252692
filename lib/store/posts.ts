import { authorTag, latestTag, postTag, sourceTag, tagTag } from '../cache-tags.ts';
import { dbPool, type Tx, transaction } from '../db.ts';
import { findBackfill } from '../model/backfill.ts';
import type { PostDraft } from '../model/post.ts';
import { isEqualTitle, isSameStory } from '../model/same-story.ts';
import { authorKey, upsertAuthors, writePostAuthors } from './authors.ts';
import { writeCacheEvents } from './cache-events.ts';
import { enqueue } from './jobs.ts';
import {
  adoptFullerBodies,
  type Candidate,
  countPostsPerWeek,
  insertPosts,
  type KnownSource,
  lockAddresses,
  readCandidates,
  readSources,
  touchPosts,
  updatePosts,
  writeSources,
  writeWords,
} from './post-rows.ts';
import { writeTags } from './post-tags.ts';

export interface SavingFeed {
  id: number;
  slug: string;
  /** Null before its first good poll: then the posts are backfill. */
  firstGoodAt: Date | null;
  lastGoodAt?: Date | null;
  /** Tags that all its posts get. */
  feedTags: string[];
}

export interface SavedPosts {
  /** Ids of posts that are new here. */
  inserted: number[];
  /** Ids of posts that changed, or that another feed had brought before. */
  updated: number[];
  /** Items that are as they were. */
  unchanged: number;
}

const DEADLOCK = '40P01';
const ATTEMPTS_MAX = 4;

/**
 * Saves the items of one feed: new posts, changed posts, sources, authors, tags, stale caches and
 * the jobs that follow, all in one transaction. The same drafts again change nothing, and cost
 * one select.
 */
export async function savePosts(
  feed: SavingFeed,
  drafts: PostDraft[],
  { now }: { now: Date },
): Promise<SavedPosts> {
  const byGuid = new Map<string, PostDraft>();
  for (const draft of drafts) if (!byGuid.has(draft.guidHash)) byGuid.set(draft.guidHash, draft);
  const known = await readSources(dbPool(), feed.id, [...byGuid.keys()]);
  const changed = [...byGuid.values()].filter(
    (draft) => known.get(draft.guidHash)?.draftHash !== draft.draftHash,
  );
  const unchanged = byGuid.size - changed.length;
  if (changed.length === 0) return { inserted: [], updated: [], unchanged };
  for (let attempt = 1; ; attempt++) {
    try {
      const saved = await transaction((tx) => saveChanged(tx, feed, changed, known, now));
      return { ...saved, unchanged };
    } catch (error) {
      // Two workers counted the same tags in different order: one of them starts again.
      if ((error as { code?: string }).code !== DEADLOCK || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

interface Placed {
  draft: PostDraft;
  postId: number;
}

interface Plan {
  /** Groups of drafts that are one new post; the first is the one that is stored. */
  fresh: PostDraft[][];
  /** Known guids whose item changed. */
  edits: Placed[];
  /** New guids of stories that are stored already. */
  joins: Placed[];
}

/** Which drafts are new posts, which are edits, and which join a post that is there. */
function planDrafts(
  drafts: PostDraft[],
  known: Map<string, KnownSource>,
  candidates: Candidate[],
): Plan {
  const plan: Plan = { fresh: [], edits: [], joins: [] };
  const stored = Map.groupBy(candidates, (post) => post.canonicalUrl);
  const fresh = new Map<string, PostDraft[][]>();
  for (const draft of drafts) {
    const source = known.get(draft.guidHash);
    if (source !== undefined) {
      plan.edits.push({ draft, postId: source.postId });
      continue;
    }
    const words = { title: draft.title, text: draft.bodyText };
    const story = stored.get(draft.canonicalUrl)?.find((post) =>
      // A feed that gives two items one address (releases, incidents) means two posts, unless
      // their titles are equal too.
      post.isOwn ? isEqualTitle(post.title, draft.title) : isSameStory(post, words),
    );
    if (story !== undefined) {
      plan.joins.push({ draft, postId: story.id });
      continue;
    }
    const groups = fresh.get(draft.canonicalUrl) ?? [];
    fresh.set(draft.canonicalUrl, groups);
    const twin = groups.find(([first]) => first && isEqualTitle(first.title, draft.title));
    if (twin) twin.push(draft);
    else groups.push([draft]);
  }
  plan.fresh = [...fresh.values()].flat();
  return plan;
}

/** Where a post stands in lists: when it was published, but never in the future. */
function sortTime(draft: PostDraft, now: Date): Date {
  const said = draft.publishedAt ?? draft.updatedAt ?? now;
  return said < now ? said : now;
}

async function saveChanged(
  tx: Tx,
  feed: SavingFeed,
  drafts: PostDraft[],
  known: Map<string, KnownSource>,
  now: Date,
): Promise<Omit<SavedPosts, 'unchanged'>> {
  const urls = drafts
    .filter((draft) => !known.has(draft.guidHash))
    .map((draft) => draft.canonicalUrl);
  await lockAddresses(tx, urls);
  const plan = planDrafts(drafts, known, await readCandidates(tx, feed.id, urls));
  // Oldest first, so that the order of ids agrees with the order of publication.
  const fresh = plan.fresh
    .flatMap((group) =>
      group[0] ? [{ group, draft: group[0], sortAt: sortTime(group[0], now) }] : [],
    )
    .sort((a, b) => a.sortAt.getTime() - b.sortAt.getTime());
  const backfill = findBackfill(
    { lastGoodAt: null, ...feed, postsPerWeek: await countPostsPerWeek(tx, feed.id, fresh.length) },
    fresh.map(({ draft }) => draft.publishedAt ?? draft.updatedAt),
    now,
  );
  const rows = fresh.map((one, i) => ({ ...one, isBackfill: backfill[i] === true }));
  const inserted = await insertPosts(tx, feed.id, rows, now);
  const rewritten = await updatePosts(tx, feed.id, plan.edits, now);
  const fuller = await adoptFullerBodies(tx, plan.joins, now);
  const placedFresh = fresh.flatMap(({ group }, i) =>
    group.map((draft) => ({ draft, postId: inserted[i] ?? 0 })),
  );
  const placed = [...placedFresh, ...plan.edits, ...plan.joins];
  await writeSources(tx, feed.id, placed, now);
  const owned = new Set([...inserted, ...rewritten]);
  const tags = await writeTags(tx, feed, placed, owned);
  const authors = await writeAuthors(tx, feed, placed, owned);
  const written = new Set([...owned, ...fuller]);
  const retagged = [...tags.postIds].filter((id) => !written.has(id));
  await touchPosts(tx, retagged, now);
  await writeWords(tx, [...written, ...retagged]);
  const joined = plan.joins.map((one) => one.postId);
  const updated = [...new Set([...rewritten, ...fuller, ...retagged, ...joined])];
  const stale = [...tags.stale, ...authors.stale];
  const hasNews = backfill.includes(false);
  await leaveTraces(tx, feed, { inserted, updated, stale, hasNews });
  return { inserted, updated };
}

/** Writes the bylines of the posts that are this feed's own. @returns what that makes stale. */
async function writeAuthors(tx: Tx, feed: SavingFeed, placed: Placed[], owned: Set<number>) {
  const bylines = placed.filter(({ postId }) => owned.has(postId));
  const authors = await upsertAuthors(
    tx,
    feed,
    bylines.flatMap(({ draft }) => draft.authors),
  );
  const rows = bylines.flatMap(({ draft, postId }) =>
    draft.authors.flatMap((author, position) => {
      const stored = authors.get(authorKey(author.name));
      return stored ? [{ postId, authorId: stored.id, position }] : [];
    }),
  );
  const before = await writePostAuthors(tx, [...owned], rows);
  const slugs = [...before, ...[...authors.values()].map((author) => author.slug)];
  return { stale: slugs.map(authorTag) };
}

/** Stale caches, and the jobs that index and match what was saved. */
async function leaveTraces(
  tx: Tx,
  feed: SavingFeed,
  saved: { inserted: number[]; updated: number[]; stale: string[]; hasNews: boolean },
): Promise<void> {
  const posts = [...saved.inserted, ...saved.updated];
  if (posts.length === 0) return;
  await writeCacheEvents(tx, [
    latestTag(),
    sourceTag(feed.slug),
    ...(await listPlaces(tx, saved.updated)),
    ...saved.stale,
    ...posts.map(postTag),
  ]);
  await enqueue(tx, 'index-posts');
  if (saved.hasNews) await enqueue(tx, 'match-alerts');
}

/** Cache tags of the lists where posts stand, also by what other sources gave them. */
export async function listPlaces(tx: Tx, postIds: number[]): Promise<string[]> {
  if (postIds.length === 0) return [];
  const { rows } = await tx.query<{ kind: 'source' | 'tag' | 'author'; slug: string }>(
    `SELECT 'source' AS kind, f.slug FROM post_sources s JOIN feeds f ON f.id = s.feed_id
     WHERE s.post_id = ANY($1)
     UNION SELECT 'tag', t.slug FROM post_tags pt JOIN tags t ON t.id = pt.tag_id
     WHERE pt.post_id = ANY($1)
     UNION SELECT 'author', a.slug FROM post_authors pa JOIN authors a ON a.id = pa.author_id
     WHERE pa.post_id = ANY($1)`,
    [postIds],
  );
  const names = { source: sourceTag, tag: tagTag, author: authorTag };
  return rows.map(({ kind, slug }) => names[kind](slug));
}
