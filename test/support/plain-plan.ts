import type { PostDraft } from '../../lib/model/post.ts';
import { type DatedWords, isOneItem } from '../../lib/model/same-item.ts';
import { isEqualTitle, isNearStory, isSameStory } from '../../lib/model/same-story.ts';
import type { Plan, Stored } from '../../lib/store/plan-drafts.ts';

const wordsOf = (draft: PostDraft) => ({ ...draft, text: draft.bodyText });
const isRepeat = (a: DatedWords, b: DatedWords) => isEqualTitle(a, b) && isOneItem(a, b);
const DAYS_30_MS = 30 * 86_400_000;

/** What planDrafts decides, by comparing everything with everything. */
export function plainPlan(drafts: readonly PostDraft[], stored: Stored): Plan {
  const plan: Plan = { fresh: [], edits: [], joins: [], renamed: [] };
  for (const draft of drafts) {
    const known = stored.known.get(draft.guidHash);
    const moved = stored.moved.get(draft.guidHash);
    if (!known && moved) plan.renamed.push({ from: moved.guidHash, draft });
    const source = known ?? moved;
    if (source) {
      if (source.draftHash !== draft.draftHash) plan.edits.push({ draft, postId: source.postId });
      continue;
    }
    const same = stored.byAddress.find(
      (post) =>
        post.canonicalUrl === draft.canonicalUrl &&
        (post.isOwn ? isRepeat(post, wordsOf(draft)) : isSameStory(post, wordsOf(draft))),
    );
    const near = [...stored.byBand]
      .flatMap(([band, posts]) => (draft.bands.includes(band) ? posts : []))
      .sort((a, b) => a.id - b.id)
      .find((post) => {
        const [one, other] = [draft.publishedAt, post.publishedAt];
        const apart = one && other ? Math.abs(one.getTime() - other.getTime()) : 0;
        return apart <= DAYS_30_MS && isNearStory(post, wordsOf(draft));
      });
    const story = same ?? near;
    const twins = plan.fresh.find(
      ([first]) =>
        first?.canonicalUrl === draft.canonicalUrl && isRepeat(wordsOf(first), wordsOf(draft)),
    );
    if (story) plan.joins.push({ draft, postId: story.id });
    else if (twins) twins.push(draft);
    else plan.fresh.push([draft]);
  }
  return plan;
}
