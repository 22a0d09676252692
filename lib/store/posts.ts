import { authorTag, latestTag, postTag, sourceTag } from '../cache-tags.ts';
import { dbPool, type Tx, transaction } from '../db.ts';
import { findBackfill } from '../model/backfill.ts';
import type { PostDraft } from '../model/post.ts';
import { authorKey, upsertAuthors, writePostAuthors } from './authors.ts';
import { writeCacheEvents } from './cache-events.ts';
import { lockFeed } from './feed-lock.ts';
import { insertFlood } from './floods.ts';
import { forgetFullTexts, queueFullTexts } from './full-text-queue.ts';
import { enqueue } from './jobs.ts';
import { type Placed, type Plan, planDrafts } from './plan-drafts.ts';
import { listPlaces } from './post-places.ts';
import {
  adoptFullerBodies,
  countPostsPerWeek,
  insertPosts,
  type NewPost,
  renameSources,
  touchPosts,
  updatePosts,
  writeSources,
  writeWords,
} from './post-rows.ts';
import { writeTags } from './post-tags.ts';
import {
  lockStories,
  readByAddress,
  readByText,
  readSources,
  readVanished,
} from './story-candidates.ts';
import { followDeletions } from './withdrawals.ts';

export interface SavingFeed {
  id: number;
  slug: string;
  /** Null before its first good poll: then the posts are backfill. */
  firstGoodAt: Date | null;
  lastGoodAt?: Date | null;
  /** Tags that all its posts get. */
  feedTags: string[];
}

/** What came with the drafts of one document. */
export interface SaveOptions {
  now: Date;
  /**
   * Whether these are all items of the feed's document, so that what is missing has left it. A
   * push holds only what is new.
   */
  isWhole?: boolean;
  /** Guids, hashed, of items that the publisher has deleted. */
  deletedGuids?: readonly string[];
}

export interface SavedPosts {
  /** Ids of posts that are new here. */
  inserted: number[];
  /** Ids of posts that changed, or that another feed had brought before. */
  updated: number[];
  /** Ids of posts that their publisher took back. */
  withdrawn: number[];
  /** Items that are as they were. */
  unchanged: number;
}

const DEADLOCK = '40P01';
const ATTEMPTS_MAX = 4;

/**
 * Saves the items of one feed: new posts, changed posts, sources, authors, tags, stale caches and
 * the jobs that follow, all in one transaction. The same drafts again change nothing, and cost
 * one select. A poll and a push of one feed may bring the same at once: one waits for the other.
 */
export async function savePosts(
  feed: SavingFeed,
  drafts: readonly PostDraft[],
  { now, isWhole = true, deletedGuids = [] }: SaveOptions,
): Promise<SavedPosts> {
  const byGuid = new Map<string, PostDraft>();
  for (const draft of drafts) if (!byGuid.has(draft.guidHash)) byGuid.set(draft.guidHash, draft);
  // What the document has is not deleted, whatever else it says.
  const gone = deletedGuids.filter((guidHash) => !byGuid.has(guidHash));
  const known = await readSources(dbPool(), feed.id, [...byGuid.keys(), ...gone]);
  const changed = [...byGuid.values()].filter(
    (draft) => known.get(draft.guidHash)?.draftHash !== draft.draftHash,
  );
  const deleted = gone.filter((guidHash) => known.has(guidHash));
  const unchanged = byGuid.size - changed.length;
  const isSame = deleted.every((guidHash) => known.get(guidHash)?.draftHash === '');
  if (changed.length === 0 && isSame) {
    return { inserted: [], updated: [], withdrawn: [], unchanged };
  }
  const present = isWhole ? [...byGuid.keys()] : undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction(async (tx) => {
        await lockFeed(tx, feed.id);
        const saved = await saveChanged(tx, feed, changed, { now, present });
        const { withdrawn, left } = await followDeletions(tx, feed.id, deleted);
        return { ...saved, updated: [...saved.updated, ...left], withdrawn, unchanged };
      });
    } catch (error) {
      // Two workers counted the same tags in different order: one of them starts again.
      if ((error as { code?: string }).code !== DEADLOCK || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

/** Where a post stands in lists: when it was published, but never in the future. */
function sortTime(draft: PostDraft, now: Date): Date {
  const said = draft.publishedAt ?? draft.updatedAt ?? now;
  return said < now ? said : now;
}

/** When drafts are saved, and the guids in their document; undefined for a push. */
interface Moment {
  now: Date;
  present: readonly string[] | undefined;
}

/** Looks under locks for what the drafts are, and decides. */
async function makePlan(
  tx: Tx,
  feed: SavingFeed,
  drafts: readonly PostDraft[],
  { now, present }: Moment,
): Promise<Plan> {
  // Whoever had the lock of this feed before may have saved some of them.
  const known = await readSources(
    tx,
    feed.id,
    drafts.map((draft) => draft.guidHash),
  );
  const strangers = drafts.filter((draft) => !known.has(draft.guidHash));
  await lockStories(tx, strangers);
  const isFirst = feed.firstGoodAt === null;
  const urls = strangers.map((draft) => draft.canonicalUrl);
  const bands = strangers.flatMap((draft) => draft.bands);
  return planDrafts(drafts, {
    known,
    vanished:
      present === undefined || isFirst ? [] : await readVanished(tx, feed.id, present, strangers),
    byAddress: await readByAddress(tx, feed.id, urls),
    byBand: await readByText(tx, feed.id, bands, now),
  });
}

/** The new posts of a plan with what is known of them, oldest first: ids go by publication. */
async function describeFresh(
  tx: Tx,
  feed: SavingFeed,
  plan: Plan,
  now: Date,
): Promise<(NewPost & { group: PostDraft[] })[]> {
  const fresh = plan.fresh
    .flatMap((group) =>
      group[0] ? [{ group, draft: group[0], sortAt: sortTime(group[0], now) }] : [],
    )
    .sort((a, b) => a.sortAt.getTime() - b.sortAt.getTime());
  const dates = fresh.map(({ draft }) => draft.publishedAt ?? draft.updatedAt);
  const postsPerWeek = await countPostsPerWeek(tx, feed.id, fresh.length);
  const backfill = findBackfill({ lastGoodAt: null, ...feed, postsPerWeek }, dates, now);
  const floods = feed.firstGoodAt === null ? 0 : backfill.filter(Boolean).length;
  const floodId = floods > 0 ? await insertFlood(tx, feed.id, floods) : null;
  return fresh.map((one, i) => {
    const isBackfill = backfill[i] === true;
    const isQuiet = isBackfill && (floodId !== null || dates[i] === null);
    return { ...one, isBackfill, isQuiet, floodId: isBackfill ? floodId : null };
  });
}

async function saveChanged(
  tx: Tx,
  feed: SavingFeed,
  drafts: readonly PostDraft[],
  moment: Moment,
): Promise<Pick<SavedPosts, 'inserted' | 'updated'>> {
  if (drafts.length === 0) return { inserted: [], updated: [] };
  const { now } = moment;
  const plan = await makePlan(tx, feed, drafts, moment);
  const fresh = await describeFresh(tx, feed, plan, now);
  const inserted = await insertPosts(tx, feed.id, fresh, now);
  await renameSources(tx, feed.id, plan.renamed);
  const whole = plan.edits.filter(({ draft }) => !draft.isExcerpt);
  await forgetFullTexts(
    tx,
    whole.map(({ postId }) => postId),
  );
  const rewritten = await updatePosts(tx, feed.id, plan.edits, now);
  const fuller = await adoptFullerBodies(tx, plan.joins, now);
  await forgetFullTexts(tx, fuller);
  const placedFresh = fresh.flatMap(({ group }, i) =>
    group.map((draft) => ({ draft, postId: inserted[i] ?? 0 })),
  );
  const placed = [...placedFresh, ...plan.edits, ...plan.joins];
  await writeSources(tx, feed.id, placed, now);
  await queueFullTexts(tx, feed.id, placed, now);
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
  const hasNews = fresh.some((post) => !post.isBackfill);
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
