import { dbPool, type Tx, transaction } from '../db.ts';
import { FLOOD_CHECKED_MIN, findBackfill } from '../model/backfill.ts';
import type { PostDraft } from '../model/post.ts';
import { findMovedItems, type ItemFacts } from '../model/same-item.ts';
import { lockFeeds } from './feed-locks.ts';
import type { Plan } from './plan-drafts.ts';
import { countPostsPerWeek } from './post-rows.ts';
import { makePlan, type SavingFeed, savePart, sortTime, type Verdict } from './save-part.ts';
import { inSlices } from './slices.ts';
import { type KnownSource, readSources, readVanished } from './story-candidates.ts';
import { transactionAgain } from './transaction-again.ts';
import { followDeletions } from './withdrawals.ts';

export type { SavingFeed };

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

/**
 * Drafts in one transaction: it is short, and takes two locks for each at most, so that three
 * workers with ten connections each may save archives at once (STORY_LOCKS_MAX).
 */
const PART_DRAFTS_MAX = 100;

/** Drafts that are looked up at once while no locks are held. */
const LOOKED_UP_MAX = 500;

/** A document's drafts that are not stored as they are, and what is known of them. */
interface Changed {
  drafts: readonly PostDraft[];
  known: Map<string, KnownSource>;
  /** All of the document; undefined for a push. */
  present: readonly PostDraft[] | undefined;
  now: Date;
}

/**
 * Saves the items of one feed: new posts, changed posts, sources, authors, tags, stale caches and
 * the jobs that follow. The same drafts again change nothing, and cost one select. A large document
 * is saved in parts, oldest posts first, each in one transaction; what depends on the whole of it
 * (what has left it, whether it is a flood) is decided once, before. After a crash between two
 * parts the next poll saves the others. A poll and a push of one feed may bring the same at once:
 * a part of one waits for a part of the other.
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
  const deleted = gone.filter((guidHash) => (known.get(guidHash)?.draftHash ?? '') !== '');
  const present = isWhole ? [...byGuid.values()] : undefined;
  const saved = await saveInParts(feed, { drafts: changed, known, present, now });
  const { withdrawn, left } =
    deleted.length === 0
      ? { withdrawn: [], left: [] }
      : await withFeedLock(feed, (tx) => followDeletions(tx, feed.id, deleted));
  const unchanged = byGuid.size - changed.length;
  return { ...saved, updated: [...saved.updated, ...left], withdrawn, unchanged };
}

/** Begins again when two workers counted the same tags in different order. */
const withFeedLock = <T>(feed: SavingFeed, work: (tx: Tx) => Promise<T>): Promise<T> =>
  transactionAgain(async (tx) => {
    await lockFeeds(tx, [feed.id]);
    return work(tx);
  });

async function saveInParts(
  feed: SavingFeed,
  changed: Changed,
): Promise<Pick<SavedPosts, 'inserted' | 'updated'>> {
  const { drafts, now } = changed;
  if (drafts.length === 0) return { inserted: [], updated: [] };
  const { verdict, order, strangers } = await judge(feed, changed);
  const inserted: number[] = [];
  const updated = new Set<number>();
  // The newest are in one part: of an archive, only they are read for tags while it is saved.
  const first = strangers % PART_DRAFTS_MAX || PART_DRAFTS_MAX;
  for (let from = 0, to = first; from < order.length; from = to, to = from + PART_DRAFTS_MAX) {
    const part = order.slice(from, to);
    const readMax = to < strangers ? { readMax: 0 } : {};
    const saved = await withFeedLock(feed, (tx) =>
      savePart(tx, feed, part, verdict, { now, ...readMax }),
    );
    verdict.floodId = saved.floodId;
    inserted.push(...saved.inserted);
    for (const id of saved.updated) updated.add(id);
  }
  // A post whose guids came in two parts is new all the same.
  const fresh = new Set(inserted);
  return { inserted, updated: [...updated].filter((id) => !fresh.has(id)) };
}

const factsOf = (draft: PostDraft): ItemFacts & { draft: PostDraft } => ({
  guid: draft.guid,
  url: draft.url,
  canonicalUrl: draft.canonicalUrl,
  title: draft.title,
  text: draft.bodyText,
  publishedAt: draft.publishedAt,
  draft,
});

/** Which drafts are items that the feed had under other guids, which have left the document. */
async function findMoved(
  feed: SavingFeed,
  { drafts, known, present }: Changed,
): Promise<Map<string, KnownSource>> {
  if (present === undefined || feed.firstGoodAt === null) return new Map();
  const strangers = drafts.filter(({ guidHash }) => !known.has(guidHash));
  const hashes = present.map((draft) => draft.guidHash);
  const vanished = await readVanished(dbPool(), feed.id, hashes, strangers);
  if (vanished.length === 0) return new Map();
  const found = await inSlices(findMovedItems(strangers.map(factsOf), vanished, present));
  return new Map([...found].map(([{ draft }, source]) => [draft.guidHash, source]));
}

/** Decides what depends on the whole document, and the order in which its drafts are saved. */
async function judge(
  feed: SavingFeed,
  changed: Changed,
): Promise<{ verdict: Verdict; order: PostDraft[]; strangers: number }> {
  const { drafts, known, now } = changed;
  const moved = await findMoved(feed, changed);
  const isNew = ({ guidHash }: PostDraft) => !known.has(guidHash) && !moved.has(guidHash);
  const time = (draft: PostDraft) => sortTime(draft, now).getTime();
  const strangers = drafts.filter(isNew).sort((a, b) => time(a) - time(b));
  const order = [...strangers, ...drafts.filter((draft) => !isNew(draft))];
  const first: Verdict = { moved, isBackfill: () => true, floodPosts: 0, floodId: null };
  if (feed.firstGoodAt === null) return { verdict: first, order, strangers: strangers.length };
  const dates = await freshDates(feed, strangers, changed);
  const postsPerWeek =
    dates.length === 0
      ? 0
      : await transaction((tx) => countPostsPerWeek(tx, feed.id, dates.length));
  const isBackfill = findBackfill({ lastGoodAt: null, ...feed, postsPerWeek }, dates, now);
  const verdict = { ...first, isBackfill, floodPosts: dates.filter(isBackfill).length };
  return { verdict, order, strangers: strangers.length };
}

/** The times of those strangers that are new posts, as far as it looks without locks. */
async function freshDates(
  feed: SavingFeed,
  strangers: readonly PostDraft[],
  { known, now }: Changed,
): Promise<(Date | null)[]> {
  // So few are no flood, whatever they are.
  if (strangers.length < FLOOD_CHECKED_MIN) return [];
  const groups: Plan['fresh'] = [];
  for (let from = 0; from < strangers.length; from += LOOKED_UP_MAX) {
    const part = strangers.slice(from, from + LOOKED_UP_MAX);
    const plan = await makePlan(dbPool(), feed.id, part, { known, moved: new Map(), now });
    groups.push(...plan.fresh);
  }
  return groups.flatMap(([draft]) => (draft ? [draft.publishedAt ?? draft.updatedAt] : []));
}
