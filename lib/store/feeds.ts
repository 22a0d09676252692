import { randomUUID } from 'node:crypto';
import { everythingTag, sourcesTag, sourceTag } from '../cache-tags.ts';
import { dbPool, type Tx, transaction } from '../db.ts';
import type { ClaimedFeed, Validators } from '../model/feed.ts';
import { slugOf } from '../model/slug.ts';
import { writeCacheEvents } from './cache-events.ts';

/** Longer than a poll can take, queueing for its host included; then another worker may try. */
export const LEASE_SECONDS = 10 * 60;

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

/** Adds feeds; one that is there already stays as it is. Results in the order given. */
export async function addFeeds(feeds: NewFeed[]): Promise<AddedFeed[]> {
  return transaction(async (tx) => {
    const added: AddedFeed[] = [];
    for (const feed of feeds) {
      const title = feed.title ?? new URL(feed.url).host;
      const slug = await freeSlug(tx, slugOf(title));
      const { rows } = await tx.query<{ id: number }>(
        `INSERT INTO feeds (url, slug, title, feed_tags) VALUES ($1, $2, $3, $4)
         ON CONFLICT (url) DO NOTHING RETURNING id`,
        [feed.url, slug, title, feed.tags ?? []],
      );
      const known = rows[0] ?? (await findFeedByUrl(feed.url, tx));
      if (known === undefined) throw new Error(`feed ${feed.url} is neither new nor known`);
      added.push({ id: known.id, url: feed.url, isNew: rows.length > 0 });
    }
    if (added.some((feed) => feed.isNew)) await writeCacheEvents(tx, [sourcesTag()]);
    return added;
  });
}

/** `base`, or `base-2` and so on when that is another source's address. */
async function freeSlug(tx: Tx, base: string, ownId = 0): Promise<string> {
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

const CLAIMED_COLUMNS = `
  id, url, slug, title, claim_token AS "claimToken", etag, last_modified AS "lastModified",
  body_hash AS "bodyHash", feed_tags AS "feedTags", language, first_good_at AS "firstGoodAt",
  last_good_at AS "lastGoodAt", error_count AS "errorCount",
  retry_after_until AS "retryAfterUntil", error_kind AS "errorKind",
  error_since AS "errorSince"`;

type ClaimedRow = Omit<ClaimedFeed, 'validators'> & {
  etag: string | null;
  lastModified: string | null;
};

function toClaimed({ etag, lastModified, ...feed }: ClaimedRow): ClaimedFeed {
  const validators: Validators = {
    ...(etag === null ? {} : { etag }),
    ...(lastModified === null ? {} : { lastModified }),
  };
  return { ...feed, validators };
}

/**
 * Takes up to `limit` due feeds for this worker alone. Any number of workers may ask at once:
 * locked rows are skipped, and the lease outlives the transaction.
 */
export async function claimDueFeeds(limit: number): Promise<ClaimedFeed[]> {
  const { rows } = await dbPool().query<ClaimedRow>(
    `UPDATE feeds SET claimed_until = now() + make_interval(secs => $2), claim_token = $3
     WHERE id IN (
       SELECT id FROM feeds
       WHERE status = 'active' AND next_check_at <= now()
         AND (claimed_until IS NULL OR claimed_until < now())
       ORDER BY next_check_at LIMIT $1 FOR UPDATE SKIP LOCKED)
     RETURNING ${CLAIMED_COLUMNS}`,
    [limit, LEASE_SECONDS, randomUUID()],
  );
  return rows.map(toClaimed);
}

/**
 * Takes one feed whatever its next check time says.
 * @returns undefined while another worker holds it.
 */
export async function claimFeed(id: number): Promise<ClaimedFeed | undefined> {
  const { rows } = await dbPool().query<ClaimedRow>(
    `UPDATE feeds SET claimed_until = now() + make_interval(secs => $2), claim_token = $3
     WHERE id = $1 AND (claimed_until IS NULL OR claimed_until < now())
     RETURNING ${CLAIMED_COLUMNS}`,
    [id, LEASE_SECONDS, randomUUID()],
  );
  return rows.map(toClaimed)[0];
}

/** What a poll found out about its feed; unnamed fields stay as they are. */
export interface PollRecord {
  nextCheckAt: Date;
  status?: 'gone';
  validators?: Validators;
  bodyHash?: string;
  retryAfterUntil?: Date;
  /** The feed answered well, also with "not modified". */
  isGood: boolean;
  /** It brought new or changed posts. */
  hasChanged?: boolean;
  error?: { kind: string; text: string };
  channel?: {
    title: string;
    link?: string | undefined;
    description?: string | undefined;
    language?: string | undefined;
  };
  /** The feed's new address (a permanent redirect). */
  movedTo?: string;
}

/**
 * Ends a claim with what the poll found.
 * @returns false when the lease had run out and another worker has the feed: nothing is written.
 */
export async function finishPoll(feed: ClaimedFeed, record: PollRecord): Promise<boolean> {
  return transaction(async (tx) => {
    const { rows } = await tx.query<{ slug: string; title: string }>(
      'SELECT slug, title FROM feeds WHERE id = $1 AND claim_token = $2 FOR UPDATE',
      [feed.id, feed.claimToken],
    );
    const current = rows[0];
    if (current === undefined) return false;
    // The address is made from the title once, at the first good poll, and then stays.
    const isFirst = feed.firstGoodAt === null && record.isGood && record.channel !== undefined;
    const slug = isFirst
      ? await freeSlug(tx, slugOf(record.channel?.title ?? ''), feed.id)
      : current.slug;
    await tx.query(FINISH_SQL, finishValues(feed, record, slug));
    const isRenamed = record.channel !== undefined && record.channel.title !== current.title;
    const isNews = isFirst || isRenamed || record.error !== undefined || feed.errorCount > 0;
    if (isNews) await writeCacheEvents(tx, [sourcesTag(), sourceTag(slug)]);
    return true;
  });
}

const FINISH_SQL = `
  UPDATE feeds SET
    claimed_until = NULL, claim_token = NULL, checked_at = now(), next_check_at = $2,
    status = coalesce($3::"FeedStatus", status),
    etag = CASE WHEN $4 THEN $5 ELSE etag END,
    last_modified = CASE WHEN $4 THEN $6 ELSE last_modified END,
    body_hash = coalesce($7, body_hash),
    retry_after_until = $8,
    first_good_at = CASE WHEN $9 THEN coalesce(first_good_at, now()) ELSE first_good_at END,
    last_good_at = CASE WHEN $9 THEN now() ELSE last_good_at END,
    changed_at = CASE WHEN $10 THEN now() ELSE changed_at END,
    error_count = CASE WHEN $9 THEN 0 WHEN $11::text IS NULL THEN error_count
                       ELSE error_count + 1 END,
    error_since = CASE WHEN $9 THEN NULL WHEN $11 IS NULL THEN error_since
                       ELSE coalesce(error_since, now()) END,
    error_kind = CASE WHEN $9 THEN NULL ELSE coalesce($11, error_kind) END,
    error_text = CASE WHEN $9 THEN NULL ELSE coalesce($12, error_text) END,
    title = coalesce($13, title), site_url = coalesce($14, site_url),
    description = coalesce($15, description), language = coalesce($16, language),
    slug = $17,
    url = CASE WHEN $18::text IS NULL OR EXISTS (SELECT FROM feeds o WHERE o.url = $18)
               THEN url ELSE $18 END
  WHERE id = $1`;

function finishValues(feed: ClaimedFeed, record: PollRecord, slug: string): unknown[] {
  return [
    feed.id,
    record.nextCheckAt,
    record.status ?? null,
    record.validators !== undefined,
    record.validators?.etag ?? null,
    record.validators?.lastModified ?? null,
    record.bodyHash ?? null,
    record.retryAfterUntil ?? null,
    record.isGood,
    record.hasChanged ?? false,
    record.error?.kind ?? null,
    record.error?.text ?? null,
    record.channel?.title ?? null,
    record.channel?.link ?? null,
    record.channel?.description ?? null,
    record.channel?.language ?? null,
    slug,
    record.movedTo ?? null,
  ];
}

/** Gives a claim back untouched: the poll was called off. */
export async function releaseFeed(feed: ClaimedFeed): Promise<void> {
  await dbPool().query(
    `UPDATE feeds SET claimed_until = NULL, claim_token = NULL WHERE id = $1 AND claim_token = $2`,
    [feed.id, feed.claimToken],
  );
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
  feedTags: string[];
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
}

const FEED_COLUMNS = `
  id, url, slug, title, title_override AS "titleOverride", site_url AS "siteUrl", status, display,
  feed_tags AS "feedTags", checked_at AS "checkedAt", next_check_at AS "nextCheckAt",
  changed_at AS "changedAt", first_good_at AS "firstGoodAt", last_good_at AS "lastGoodAt",
  retry_after_until AS "retryAfterUntil", error_count AS "errorCount",
  error_kind AS "errorKind", error_text AS "errorText", error_since AS "errorSince"`;

/** Every feed, by name. */
export async function listFeeds(): Promise<FeedRow[]> {
  const { rows } = await dbPool().query<FeedRow>(
    `SELECT ${FEED_COLUMNS} FROM feeds ORDER BY lower(coalesce(title_override, title)), id`,
  );
  return rows;
}

/** The feed with this address, exactly as stored. */
export async function findFeedByUrl(url: string, tx?: Tx): Promise<FeedRow | undefined> {
  const { rows } = await (tx ?? dbPool()).query<FeedRow>(
    `SELECT ${FEED_COLUMNS} FROM feeds WHERE url = $1`,
    [url],
  );
  return rows[0];
}

/** What the operator may set on a feed. */
export interface FeedSettings {
  status?: 'active' | 'paused';
  display?: 'full' | 'excerpt' | 'link';
  title?: string | null;
  feedTags?: string[];
  /** Check it at the next tick. */
  pollNow?: boolean;
}

/** Changes a feed's settings. @returns false when there is no such feed. */
export async function setFeed(id: number, settings: FeedSettings): Promise<boolean> {
  return transaction(async (tx) => {
    const { rows } = await tx.query<{ slug: string }>(
      `UPDATE feeds SET
         status = coalesce($2::"FeedStatus", status),
         display = coalesce($3::"FeedDisplay", display),
         title_override = CASE WHEN $4 THEN $5 ELSE title_override END,
         feed_tags = coalesce($6::text[], feed_tags),
         next_check_at = CASE WHEN $7 THEN now() ELSE next_check_at END
       WHERE id = $1 RETURNING slug`,
      [
        id,
        settings.status ?? null,
        settings.display ?? null,
        settings.title !== undefined,
        settings.title ?? null,
        settings.feedTags ?? null,
        settings.pollNow ?? settings.status === 'active',
      ],
    );
    const slug = rows[0]?.slug;
    if (slug === undefined) return false;
    await writeCacheEvents(tx, [sourcesTag(), sourceTag(slug), everythingTag()]);
    return true;
  });
}

/**
 * Removes a feed with all posts that no other feed carried.
 * @returns the ids of the posts that went with it, to be taken out of the search index;
 *   undefined when there is no such feed.
 */
export async function removeFeed(id: number): Promise<number[] | undefined> {
  return transaction(async (tx) => {
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
    return gone.rows.map((row) => row.id);
  });
}
