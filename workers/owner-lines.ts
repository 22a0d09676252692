import { readToken } from '../lib/alerts/tokens.ts';
import { canonicalUrl } from '../lib/ingest/canonical-url.ts';
import { log } from '../lib/log.ts';
import type { ClaimedFeed } from '../lib/model/feed.ts';
import type { OwnerLine, OwnerWish } from '../lib/model/owner-wish.ts';
import type { PostDraft } from '../lib/model/post.ts';
import { findGuids, followOwnerWish, holdDrafts } from '../lib/store/owner-wishes.ts';

/**
 * The wish of the line that bears this feed's own token; the last one where there are several.
 * Lines with other tokens are for other sites that carry the feed.
 */
function provenWish(feedId: number, lines: readonly OwnerLine[]): OwnerWish | undefined {
  return lines.findLast(({ token }) => readToken('owner', token)?.id === feedId)?.wish;
}

/** What of a document is to be saved, after its owner's wishes. */
export interface OwnedDocument {
  drafts: PostDraft[];
  deletedGuids: string[];
}

/** Takes out the posts that the owner withdraws, in the document or not. */
async function withoutWithdrawn(
  feedId: number,
  { drafts, deletedGuids }: OwnedDocument,
  urls: readonly string[],
): Promise<OwnedDocument> {
  if (urls.length === 0) return { drafts, deletedGuids };
  const gone = new Set(urls.map((url) => canonicalUrl(url)));
  const isGone = (draft: PostDraft) => gone.has(draft.canonicalUrl);
  const stored = await findGuids(feedId, [...gone]);
  return {
    drafts: drafts.filter((draft) => !isGone(draft)),
    deletedGuids: [...deletedGuids, ...stored],
  };
}

/**
 * Does what a feed's owner asks in its document, and holds back what is to be shown later.
 * @returns what is to be saved now; undefined when the source is to go.
 */
export async function followOwner(
  feed: Pick<ClaimedFeed, 'id' | 'url' | 'ownerDelayHours'>,
  slug: string,
  document: OwnedDocument & { ownerLines: readonly OwnerLine[]; isWhole: boolean },
  now: Date,
): Promise<OwnedDocument | undefined> {
  const wish = provenWish(feed.id, document.ownerLines);
  if (wish !== undefined) {
    await followOwnerWish({ id: feed.id, slug }, wish, now);
    log.info('feed.owner_seen', { feedId: feed.id, url: feed.url, wish });
  }
  if (wish?.remove) return undefined;
  const kept = await withoutWithdrawn(feed.id, document, wish?.withdraw ?? []);
  const delayHours = wish === undefined ? feed.ownerDelayHours : (wish.delayHours ?? null);
  if (delayHours === null) return kept;
  const { isWhole } = document;
  return { ...kept, drafts: await holdDrafts(feed.id, kept.drafts, { delayHours, isWhole, now }) };
}
