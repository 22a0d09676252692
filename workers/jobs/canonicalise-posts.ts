import { CANONICAL_VERSION, canonicalUrl } from '../../lib/ingest/canonical-url.ts';
import {
  listOutdatedAddresses,
  type OutdatedAddress,
  writeCanonicalUrls,
} from '../../lib/store/merge-posts.ts';

/** Posts in one transaction. */
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
 * Makes the canonical URLs that older rules made anew, and merges posts that are one by them. May
 * be ended and begun again at any time.
 */
export async function canonicalisePosts(
  onProgress: (report: CanonicaliseReport) => void = () => {},
): Promise<CanonicaliseReport> {
  const report = { posts: 0, changed: 0, merged: 0 };
  for (let afterId = 0; ; ) {
    const batch = await listOutdatedAddresses(CANONICAL_VERSION, afterId, BATCH_POSTS);
    const last = batch.at(-1);
    if (last === undefined) return report;
    const rows = batch.map((row) => ({ ...row, canonicalUrl: canonicalOf(row) }));
    report.merged += await writeCanonicalUrls(CANONICAL_VERSION, rows);
    report.posts += batch.length;
    report.changed += rows.filter((row, i) => row.canonicalUrl !== batch[i]?.canonicalUrl).length;
    afterId = last.id;
    onProgress(report);
  }
}
