import type { PostDraft } from '../model/post.ts';
import { type DatedWords, isOneItem } from '../model/same-item.ts';
import { isNearStory, isSameStory, type StoryWords, titleKey } from '../model/same-story.ts';
import type { Candidate, KnownSource } from './story-candidates.ts';

// Which drafts are new posts, and which are posts that are there: ARCHITECTURE.md, Identity. Pure.

/** A draft, and the post that it is. */
export interface Placed {
  draft: PostDraft;
  postId: number;
}

export interface Plan {
  /** Groups of drafts that are one new post; the first is the one that is stored. */
  fresh: PostDraft[][];
  /** Known items that changed. */
  edits: Placed[];
  /** New guids of stories that are stored already. */
  joins: Placed[];
  /** Known items under new guids; those that changed as well are also among the edits. */
  renamed: { from: string; draft: PostDraft }[];
}

/** What is stored that drafts may be. */
export interface Stored {
  known: ReadonlyMap<string, KnownSource>;
  /** By the guid hashes of drafts: what the feed had under another guid. */
  moved: ReadonlyMap<string, KnownSource>;
  /** Oldest first. */
  byAddress: readonly Candidate[];
  byBand: ReadonlyMap<number, readonly Candidate[]>;
}

/** Sources tell a story again within days; much later, it is a reprint. */
const NEAR_MS_MAX = 30 * 24 * 60 * 60_000;
/** Posts whose texts are compared with a draft's: the newest that share its address or a band. */
const COMPARED_MAX = 20;

const wordsOf = (draft: PostDraft): DatedWords => ({
  title: draft.title,
  text: draft.bodyText,
  publishedAt: draft.publishedAt,
});

const excerpts = new WeakMap<Candidate, StoryWords>();

/** A stored post as it may be told again: with its text, and with the excerpt that it came with. */
function facesOf(post: Candidate): StoryWords[] {
  if (post.excerpt === null) return [post];
  // What is computed of words is kept by the object, so there is one.
  const excerpt = excerpts.get(post) ?? { title: post.title, text: post.excerpt };
  excerpts.set(post, excerpt);
  return [post, excerpt];
}

/** Equal for items with one address and equal titles. */
const nameOf = (canonicalUrl: string, words: StoryWords) => `${canonicalUrl} ${titleKey(words)}`;

interface Named<T> {
  words: DatedWords;
  value: T;
  at: number;
}

/** Items of one feed by address and title: the first that is one with another, at a few looks. */
class ItemIndex<T> {
  readonly #newest = new Map<string, Named<T>[]>();
  readonly #byTime = new Map<string, Named<T>>();
  #count = 0;

  add(name: string, words: DatedWords, value: T): void {
    const item = { words, value, at: this.#count++ };
    const there = this.#newest.get(name);
    if (there === undefined) this.#newest.set(name, [item]);
    else if (there.push(item) > COMPARED_MAX) there.shift();
    const moment = `${name} ${words.publishedAt?.getTime()}`;
    if (words.publishedAt !== null && !this.#byTime.has(moment)) this.#byTime.set(moment, item);
  }

  *find(name: string, words: DatedWords): Generator<void, T | undefined> {
    const sameTime = this.#byTime.get(`${name} ${words.publishedAt?.getTime()}`);
    for (const item of this.#newest.get(name) ?? []) {
      if (sameTime !== undefined && sameTime.at <= item.at) break;
      yield;
      if (isOneItem(item.words, words)) return item.value;
    }
    return sameTime?.value;
  }
}

/** Stored posts by their addresses. */
class AddressIndex {
  readonly #own = new ItemIndex<Candidate>();
  readonly #byName = new Map<string, Candidate>();
  readonly #ofOthers = new Map<string, Candidate[]>();

  constructor(candidates: readonly Candidate[]) {
    for (const post of candidates) {
      const name = nameOf(post.canonicalUrl, post);
      // A feed that gives two items one address (releases, incidents) means two posts, unless
      // their titles are equal too.
      if (post.isOwn) {
        this.#own.add(name, post, post);
        continue;
      }
      if (!this.#byName.has(name)) this.#byName.set(name, post);
      const there = this.#ofOthers.get(post.canonicalUrl);
      if (there === undefined) this.#ofOthers.set(post.canonicalUrl, [post]);
      else if (there.push(post) > COMPARED_MAX) there.shift();
    }
  }

  /** The oldest stored post with the same address that tells the same story. */
  *find(canonicalUrl: string, words: DatedWords): Generator<void, Candidate | undefined> {
    const name = nameOf(canonicalUrl, words);
    const own = yield* this.#own.find(name, words);
    const theirs = this.#byName.get(name);
    const equal = own && theirs ? (own.id < theirs.id ? own : theirs) : (own ?? theirs);
    for (const post of this.#ofOthers.get(canonicalUrl) ?? []) {
      if (equal !== undefined && equal.id <= post.id) break;
      yield;
      if (facesOf(post).some((face) => isSameStory(face, words))) return post;
    }
    return equal;
  }
}

/** Posts that share a band with a draft, and may be one with it: oldest first, not too many. */
function nearestOf(draft: PostDraft, words: StoryWords, byBand: Stored['byBand']): Candidate[] {
  const all = new Set(draft.bands.flatMap((band) => byBand.get(band) ?? []));
  const posts = [...all].sort((a, b) => a.id - b.id);
  const key = titleKey(words);
  return posts.filter((post, i) => i >= posts.length - COMPARED_MAX || titleKey(post) === key);
}

/** The stored post of another feed with nearly the same text at another address. */
function* findNear(
  draft: PostDraft,
  words: StoryWords,
  byBand: Stored['byBand'],
): Generator<void, Candidate | undefined> {
  for (const post of nearestOf(draft, words, byBand)) {
    const [one, other] = [draft.publishedAt?.getTime(), post.publishedAt?.getTime()];
    const apart = one === undefined || other === undefined ? 0 : Math.abs(one - other);
    yield;
    if (apart <= NEAR_MS_MAX && facesOf(post).some((face) => isNearStory(face, words))) return post;
  }
  return undefined;
}

/** Drafts that are no known items: new posts, or posts that are there. */
function* placeStrangers(
  drafts: readonly PostDraft[],
  stored: Stored,
  plan: Plan,
): Generator<void, void> {
  const byAddress = new AddressIndex(stored.byAddress);
  const groups = new ItemIndex<PostDraft[]>();
  for (const draft of drafts) {
    yield;
    const words = wordsOf(draft);
    const story =
      (yield* byAddress.find(draft.canonicalUrl, words)) ??
      (yield* findNear(draft, words, stored.byBand));
    if (story !== undefined) {
      plan.joins.push({ draft, postId: story.id });
      continue;
    }
    const name = nameOf(draft.canonicalUrl, words);
    const twins = yield* groups.find(name, words);
    if (twins !== undefined) {
      twins.push(draft);
      continue;
    }
    const group = [draft];
    plan.fresh.push(group);
    groups.add(name, words, group);
  }
}

/**
 * Sorts drafts of one feed, each with a guid of its own, into what is to be done with them. A step
 * for each draft and each comparison of two, so that whoever runs it can pause; their number is
 * linear in that of the drafts.
 */
export function* planDrafts(drafts: readonly PostDraft[], stored: Stored): Generator<void, Plan> {
  const plan: Plan = { fresh: [], edits: [], joins: [], renamed: [] };
  const strangers: PostDraft[] = [];
  for (const draft of drafts) {
    const known = stored.known.get(draft.guidHash);
    const moved = known === undefined ? stored.moved.get(draft.guidHash) : undefined;
    const source = known ?? moved;
    if (moved !== undefined) plan.renamed.push({ from: moved.guidHash, draft });
    if (source === undefined) strangers.push(draft);
    else if (source.draftHash !== draft.draftHash) {
      plan.edits.push({ draft, postId: source.postId });
    }
  }
  yield* placeStrangers(strangers, stored, plan);
  return plan;
}
