import { everythingTag, sourcesTag, sourceTag } from '../cache-tags.ts';
import { db, type Tx, transaction } from '../db.ts';
import { slugOf } from '../model/slug.ts';
import { writeCacheEvents } from './cache-events.ts';
import { settleFullTexts } from './full-text-queue.ts';
import { putBack } from './full-texts.ts';
import { enqueue } from './jobs.ts';
import { PAIRED } from './locks.ts';
import { endNotices } from './notices.ts';
import { queueRetags } from './retags.ts';
import { siteOf } from './site.ts';
import { restOfSite } from './site-rests.ts';
import { endSubscription, settleSubscription } from './websub.ts';

export interface NewFeed {
  /** Absolute and allowed by the fetch guard: the caller has checked. */
  url: string;
  /** The operator's own name for it. */
  title?: string;
  /** Tags that all its posts get. */
  tags?: string[];
}

export interface AddedFeed {
  id: number;
  url: string;
  isNew: boolean;
}

/** A long list is polled over this time, not at once: publishers share hosts, and we a line. */
const SPREAD_SECONDS_PER_FEED = 2;
/** A list of up to so many is polled right away. */
const UNSPREAD_FEEDS_MAX = 50;

/** Seconds over which the first polls of a list of so many feeds are spread. */
export const spreadSeconds = (feeds: number) =>
  feeds > UNSPREAD_FEEDS_MAX ? feeds * SPREAD_SECONDS_PER_FEED : 0;

/**
 * Adds feeds; one that is there already stays as it is, and one whose site rests waits for that. The first polls of a long list are spread
 * over spreadSeconds. Results in the order given.
 * @param onAdded told of each as it goes in; all are stored when the promise resolves.
 */
export async function addFeeds(
  feeds: NewFeed[],
  onAdded?: (feed: AddedFeed) => void,
): Promise<AddedFeed[]> {
  const spread = spreadSeconds(feeds.length) / Math.max(1, feeds.length);
  return transaction(async (tx) => {
    const added: AddedFeed[] = [];
    for (const [i, feed] of feeds.entries()) {
      const title = feed.title ?? new URL(feed.url).host;
      const slug = await freeSlug(tx, slugOf(title));
      const { rows } = await tx.query<{ id: number; isNew: boolean }>(
        `WITH added AS (
           INSERT INTO feeds (url, slug, title, feed_tags, site, next_check_at,
                              retry_after_until, check_reason)
           SELECT $1, $2, $3, $4, $5, greatest(now() + make_interval(secs => $6), rest),
                  rest, CASE WHEN rest IS NOT NULL THEN 'retry-after' END
           FROM (SELECT ${restOfSite('$5')} AS rest) AS site
           ON CONFLICT (url) DO NOTHING RETURNING id)
         SELECT id, true AS "isNew" FROM added
         UNION ALL SELECT id, false FROM feeds WHERE url = $1`,
        [feed.url, slug, title, feed.tags ?? [], siteOf(feed.url), i * spread],
      );
      const [known] = rows;
      if (known === undefined) throw new Error(`feed ${feed.url} is neither new nor known`);
      const one = { id: known.id, url: feed.url, isNew: known.isNew };
      added.push(one);
      onAdded?.(one);
    }
    if (added.some((feed) => feed.isNew)) await writeCacheEvents(tx, [sourcesTag()]);
    return added;
  });
}

/** `base`, or `base-2` and so on when that is another source's address. */
export async function freeSlug(tx: Tx, base: string, ownId = 0): Promise<string> {
  // Two feeds of one name may be added or first polled at once.
  await tx.query('SELECT pg_advisory_xact_lock($1, 0)', [PAIRED.slugs]);
  const { rows } = await tx.query<{ slug: string }>(
    `SELECT slug FROM feeds WHERE (slug = $1 OR slug LIKE $1 || '-%') AND id <> $2`,
    [base, ownId],
  );
  const taken = new Set(rows.map((row) => row.slug));
  for (let number = 1; ; number++) {
    const slug = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(slug)) return slug;
  }
}

export interface FeedRow {
  id: number;
  url: string;
  slug: string;
  title: string;
  titleOverride: string | null;
  siteUrl: string | null;
  status: 'active' | 'paused' | 'gone';
  display: 'full' | 'excerpt' | 'link';
  /** The operator allows to read the pages of its new posts for their full text. */
  fullText: boolean;
  feedTags: string[];
  /** WebSub hubs that it names. */
  hubs: string[];
  checkedAt: Date | null;
  nextCheckAt: Date;
  changedAt: Date | null;
  firstGoodAt: Date | null;
  lastGoodAt: Date | null;
  retryAfterUntil: Date | null;
  errorCount: number;
  errorKind: string | null;
  errorText: string | null;
  errorSince: Date | null;
  /** What its publisher has asked for by a line in the feed. */
  ownerDisplay: 'full' | 'excerpt' | 'link' | null;
  ownerDelayHours: number | null;
  ownerSeenAt: Date | null;
  ownerRemovedAt: Date | null;
}

const FEED_COLUMNS = {
  id: true,
  url: true,
  slug: true,
  title: true,
  titleOverride: true,
  siteUrl: true,
  status: true,
  display: true,
  fullText: true,
  feedTags: true,
  hubs: true,
  checkedAt: true,
  nextCheckAt: true,
  changedAt: true,
  firstGoodAt: true,
  lastGoodAt: true,
  retryAfterUntil: true,
  errorCount: true,
  errorKind: true,
  errorText: true,
  errorSince: true,
  ownerDisplay: true,
  ownerDelayHours: true,
  ownerSeenAt: true,
  ownerRemovedAt: true,
} as const satisfies Record<keyof FeedRow, true>;

const nameOf = (feed: FeedRow) => (feed.titleOverride ?? feed.title).toLowerCase();

/** Every feed, by name. */
export async function listFeeds(): Promise<FeedRow[]> {
  const feeds = await db().feed.findMany({ select: FEED_COLUMNS, orderBy: { id: 'asc' } });
  return feeds.sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
}

/** How many feeds are polled: neither paused nor gone. */
export function countPolledFeeds(): Promise<number> {
  return db().feed.count({ where: { status: 'active' } });
}

/** The feed with this address, exactly as stored. */
export async function findFeedByUrl(url: string): Promise<FeedRow | undefined> {
  const feed = await db().feed.findUnique({ where: { url }, select: FEED_COLUMNS });
  return feed ?? undefined;
}

/** What the operator may set on a feed. */
export interface FeedSettings {
  status?: 'active' | 'paused';
  display?: 'full' | 'excerpt' | 'link';
  fullText?: boolean;
  title?: string | null;
  feedTags?: string[];
  /** Its publisher, who had taken it out, has agreed to have it back. */
  ownerAgreed?: boolean;
  /** Check it at the next tick, or as soon as its server's Retry-After allows. */
  pollNow?: boolean;
}

/**
 * Changes a feed's settings; its posts follow when its tags change. One that its publisher has taken
 * out stays out, unless that one agreed.
 * @returns false when there is no such feed, or it stays out.
 */
export async function setFeed(id: number, settings: FeedSettings): Promise<boolean> {
  return transaction(async (tx) => {
    const { rows } = await tx.query<{ slug: string }>(
      `UPDATE feeds SET
         status = coalesce($2::"FeedStatus", status),
         display = coalesce($3::"FeedDisplay", display),
         title_override = CASE WHEN $4 THEN $5 ELSE title_override END,
         feed_tags = coalesce($6::text[], feed_tags),
         next_check_at = CASE WHEN $7 THEN greatest(now(), retry_after_until)
                              ELSE next_check_at END,
         owner_removed_at = CASE WHEN $8 THEN NULL ELSE owner_removed_at END,
         gone_since = CASE WHEN $2 = 'active' THEN NULL ELSE gone_since END,
         full_text = coalesce($9, full_text)
       WHERE id = $1 AND ($2 IS DISTINCT FROM 'active' OR owner_removed_at IS NULL OR $8)
       RETURNING slug`,
      [
        id,
        settings.status ?? null,
        settings.display ?? null,
        settings.title !== undefined,
        settings.title ?? null,
        settings.feedTags ?? null,
        settings.pollNow ?? settings.status === 'active',
        settings.ownerAgreed ?? false,
        settings.fullText ?? null,
      ],
    );
    const slug = rows[0]?.slug;
    if (slug === undefined) return false;
    if (settings.status !== undefined) {
      // The operator has seen to it.
      await endNotices(tx, id, ['failing', 'gone']);
      await settleSubscription(tx, id, new Date());
    }
    if (settings.feedTags !== undefined) {
      const sql = 'SELECT post_id FROM post_sources WHERE feed_id = $1';
      await queueRetags(tx, 'anew', { sql, values: [id] });
    }
    if (settings.fullText !== undefined || settings.display !== undefined) {
      await settleFullTexts(tx, id);
    }
    await writeCacheEvents(tx, [sourcesTag(), sourceTag(slug), everythingTag()]);
    return true;
  });
}

/** Posts that stay with another feed have no more of this one's pages. */
async function putBackShared(tx: Tx, feedId: number): Promise<void> {
  const { rows } = await tx.query<{ id: number }>(
    `SELECT x.post_id AS id FROM full_texts x WHERE x.feed_id = $1 AND x.is_shown AND EXISTS (
       SELECT FROM post_sources s WHERE s.post_id = x.post_id AND s.feed_id <> $1)`,
    [feedId],
  );
  await putBack(
    tx,
    rows.map(({ id }) => id),
    new Date(),
  );
}

/**
 * Removes a feed with all posts that no other feed carried.
 * @returns the ids of the posts that went with it, to be taken out of the search index;
 *   undefined when there is no such feed.
 */
export async function removeFeed(id: number): Promise<number[] | undefined> {
  return transaction(async (tx) => {
    await tx.query('SELECT FROM feeds WHERE id = $1 FOR UPDATE', [id]);
    await endSubscription(tx, id, new Date());
    await putBackShared(tx, id);
    // A post that another feed carried as well goes over to that feed.
    await tx.query(
      `UPDATE posts p SET feed_id = other.feed_id, changed_at = now(), indexed_at = NULL
       FROM (SELECT DISTINCT ON (post_id) post_id, feed_id FROM post_sources
             WHERE feed_id <> $1 ORDER BY post_id, first_seen_at) AS other
       WHERE p.feed_id = $1 AND other.post_id = p.id`,
      [id],
    );
    const gone = await tx.query<{ id: number }>('SELECT id FROM posts WHERE feed_id = $1', [id]);
    const { rowCount } = await tx.query('DELETE FROM feeds WHERE id = $1', [id]);
    if (rowCount === 0) return undefined;
    await writeCacheEvents(tx, [everythingTag()]);
    await enqueue(tx, 'index-posts');
    return gone.rows.map((row) => row.id);
  });
}
