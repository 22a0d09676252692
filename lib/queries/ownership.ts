import { makeToken } from '../alerts/tokens.ts';
import { db } from '../db.ts';
import type { OwnerReport } from '../model/owner-wish.ts';
import { writeUseWish } from '../model/use-wish.ts';
import { getUseWish } from './use-wish.ts';

/** What the publisher of a source can say here, and has said. */
export interface Ownership {
  slug: string;
  title: string;
  feedUrl: string;
  /** Stands in the owner's line. Public: it proves something only in the feed itself. */
  token: string;
  /** By the owner's line; null where there is no wish. */
  display: 'full' | 'excerpt' | 'link' | null;
  delayHours: number | null;
  /** ISO 8601, when a line was last seen; null for never. */
  seenAt: string | null;
  removedAt: string | null;
  /** What of the last line was not understood, or could not be done. */
  report: OwnerReport;
  /** What its server and its robots.txt say of use by robots: fields as `Name: value`. */
  use: string[];
  /** Posts that are gone at their publisher's wish, by lines or tombstones, and the last time. */
  withdrawn: { count: number; last: string | null };
  /** Minutes between the last look and the next one; null before the first. */
  pauseMinutes: number | null;
}

/** What stands on the page for a source's publisher; undefined when there is no such source. */
export async function getOwnership(slug: string): Promise<Ownership | undefined> {
  const feed = await db().feed.findUnique({
    where: { slug },
    select: {
      id: true,
      slug: true,
      url: true,
      title: true,
      titleOverride: true,
      ownerDisplay: true,
      ownerDelayHours: true,
      ownerSeenAt: true,
      ownerRemovedAt: true,
      ownerReport: true,
      checkedAt: true,
      nextCheckAt: true,
    },
  });
  if (feed === null) return undefined;
  const { _count, _max } = await db().post.aggregate({
    where: {
      feedId: feed.id,
      withdrawnBy: 'publisher',
      withdrawnAt: { not: null },
      mergedInto: null,
    },
    _count: true,
    _max: { withdrawnAt: true },
  });
  const { checkedAt, nextCheckAt } = feed;
  const pauseMs = checkedAt === null ? null : nextCheckAt.getTime() - checkedAt.getTime();
  return {
    slug: feed.slug,
    title: feed.titleOverride ?? feed.title,
    feedUrl: feed.url,
    token: makeToken('owner', { id: feed.id, version: 1 }),
    display: feed.ownerDisplay,
    delayHours: feed.ownerDelayHours,
    seenAt: feed.ownerSeenAt?.toISOString() ?? null,
    removedAt: feed.ownerRemovedAt?.toISOString() ?? null,
    report: (feed.ownerReport as OwnerReport | null) ?? { faults: [], unmet: [] },
    use: writeUseWish(await getUseWish(slug)),
    withdrawn: { count: _count, last: _max.withdrawnAt?.toISOString() ?? null },
    pauseMinutes: pauseMs === null ? null : Math.max(1, Math.round(pauseMs / 60_000)),
  };
}
