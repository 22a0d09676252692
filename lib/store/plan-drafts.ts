import type { PostDraft } from '../model/post.ts';
import { findMovedItems, type ItemFacts } from '../model/same-item.ts';
import { isEqualTitle, isNearStory, isSameStory, type StoryWords } from '../model/same-story.ts';
import type { Candidate, KnownSource, VanishedSource } from './story-candidates.ts';

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
  vanished: readonly VanishedSource[];
  byAddress: readonly Candidate[];
  byBand: ReadonlyMap<number, readonly Candidate[]>;
}

/** Sources tell a story again within days; much later, it is a reprint. */
const NEAR_MS_MAX = 30 * 24 * 60 * 60_000;

/** A stored post as it may be told again: with its text, and with the excerpt that it came with. */
const facesOf = ({ title, text, excerpt }: Candidate): StoryWords[] =>
  excerpt === null
    ? [{ title, text }]
    : [
        { title, text },
        { title, text: excerpt },
      ];

/** The stored post of another feed with nearly the same text at another address. */
function findNear(draft: PostDraft, byBand: Stored['byBand']): Candidate | undefined {
  const words = { title: draft.title, text: draft.bodyText };
  for (const post of new Set(draft.bands.flatMap((band) => byBand.get(band) ?? []))) {
    const [one, other] = [draft.publishedAt?.getTime(), post.publishedAt?.getTime()];
    const apart = one === undefined || other === undefined ? 0 : Math.abs(one - other);
    if (apart <= NEAR_MS_MAX && facesOf(post).some((face) => isNearStory(face, words))) return post;
  }
  return undefined;
}

/** The stored post with the same address that tells the same story. */
function findSame(draft: PostDraft, there: readonly Candidate[]): Candidate | undefined {
  const words = { title: draft.title, text: draft.bodyText };
  return there.find((post) =>
    // A feed that gives two items one address (releases, incidents) means two posts, unless
    // their titles are equal too.
    post.isOwn
      ? isEqualTitle(post.title, draft.title)
      : facesOf(post).some((face) => isSameStory(face, words)),
  );
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

/** Sorts drafts of one feed, each with a guid of its own, into what is to be done with them. */
export function planDrafts(drafts: readonly PostDraft[], stored: Stored): Plan {
  const plan: Plan = { fresh: [], edits: [], joins: [], renamed: [] };
  const strangers: PostDraft[] = [];
  for (const draft of drafts) {
    const source = stored.known.get(draft.guidHash);
    if (source === undefined) strangers.push(draft);
    else if (source.draftHash !== draft.draftHash) {
      plan.edits.push({ draft, postId: source.postId });
    }
  }
  const facts = strangers.map(factsOf);
  const moved = findMovedItems(facts, stored.vanished);
  const rest = facts.flatMap((item) => {
    const source = moved.get(item);
    if (source === undefined) return item.draft;
    plan.renamed.push({ from: source.guidHash, draft: item.draft });
    if (source.draftHash !== item.draft.draftHash) {
      plan.edits.push({ draft: item.draft, postId: source.postId });
    }
    return [];
  });
  placeStrangers(rest, stored, plan);
  return plan;
}

function placeStrangers(drafts: readonly PostDraft[], stored: Stored, plan: Plan): void {
  const byAddress = Map.groupBy(stored.byAddress, (post) => post.canonicalUrl);
  const fresh = new Map<string, PostDraft[][]>();
  for (const draft of drafts) {
    const story =
      findSame(draft, byAddress.get(draft.canonicalUrl) ?? []) ?? findNear(draft, stored.byBand);
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
}
