import { authorTag, latestTag, postTag, sourceTag } from '../cache-tags.ts';
import type { Tx } from '../db.ts';
import type { PostDraft } from '../model/post.ts';
import { authorKey, upsertAuthors, writePostAuthors } from './authors.ts';
import { writeCacheEvents } from './cache-events.ts';
import { insertFlood } from './floods.ts';
import { forgetFullTexts, queueFullTexts } from './full-text-queue.ts';
import { enqueue } from './jobs.ts';
import { type Placed, type Plan, planDrafts } from './plan-drafts.ts';
import { listPlaces } from './post-places.ts';
import {
  insertPosts,
  type NewPost,
  noteSource,
  renameSources,
  touchPosts,
  updatePosts,
  writeSources,
  writeWords,
} from './post-rows.ts';
import { writeTags } from './post-tags.ts';
import { queueRelabelled } from './retags.ts';
import { inSlices } from './slices.ts';
import {
  type KnownSource,
  lockStories,
  readByAddress,
  readByText,
  readSources,
} from './story-candidates.ts';
import { takeOver } from './story-owners.ts';

// One part of what a document brings, in a transaction of its own.

export interface SavingFeed {
  id: number;
  slug: string;
  /** Null before its first good poll: then the posts are backfill. */
  firstGoodAt: Date | null;
  lastGoodAt?: Date | null;
  /** Tags that all its posts get. */
  feedTags: string[];
}

/** What was decided once from the whole document. */
export interface Verdict {
  /** By the guid hashes of drafts: what the feed had under another guid. */
  moved: ReadonlyMap<string, KnownSource>;
  /** Whether a new item with this time is backfill. */
  isBackfill: (date: Date | null) => boolean;
  /** Posts of the flood that the document is; 0 for none. */
  floodPosts: number;
  /** Its row, once a part has written it. */
  floodId: number | null;
}

/** What one part came to. */
interface SavedPart {
  inserted: number[];
  updated: number[];
  floodId: number | null;
}

/** Where a post stands in lists: when it was published, but never in the future. */
export function sortTime(draft: PostDraft, now: Date): Date {
  const said = draft.publishedAt ?? draft.updatedAt ?? now;
  return said < now ? said : now;
}

/** Looks for what the drafts are among what is stored, and decides. */
export async function makePlan(
  client: Pick<Tx, 'query'>,
  feedId: number,
  drafts: readonly PostDraft[],
  { known, moved, now }: Pick<Verdict, 'moved'> & { known: Map<string, KnownSource>; now: Date },
): Promise<Plan> {
  const strangers = drafts.filter(({ guidHash }) => !known.has(guidHash) && !moved.has(guidHash));
  const byAddress = await readByAddress(client, feedId, strangers);
  const byBand = await readByText(client, feedId, strangers, now);
  return inSlices(planDrafts(drafts, { known, moved, byAddress, byBand }));
}

/** The new posts of a plan with what is known of them, oldest first: ids go by publication. */
function describeFresh(
  plan: Plan,
  { isBackfill: rule, floodId }: Verdict,
  now: Date,
): (NewPost & { group: PostDraft[] })[] {
  const fresh = plan.fresh.flatMap((group) =>
    group[0] ? [{ group, draft: group[0], sortAt: sortTime(group[0], now) }] : [],
  );
  return fresh
    .sort((a, b) => a.sortAt.getTime() - b.sortAt.getTime())
    .map((one) => {
      const date = one.draft.publishedAt ?? one.draft.updatedAt;
      const isBackfill = rule(date);
      const isQuiet = isBackfill && (floodId !== null || date === null);
      return { ...one, isBackfill, isQuiet, floodId: isBackfill ? floodId : null };
    });
}

/** Saves some drafts of a feed whose lock is held: looks under locks for what they are. */
export async function savePart(
  tx: Tx,
  feed: SavingFeed,
  drafts: readonly PostDraft[],
  verdict: Verdict,
  { now, readMax }: { now: Date; readMax?: number },
): Promise<SavedPart> {
  // Whoever had the lock of this feed before may have saved some of them.
  const hashes = drafts.map((draft) => draft.guidHash);
  const known = await readSources(tx, feed.id, hashes);
  const { moved } = verdict;
  await lockStories(
    tx,
    drafts.filter(({ guidHash }) => !known.has(guidHash) && !moved.has(guidHash)),
  );
  const plan = await makePlan(tx, feed.id, drafts, { known, moved, now });
  const isFlood = verdict.floodPosts > 0 && plan.fresh.length > 0;
  const floodId =
    verdict.floodId ?? (isFlood ? await insertFlood(tx, feed.id, verdict.floodPosts) : null);
  const fresh = describeFresh(plan, { ...verdict, floodId }, now);
  const inserted = await insertPosts(tx, feed.id, fresh, now);
  await renameSources(tx, feed.id, plan.renamed);
  const whole = plan.edits.filter(({ draft }) => !draft.isExcerpt);
  await forgetFullTexts(
    tx,
    whole.map(({ postId }) => postId),
  );
  const taken = await takeOver(tx, feed.id, [...plan.edits, ...plan.joins]);
  const rewritten = await updatePosts(tx, feed.id, [...plan.edits, ...taken], now);
  const placedFresh = fresh.flatMap(({ group }, i) =>
    group.map((draft) => ({ draft, postId: inserted[i] ?? 0 })),
  );
  const placed = [...placedFresh, ...plan.edits, ...plan.joins];
  const edited = plan.edits.map(({ draft }) => draft);
  if (edited.length > 0) await queueRelabelled(tx, feed.id, edited);
  await writeSources(tx, feed.id, placed, now);
  await queueFullTexts(tx, feed.id, placed, now);
  const owned = new Set([...inserted, ...rewritten]);
  const tags = await writeTags(tx, feed, placed, owned, readMax);
  const authors = await writeAuthors(tx, feed, placed, owned);
  const retagged = [...tags.postIds].filter((id) => !owned.has(id));
  await touchPosts(tx, retagged, now);
  await writeWords(tx, [...owned, ...retagged]);
  const joined = plan.joins.map((one) => one.postId);
  await noteSource(tx, feed.slug, joined, now);
  const updated = [...new Set([...rewritten, ...retagged, ...joined])];
  const stale = [...tags.stale, ...authors.stale];
  const hasNews = fresh.some((post) => !post.isBackfill);
  await leaveTraces(tx, feed, { inserted, updated, stale, hasNews });
  return { inserted, updated, floodId };
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
