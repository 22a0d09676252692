import { CANONICAL_VERSION, canonicalUrl } from '../../lib/ingest/canonical-url.ts';
import {
  listOutdatedAddresses,
  mergeTwins,
  type OutdatedAddress,
  writeCanonicalUrls,
} from '../../lib/store/merge-posts.ts';

/** Posts whose addresses are taken in one transaction. */
const BATCH_POSTS = 200;
/** An address that was made up for an item without one stands for itself. */
const MADE_UP = /#item-[0-9a-f]{16}$/u;

function canonicalOf({ url, canonicalUrl: before }: OutdatedAddress): string {
  if (MADE_UP.test(url)) return before;
  // Where the feed's items differ only by it, the fragment was kept.
  return canonicalUrl(url, before.includes('#'));
}

/** What became of the posts looked at so far. */
export interface CanonicaliseReport {
  posts: number;
  changed: number;
  merged: number;
}

/**
 * Makes the canonical URLs that older rules made anew, and then merges posts that are one by them,
 * each address once. May be ended and begun again at any time.
 */
export async function canonicalisePosts(
  onProgress: (report: CanonicaliseReport) => void = () => {},
): Promise<CanonicaliseReport> {
  const report = { posts: 0, changed: 0, merged: 0 };
  for await (const batch of outdatedPosts()) {
    const rows = batch
      .map((row) => ({ ...row, canonicalUrl: canonicalOf(row), before: row.canonicalUrl }))
      .filter((row) => row.canonicalUrl !== row.before);
    await writeCanonicalUrls(rows);
    report.changed += rows.length;
  }
  for await (const batch of outdatedPosts()) {
    const addresses = [...new Set(batch.map((row) => row.canonicalUrl))];
    const { posts, merged } = await mergeTwins(CANONICAL_VERSION, addresses);
    report.posts += posts;
    report.merged += merged;
    onProgress(report);
  }
  return report;
}

/** Posts whose canonical URLs are of older rules, as they are when their turn comes. */
async function* outdatedPosts(): AsyncGenerator<OutdatedAddress[]> {
  for (let afterId = 0; ; ) {
    const batch = await listOutdatedAddresses(CANONICAL_VERSION, afterId, BATCH_POSTS);
    const last = batch.at(-1);
    if (last === undefined) return;
    yield batch;
    afterId = last.id;
  }
}
