import { readToken } from '../lib/alerts/tokens.ts';
import { canonicalUrl } from '../lib/ingest/canonical-url.ts';
import { log } from '../lib/log.ts';
import type { ClaimedFeed } from '../lib/model/feed.ts';
import {
  mergeOwnerLines,
  type OwnerLine,
  type OwnerWish,
  REPORTED_MAX,
} from '../lib/model/owner-wish.ts';
import type { PostDraft } from '../lib/model/post.ts';
import { holdDrafts, listHeld } from '../lib/store/held-drafts.ts';
import { findCarried, findTakenBack, followOwnerWish } from '../lib/store/owner-wishes.ts';

/**
 * The lines that bear this feed's own token, as one; undefined when there are none. Lines with
 * other tokens are for other sites that carry the feed.
 */
function provenWish(feedId: number, lines: readonly OwnerLine[]) {
  const own = lines.filter(({ token }) => readToken('owner', token)?.id === feedId);
  return own.length === 0 ? undefined : mergeOwnerLines(own);
}

/** What of a document is to be saved, after its owner's wishes. */
export interface OwnedDocument {
  drafts: PostDraft[];
  deletedGuids: string[];
}

interface Addressed {
  guidHash: string;
  url: string;
  canonicalUrl: string;
}

/**
 * Takes out the posts that the owner withdraws, in the document or not. An address is meant whole:
 * with its fragment, for parts of a page may be posts of their own; and one that we made for an
 * item without a link is its own identity.
 */
async function withoutWithdrawn(
  feedId: number,
  { drafts, deletedGuids }: OwnedDocument,
  urls: readonly string[],
): Promise<OwnedDocument & { unmet: string[] }> {
  if (urls.length === 0) return { drafts, deletedGuids, unmet: [] };
  const gone = new Set(urls.map((url) => canonicalUrl(url, true)));
  const identitiesOf = ({ url, canonicalUrl: stored }: Addressed) => [
    stored,
    canonicalUrl(stored, true),
    canonicalUrl(url, true),
  ];
  const isGone = (post: Addressed) => identitiesOf(post).some((identity) => gone.has(identity));
  const stored = await findCarried(feedId, { canonicalUrls: [...gone], urls: writtenAs(urls) });
  const held = (await listHeld(feedId)).filter(isGone);
  const met = [...stored, ...held, ...drafts.filter(isGone)];
  const identities = new Set(met.flatMap(identitiesOf));
  return {
    drafts: drafts.filter((draft) => !isGone(draft)),
    deletedGuids: [...new Set([...deletedGuids, ...met.map(({ guidHash }) => guidHash)])],
    unmet: urls.filter((url) => !identities.has(canonicalUrl(url, true))),
  };
}

/** Addresses as feeds may have written them: with either scheme, and as a parser writes them. */
function writtenAs(urls: readonly string[]): string[] {
  const written = urls.flatMap((url) => [url, URL.parse(url)?.href ?? url]);
  const bare = new Set(written.map((url) => url.replace(/^https?:/iu, '')));
  return [...bare].flatMap((rest) => [`https:${rest}`, `http:${rest}`]);
}

/** What a document's owner asks, done. */
interface Followed {
  document: OwnedDocument;
  delayHours: number | null;
}

async function follow(
  feed: { id: number; slug: string },
  document: OwnedDocument,
  { wish, faults }: { wish: OwnerWish } & Pick<OwnerLine, 'faults'>,
  now: Date,
): Promise<Followed | undefined> {
  // A line that is not understood may have named what was withdrawn before: that stays away.
  const guids = faults.length === 0 ? [] : document.drafts.map((draft) => draft.guidHash);
  const away = guids.length === 0 ? undefined : await findTakenBack(feed.id, guids);
  const drafts = document.drafts.filter((draft) => !away?.has(draft.guidHash));
  const left = { ...document, drafts };
  const { unmet, ...kept } = await withoutWithdrawn(feed.id, left, wish.withdraw ?? []);
  const report = { faults, unmet: unmet.slice(0, REPORTED_MAX) };
  const delayHours = await followOwnerWish(feed, wish, report, now);
  log.info('feed.owner_seen', { feedId: feed.id, wish, ...report });
  return wish.remove ? undefined : { document: kept, delayHours };
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
  const { ownerLines, isWhole, ...given } = document;
  const asked = provenWish(feed.id, ownerLines);
  const followed =
    asked === undefined
      ? { document: given, delayHours: feed.ownerDelayHours }
      : await follow({ id: feed.id, slug }, given, asked, now);
  if (followed === undefined) return undefined;
  const { drafts, deletedGuids } = followed.document;
  const { delayHours } = followed;
  const shown = await holdDrafts(feed.id, drafts, { delayHours, deletedGuids, isWhole, now });
  return { drafts: shown, deletedGuids };
}
