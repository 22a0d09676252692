import type { Tx } from '../db.ts';
import type { ClaimedFeed } from '../model/feed.ts';
import { siteOf } from './site.ts';

// Rests that a server asked for (Retry-After) hold for all feeds of its site, those that are
// polled now and those that come to it while it rests.

/**
 * Lets the other feeds of a polled feed's site rest as long. Where a redirect led to another site,
 * that is between the two: neither may make the other's feeds rest.
 */
export async function restWithFeed(
  tx: Tx,
  feed: ClaimedFeed,
  { until, askedBy = feed.url }: { until: Date; askedBy?: string | undefined },
): Promise<void> {
  if (siteOf(askedBy) === siteOf(feed.url)) await restSite(tx, feed.url, until, feed.id);
}

/**
 * Lets every feed of the site of an address rest: its server asked. Rows that another worker is
 * finishing are left out: that one has been asked the same, and two that waited for each other
 * would stand still.
 * @param exceptId the feed that was asked, which is written anyway.
 */
export async function restSite(tx: Tx, url: string, until: Date, exceptId = 0): Promise<void> {
  await tx.query(
    `UPDATE feeds SET retry_after_until = greatest(retry_after_until, $3),
       check_reason = CASE WHEN next_check_at < $3 THEN 'retry-after' ELSE check_reason END,
       next_check_at = greatest(next_check_at, $3)
     WHERE id IN (SELECT id FROM feeds WHERE site = $2 AND site <> '' AND id <> $1
                  FOR NO KEY UPDATE SKIP LOCKED)`,
    [exceptId, siteOf(url), until],
  );
}

/**
 * Until when a site rests, as SQL; null when it does not.
 * @param site what siteOf gave, as SQL.
 */
export const restOfSite = (site: string) => `
  (SELECT max(of_site.retry_after_until) FROM feeds of_site
   WHERE of_site.site = ${site} AND ${site} <> '' AND of_site.retry_after_until > now())`;
