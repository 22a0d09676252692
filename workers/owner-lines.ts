import { readToken } from '../lib/alerts/tokens.ts';
import { log } from '../lib/log.ts';
import type { ClaimedFeed } from '../lib/model/feed.ts';
import type { OwnerLine, OwnerWish } from '../lib/model/owner-wish.ts';
import type { PostDraft } from '../lib/model/post.ts';
import { followOwnerWish, holdDrafts } from '../lib/store/owner-wishes.ts';

/**
 * The wish of the line that bears this feed's own token; the last one where there are several.
 * Lines with other tokens are for other sites that carry the feed.
 */
function provenWish(feedId: number, lines: readonly OwnerLine[]): OwnerWish | undefined {
  return lines.findLast(({ token }) => readToken('owner', token)?.id === feedId)?.wish;
}

/**
 * Does what a feed's owner asks in its document, and holds back what is to be shown later.
 * @returns the drafts to be saved now; undefined when the source is to go.
 */
export async function followOwner(
  feed: ClaimedFeed,
  slug: string,
  document: { ownerLines: readonly OwnerLine[]; drafts: PostDraft[] },
  now: Date,
): Promise<PostDraft[] | undefined> {
  const wish = provenWish(feed.id, document.ownerLines);
  if (wish !== undefined) {
    await followOwnerWish({ id: feed.id, slug }, wish, now);
    log.info('feed.owner_seen', { feedId: feed.id, url: feed.url, wish });
  }
  if (wish?.remove) return undefined;
  const delayHours = wish === undefined ? feed.ownerDelayHours : (wish.delayHours ?? null);
  if (delayHours === null) return document.drafts;
  return holdDrafts(feed.id, document.drafts, { delayHours, now });
}
