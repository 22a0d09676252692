import { createHash } from 'node:crypto';
import { dbPool, type Tx } from '../db.ts';
import type { ClaimedPage } from '../model/full-text.ts';
import type { PostDraft } from '../model/post.ts';
import { endTurn, hasFreeSlot, takeTurn, turnValues } from './host-turns.ts';
import type { Placed } from './plan-drafts.ts';
import { siteOf } from './site.ts';

// Which posts' pages are to be read, and how workers share them: like feeds, each takes one with a
// turn at its host, and gives it back with what it found (full-texts.ts).

/** Pages of one document's posts that are new here: an archive is not fetched page by page. */
const NEW_PAGES_MAX = 20;
/**
 * A post is read again whenever its item changes. Some servers make each item new with every
 * answer: from so many readings on, once a day.
 */
const READS_MAX = 3;
/** Longer than reading a page can take, with its robots.txt and the pauses; then another may try. */
const LEASE_SECONDS = 5 * 60;

/** Whether pages of feed `f` may be read: by the operator, and by its publisher, who goes over him. */
export const ALLOWED = `(f.full_text AND f.owner_removed_at IS NULL
  AND greatest(f.display, f.owner_display) = 'full')`;

/** Forgets pages of posts that have their whole text from a feed now. */
export async function forgetFullTexts(tx: Tx, postIds: number[]): Promise<void> {
  if (postIds.length === 0) return;
  await tx.query('DELETE FROM full_texts WHERE post_id = ANY($1)', [postIds]);
}

interface FeedPages {
  url: string;
  siteUrl: string | null;
}

/** Whose page it is: site, or host where sites cannot be told. */
const ownerOf = (url: string) => siteOf(url) || new URL(url).host;

/** Whether a post's address is its publisher's own: link blogs lead to the pages of others. */
function isOwnPage(url: string, feed: FeedPages): boolean {
  if (!URL.canParse(url) || !/^https?:/u.test(url)) return false;
  const own = [feed.url, feed.siteUrl].filter((each) => each !== null && URL.canParse(each));
  return own.some((each) => each !== null && ownerOf(each) === ownerOf(url));
}

const hashOf = ({ url, contentHash, updatedAt }: PostDraft) =>
  createHash('sha256')
    .update(JSON.stringify([url, contentHash, updatedAt]))
    .digest('hex');

const COLUMNS = `post_id int, excerpt_html text, excerpt_text text, excerpt_words int,
  excerpt_hash text, item_hash text, url text, is_own boolean`;

/** Not posts of a flood: those wait for the operator, and are old. */
const QUEUE_SQL = `
  WITH given AS (
    SELECT r.*, x.post_id IS NOT NULL AS is_known, row_number() OVER (
             PARTITION BY x.post_id IS NULL ORDER BY p.sort_at DESC, p.id DESC) AS place
    FROM jsonb_to_recordset($1) AS r (${COLUMNS}) JOIN posts p ON p.id = r.post_id
    LEFT JOIN full_texts x ON x.post_id = p.id
    WHERE p.feed_id = $2 AND p.withdrawn_at IS NULL AND p.flood_id IS NULL)
  INSERT INTO full_texts AS x (post_id, feed_id, excerpt_html, excerpt_text, excerpt_words,
    excerpt_hash, item_hash, url, host, queued_at, state, due_at, reason)
  SELECT post_id, $2, excerpt_html, excerpt_text, excerpt_words, excerpt_hash, item_hash, url,
    host_of(url), $3, CASE WHEN is_own THEN 'waiting' ELSE 'left' END::"FullTextState",
    CASE WHEN is_own THEN $3::timestamptz END, CASE WHEN is_own THEN NULL ELSE 'elsewhere' END
  FROM given WHERE is_known OR place <= ${NEW_PAGES_MAX} ORDER BY post_id
  ON CONFLICT (post_id) DO UPDATE SET
    feed_id = excluded.feed_id, excerpt_html = excluded.excerpt_html,
    excerpt_text = excluded.excerpt_text, excerpt_words = excluded.excerpt_words,
    excerpt_hash = excluded.excerpt_hash, item_hash = excluded.item_hash, url = excluded.url,
    host = excluded.host, queued_at = excluded.queued_at, state = excluded.state,
    reason = excluded.reason, reason_text = NULL, hops = 0, attempts = 0,
    claimed_until = NULL, claim_token = NULL,
    due_at = CASE WHEN x.reads < ${READS_MAX} THEN excluded.due_at
                  ELSE greatest(excluded.due_at, x.read_at + interval '1 day') END
  WHERE x.item_hash <> excluded.item_hash`;

/**
 * Puts the pages of excerpts into the queue, if that is allowed for their feed: of new posts, and
 * of those whose items have changed.
 */
export async function queueFullTexts(
  tx: Tx,
  feedId: number,
  placed: readonly Placed[],
  now: Date,
): Promise<void> {
  const excerpts = new Map(
    placed.flatMap(({ draft, postId }) => (draft.isExcerpt ? [[postId, draft]] : [])),
  );
  if (excerpts.size === 0) return;
  const { rows } = await tx.query<FeedPages>(
    `SELECT url, site_url AS "siteUrl" FROM feeds f WHERE id = $1 AND ${ALLOWED}`,
    [feedId],
  );
  const [feed] = rows;
  const given = JSON.stringify(
    [...excerpts].map(([postId, draft]) => ({
      post_id: postId,
      excerpt_html: draft.bodyHtml,
      excerpt_text: draft.bodyText,
      excerpt_words: draft.wordCount,
      excerpt_hash: draft.contentHash,
      item_hash: hashOf(draft),
      url: draft.url,
      is_own: feed !== undefined && isOwnPage(draft.url, feed),
    })),
  );
  if (feed !== undefined) await tx.query(QUEUE_SQL, [given, feedId, now]);
  // What is still to be put back is put back as it is now.
  else await tx.query(RENEW_SQL, [given]);
}

const RENEW_SQL = `
  UPDATE full_texts x SET excerpt_html = r.excerpt_html, excerpt_text = r.excerpt_text,
    excerpt_words = r.excerpt_words, excerpt_hash = r.excerpt_hash
  FROM jsonb_to_recordset($1) AS r (${COLUMNS}) WHERE x.post_id = r.post_id AND x.is_shown`;

/** Has pages seen to when it changes whether they may be read: shown texts go, where they may not. */
export async function settleFullTexts(tx: Tx, feedId: number): Promise<void> {
  await tx.query(
    `UPDATE full_texts x SET due_at = CASE WHEN NOT ${ALLOWED} THEN now()
       WHEN x.state = 'waiting' THEN coalesce(x.due_at, now()) END
     FROM feeds f WHERE f.id = x.feed_id AND f.id = $1`,
    [feedId],
  );
}

const IS_DUE = `x.state = 'waiting' AND x.due_at <= now()
  AND coalesce(x.claimed_until < now(), true)`;
/**
 * Of an active feed, a post that is shown, and a server that has not asked for rest: the feed's own
 * (which all feeds of its site are told), or that of feeds on the page's host.
 */
const MAY_BE_READ = `f.status = 'active' AND ${ALLOWED} AND p.withdrawn_at IS NULL
  AND coalesce(f.retry_after_until <= now(), true)
  AND NOT EXISTS (SELECT FROM feeds r WHERE r.host = x.host AND r.status = 'active'
                  AND r.retry_after_until > now())`;
const FROM_PAGES = `FROM full_texts x JOIN posts p ON p.id = x.post_id
  JOIN feeds f ON f.id = x.feed_id`;

/** The hosts of pages that are due, and how long until each may be asked, soonest first. */
const HOSTS_SQL = `
  SELECT x.host, greatest(extract(epoch FROM h.free_at - now()) * 1000, 0)::float AS ms
  ${FROM_PAGES} LEFT JOIN hosts h ON h.host = x.host
  WHERE ${IS_DUE} AND ${MAY_BE_READ} AND coalesce(h.rest_until <= now(), true)
  GROUP BY x.host, h.free_at ORDER BY ms, min(x.due_at) LIMIT 20`;

const CLAIM_SQL = `
  WITH host AS MATERIALIZED (
    SELECT host, turns FROM hosts WHERE host = $1 FOR UPDATE SKIP LOCKED
  ), due AS MATERIALIZED (
    SELECT one.post_id AS of_post, host.host AS of_host FROM host CROSS JOIN LATERAL (
      SELECT x.post_id ${FROM_PAGES}
      WHERE x.host = host.host AND ${IS_DUE} AND ${MAY_BE_READ}
      ORDER BY x.due_at, x.post_id LIMIT 1 FOR UPDATE OF x SKIP LOCKED) AS one
    WHERE ${hasFreeSlot(4)}
  ), ${takeTurn(4)}, claimed AS (
    UPDATE full_texts x SET claimed_until = now() + make_interval(secs => $2), claim_token = $3,
      attempts = attempts + 1
    FROM due, posts p WHERE x.post_id = of_post AND p.id = of_post
    RETURNING x.post_id AS "postId", x.feed_id AS "feedId", x.url, x.host, x.hops, x.attempts,
      x.claim_token AS "claimToken", p.title, x.excerpt_text AS text)
  SELECT turn.until AS "turnUntil", claimed.* FROM turn JOIN claimed ON true`;

/** A host may have been taken by another worker just now: looked at again after this. */
const TAKEN_MS = 250;

/** A page to be read, or how long until there may be one; undefined when none is due. */
export type NextPage = { page: ClaimedPage } | { ms: number } | undefined;

/**
 * Takes the page that has been due for longest, of those whose host may be asked, with a turn at
 * it, for this worker alone.
 */
export async function claimPage(): Promise<NextPage> {
  const { rows: hosts } = await dbPool().query<{ host: string; ms: number }>(HOSTS_SQL);
  for (const { host, ms } of hosts) {
    if (ms > 0) break;
    // Feeds may be elsewhere, and hosts without feeds are forgotten.
    await dbPool().query('INSERT INTO hosts (host) VALUES ($1) ON CONFLICT DO NOTHING', [host]);
    const values = [host, LEASE_SECONDS, crypto.randomUUID(), ...turnValues()];
    const { rows } = await dbPool().query(CLAIM_SQL, values);
    if (rows[0] === undefined) continue;
    const { title, text, ...page } = rows[0];
    return { page: { ...page, post: { title, text } } };
  }
  return hosts[0] && { ms: hosts.find(({ ms }) => ms > 0)?.ms ?? TAKEN_MS };
}

/** Gives a page back untouched: the reading was called off. */
export async function releasePage(page: ClaimedPage): Promise<void> {
  await endTurn(page);
  await dbPool().query(
    `UPDATE full_texts SET claimed_until = NULL, claim_token = NULL, attempts = attempts - 1
     WHERE post_id = $1 AND claim_token = $2`,
    [page.postId, page.claimToken],
  );
}
