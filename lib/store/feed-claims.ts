import { randomUUID } from 'node:crypto';
import { sourcesTag, sourceTag } from '../cache-tags.ts';
import { dbPool, transaction } from '../db.ts';
import type { ClaimedFeed, Validators } from '../model/feed.ts';
import { slugOf } from '../model/slug.ts';
import { writeCacheEvents } from './cache-events.ts';
import { freeSlug } from './feeds.ts';
import { endTurn, hasFreeSlot, settleHost, takeTurn, turnValues } from './host-turns.ts';
import { siteOf } from './site.ts';

// How workers share the feeds: each claims one, polls it, and gives it back with what it found
// (finish-poll.ts).

/** Longer than a poll can take; then another worker may try. */
export const LEASE_SECONDS = 10 * 60;

const CLAIMED_COLUMNS = `
  id, url, host, slug, title, claim_token AS "claimToken", etag, last_modified AS "lastModified",
  body_hash AS "bodyHash", feed_tags AS "feedTags", language, first_good_at AS "firstGoodAt",
  last_good_at AS "lastGoodAt", error_count AS "errorCount",
  retry_after_until AS "retryAfterUntil", error_kind AS "errorKind",
  error_since AS "errorSince", gone_since AS "goneSince", fresh_seconds AS "freshSeconds", hints, rhythm_minutes AS "rhythmMinutes",
  newest_at AS "newestAt", full_check_at AS "fullCheckAt", moved_to AS "movedTo",
  moved_since AS "movedSince", divides_guids AS "dividesGuids",
  owner_delay_hours AS "ownerDelayHours", next_check_at AS "nextCheckAt",
  (SELECT json_build_array(w.lease_until, w.pushed_at, w.missed_at) FROM websub_subscriptions w
   WHERE w.feed_id = feeds.id AND w.status = 'active') AS push`;

type ClaimedRow = Omit<ClaimedFeed, 'validators' | 'push'> & {
  etag: string | null;
  lastModified: string | null;
  push: [string | null, string | null, string | null] | null;
};

const toDate = (text: string | null) => (text === null ? null : new Date(text));

function toClaimed({ etag, lastModified, push: times, ...feed }: ClaimedRow): ClaimedFeed {
  const validators: Validators = {
    ...(etag === null ? {} : { etag }),
    ...(lastModified === null ? {} : { lastModified }),
  };
  const [leaseUntil = null, pushedAt = null, missedAt = null] = (times ?? []).map(toDate);
  return { ...feed, validators, push: times && { leaseUntil, pushedAt, missedAt } };
}

/**
 * A claim as one statement: locks a host, takes a feed of it that is free, and a turn. The host's
 * row is held when the feed is looked for, and whoever else holds a feed's row may wait for its
 * host's: so feeds that are locked are passed over.
 * Prepared, for planning it takes longer than running it.
 * @param host which: a query of hosts, locking.
 * @param feed which of its feeds: a condition, and an order.
 */
const claim = (name: string, host: string, feed: { where: string; order?: string }) => ({
  name,
  text: `
  WITH host AS MATERIALIZED (${host}), due AS MATERIALIZED (
    SELECT f.id AS feed_id, host.host AS of_host FROM host CROSS JOIN LATERAL (
      SELECT id FROM feeds
      WHERE ${feed.where} AND feeds.host = host.host
        AND (claimed_until IS NULL OR claimed_until < now())
      ${feed.order ?? ''} LIMIT 1 FOR UPDATE SKIP LOCKED) AS f
    WHERE ${hasFreeSlot(4)}
  ), ${takeTurn(4)}, claimed AS (
    UPDATE feeds SET claimed_until = now() + make_interval(secs => $2), claim_token = $3
    FROM due WHERE id = feed_id RETURNING ${CLAIMED_COLUMNS}
  )
  SELECT host.host AS "lookedAt", turn.until AS "turnUntil", claimed.*
  FROM host LEFT JOIN (turn JOIN claimed ON true) ON true`,
});

/** What a claim found: the host that it looked at, and the feed, if one was free. */
async function look(
  query: ReturnType<typeof claim>,
  what: number | string[],
): Promise<{ host: string; feed?: ClaimedFeed } | undefined> {
  const values = [what, LEASE_SECONDS, randomUUID(), ...turnValues()];
  const { rows } = await dbPool().query<ClaimedRow & { lookedAt: string }>({ ...query, values });
  const [row] = rows;
  if (row === undefined) return undefined;
  const { lookedAt: host, ...claimed } = row;
  return claimed.id === null ? { host } : { host, feed: toClaimed(claimed) };
}

const CLAIM_DUE = claim(
  'claim-due-feed',
  `SELECT host, turns FROM hosts WHERE ready_at <= now() AND host <> ALL($1::text[])
   ORDER BY ready_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
  { where: `status = 'active' AND next_check_at <= now()`, order: 'ORDER BY next_check_at' },
);

/**
 * Takes the feed that could have been asked for longest, with a turn at its host, for this worker
 * alone: hosts whose turns are taken or that rest are passed over, and of a host that is free the
 * feed is taken that has been due for longest. Any number of workers may ask at once: locked rows
 * are skipped, and the lease outlives the transaction.
 * @returns undefined when there is none now; msUntilDueTurn says when there will be.
 */
export async function claimDueFeed(): Promise<ClaimedFeed | undefined> {
  const idle: string[] = [];
  for (;;) {
    const looked = await look(CLAIM_DUE, idle);
    if (looked === undefined || looked.feed) return looked?.feed;
    // It stood too early in the queue: its feeds have been put off, paused or removed.
    await settleHost(looked.host);
    idle.push(looked.host);
  }
}

const CLAIM_ONE = claim(
  'claim-feed',
  'SELECT host, turns FROM hosts WHERE host = (SELECT host FROM feeds WHERE id = $1) FOR UPDATE',
  { where: 'id = $1 AND coalesce(retry_after_until <= now(), true)' },
);

/**
 * Takes one feed, with a turn at its host, whatever its next check time says.
 * @returns undefined while another worker holds it, and while its host may not be asked;
 *   whyUnclaimed tells which.
 */
export async function claimFeed(id: number): Promise<ClaimedFeed | undefined> {
  return (await look(CLAIM_ONE, id))?.feed;
}

/**
 * Gives a source the address that it keeps, made from its title, before its first posts are
 * saved: their authors, caches and search documents name it.
 * @returns the slug; undefined when the lease had run out and another worker has the feed.
 */
export async function nameFeed(feed: ClaimedFeed, title: string): Promise<string | undefined> {
  return transaction(async (tx) => {
    const slug = await freeSlug(tx, slugOf(title), feed.id);
    const { rowCount } = await tx.query(
      'UPDATE feeds SET slug = $3, title = $4 WHERE id = $1 AND claim_token = $2',
      [feed.id, feed.claimToken, slug, title],
    );
    if (rowCount === 0) return undefined;
    await writeCacheEvents(tx, [sourcesTag(), sourceTag(slug)]);
    return slug;
  });
}

/**
 * Gives a claimed feed another address: the row was added with that of a page, and this is the
 * page's feed.
 * @returns false when another row has that address, or another worker has the feed.
 */
export async function moveFeed(feed: ClaimedFeed, url: string): Promise<boolean> {
  try {
    const { rowCount } = await dbPool().query(
      `UPDATE feeds SET url = $3, site = $4, choices = NULL
       WHERE id = $1 AND claim_token = $2 AND NOT EXISTS (SELECT FROM feeds WHERE url = $3)`,
      [feed.id, feed.claimToken, url, siteOf(url)],
    );
    return rowCount === 1;
  } catch (error) {
    // Two pages of one site, looked into at the same moment.
    if ((error as { code?: string }).code === UNIQUE_VIOLATION) return false;
    throw error;
  }
}

const UNIQUE_VIOLATION = '23505';

/** Gives a claim back untouched: the poll was called off. */
export async function releaseFeed(feed: ClaimedFeed): Promise<void> {
  await endTurn(feed);
  await dbPool().query(
    `UPDATE feeds SET claimed_until = NULL, claim_token = NULL WHERE id = $1 AND claim_token = $2`,
    [feed.id, feed.claimToken],
  );
}
