import { config } from '../config.ts';
import { type Tx, transaction } from '../db.ts';
import { INSTANT_MAILS_PER_DAY_MAX } from '../model/alert.ts';
import { countBatch } from './alert-counts.ts';
import { nextDigest } from './digest-times.ts';
import { enqueue } from './jobs.ts';
import { type FilteredOut, findPolicies } from './match-policies.ts';
import { writeEvents } from './webhook-events.ts';

// Posts with matched_at null are the queue. A batch is matched and its mails are written in one
// transaction, so that a post is matched with all alerts or with none.

/** Posts matched in one transaction. */
const BATCH_POSTS = 50;
/** A batch ends after the post that brings it to so many, so that it stays small in memory and time. */
const MATCHES_AT_ONCE = 20_000;

interface WaitingPost {
  id: number;
  words: string;
  /** And the empty one, of alerts without an anchor. */
  lexemes: string[];
  createdAt: Date;
}

/** What one batch came to. */
export interface MatchedBatch {
  posts: number;
  matches: number;
  mails: number;
  /** Events for webhooks. */
  events: number;
  filtered: FilteredOut;
}

/**
 * Other names of its tags (tag_aliases) count as they are at this moment, so no alert for one has
 * to follow what is done to tags; and words of alerts that are other forms of its own. A tsvector
 * ends at 1 MB: one that may be full takes no more.
 */
const WITH_OTHERS = `
  SELECT coalesce(p.words, '') || CASE WHEN octet_length(p.words::text) < 1000000
    THEN array_to_tsvector(ARRAY(
      SELECT '¶tag:' || a.slug FROM post_tags pt
      JOIN tags t ON t.id = pt.tag_id AND NOT t.hidden JOIN tag_aliases a ON a.tag_id = t.id
      WHERE pt.post_id = p.id)) || other_words(p.words, p.language)
    ELSE '' END AS whole`;

async function claimPosts(tx: Tx, waits: boolean): Promise<WaitingPost[]> {
  const { rows } = await tx.query<WaitingPost>(
    `SELECT p.id, words.whole::text AS words, array_append(tsvector_to_array(words.whole), '') AS lexemes,
            p.created_at AS "createdAt"
     FROM (SELECT * FROM posts WHERE matched_at IS NULL ORDER BY id LIMIT $1
           FOR NO KEY UPDATE ${waits ? '' : 'SKIP LOCKED'}) AS p,
          LATERAL (${WITH_OTHERS}) AS words
     ORDER BY p.id`,
    [BATCH_POSTS],
  );
  return rows;
}

/**
 * Alerts are found by their anchors, lexemes of which every match has one; those without any are
 * looked at with every post ($2 has the empty lexeme for them). An index answers this alone
 * (docs/decisions/0029-matching-a-million.md).
 */
export const MET_ALERTS = `
  SELECT alert_id FROM alert_anchors
  WHERE NOT asks AND lexeme = ANY($2::text[]) AND since <= $3::timestamptz
    AND (rest IS NULL OR $1::tsvector @@ rest)`;

/** What posts of a batch have met and had not met before: pairs, place by place. */
interface Met {
  alertIds: number[];
  postIds: number[];
}

/**
 * Alerts that are still there, held until the matches are written: whoever deletes one meanwhile
 * waits, and takes its matches along.
 */
const HOLD_ALERTS = `
  SELECT id, cadence = 'instant' AS "isInstant" FROM alerts
  WHERE id = ANY($1::int[]) ORDER BY id FOR KEY SHARE`;

/** One mail for each instant alert, for all the posts of the batch that met it. */
const WRITE_MAILS = `
  INSERT INTO deliveries (subscriber_id, alert_id, kind, dedupe_key)
  SELECT a.subscriber_id, a.id, 'instant', format('instant-%s-%s', a.id, met.post_id)
  FROM unnest($1::int[], $2::int[]) AS met (alert_id, post_id) JOIN alerts a ON a.id = met.alert_id
  RETURNING id, alert_id AS "alertId"`;

const WRITE_MATCHES = `
  INSERT INTO alert_matches (alert_id, post_id, delivery_id)
  SELECT * FROM unnest($1::int[], $2::int[], $3::int[])`;

/**
 * Alerts that told at once and have had too many mails in a day become daily ones: what was written
 * goes, what comes is gathered.
 */
const CALM = `
  UPDATE alerts a SET cadence = 'daily', calmed_at = now(),
    next_digest_at = ${nextDigest("'daily'", 'a.subscriber_id', '$2', '$3')}
  WHERE a.id IN (
    SELECT d.alert_id FROM deliveries d
    WHERE d.alert_id = ANY($1::int[])
      AND d.kind = 'instant' AND d.created_at > $2::timestamptz - interval '1 day'
    GROUP BY d.alert_id HAVING count(*) >= ${INSTANT_MAILS_PER_DAY_MAX})
  AND a.cadence = 'instant'`;

const DEADLOCK = '40P01';
const FOREIGN_KEY_GONE = '23503';
const ATTEMPTS_MAX = 4;

/**
 * Matches the next posts that wait for it with every alert that was in force when they were first
 * seen, and writes the mails of instant alerts.
 * @param options.waits to wait for posts that another worker is matching, so that none is
 * unmatched when this gives none.
 */
export async function matchNextPosts({ waits = false } = {}): Promise<MatchedBatch> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction((tx) => matchBatch(tx, waits));
    } catch (error) {
      // A poll was changing these posts in another order, or an alert was deleted on the way.
      const { code = '' } = error as { code?: string };
      if (![DEADLOCK, FOREIGN_KEY_GONE].includes(code) || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

async function matchBatch(tx: Tx, waits: boolean): Promise<MatchedBatch> {
  const posts = await claimPosts(tx, waits);
  const filtered: FilteredOut = { differs: 0, missing: 0, invalid: 0 };
  if (posts.length === 0) return { posts: 0, matches: 0, mails: 0, events: 0, filtered };
  const done: number[] = [];
  const met: Met = { alertIds: [], postIds: [] };
  const before = await readMatches(
    tx,
    posts.map(({ id }) => id),
  );
  for (const post of posts) {
    const found = new Set([
      ...(await findAlerts(tx, post)),
      ...(await findPolicies(tx, post, filtered)),
    ]);
    for (const alertId of found) {
      if (before.has(`${alertId} ${post.id}`)) continue;
      met.alertIds.push(alertId);
      met.postIds.push(post.id);
    }
    done.push(post.id);
    if (met.alertIds.length >= MATCHES_AT_ONCE) break; // the others wait for the next batch
  }
  const { matches, mails } = await writeMatches(tx, met);
  const events = await writeEvents(tx, done);
  await countBatch(tx, done, matches);
  await tx.query('UPDATE posts SET matched_at = now() WHERE id = ANY($1)', [done]);
  return { posts: done.length, matches, mails, events, filtered };
}

async function findAlerts(tx: Tx, { words, lexemes, createdAt }: WaitingPost): Promise<number[]> {
  const values = [words, lexemes, createdAt];
  const look = { name: 'met-alerts', text: MET_ALERTS, values, rowMode: 'array' as const };
  const { rows } = await tx.query<[number]>(look);
  return rows.map(([id]) => id);
}

/** What these posts have met already, as "alert post": a post may be matched again. */
async function readMatches(tx: Tx, postIds: number[]): Promise<Set<string>> {
  const { rows } = await tx.query<{ pair: string }>(
    `SELECT alert_id || ' ' || post_id AS pair FROM alert_matches WHERE post_id = ANY($1::int[])`,
    [postIds],
  );
  return new Set(rows.map(({ pair }) => pair));
}

/**
 * Writes what a batch met, with the mails of instant alerts. Plans for tables that grow this fast go
 * wrong where they join, so the pairs come from here, and each is written once, with its mail.
 */
async function writeMatches(tx: Tx, met: Met): Promise<{ matches: number; mails: number }> {
  if (met.alertIds.length === 0) return { matches: 0, mails: 0 };
  const ids = [...new Set(met.alertIds)];
  const held = await tx.query<{ id: number; isInstant: boolean }>(HOLD_ALERTS, [ids]);
  const alerts = new Map(held.rows.map(({ id, isInstant }) => [id, isInstant]));
  const pairs = met.alertIds.flatMap((alertId, n) =>
    alerts.has(alertId) ? [{ alertId, postId: met.postIds[n] ?? 0 }] : [],
  );
  const firsts = new Map<number, number>(); // posts come in their order
  for (const { alertId, postId } of pairs) {
    if (alerts.get(alertId) && !firsts.has(alertId)) firsts.set(alertId, postId);
  }
  const mails = await writeMails(tx, firsts);
  await tx.query(WRITE_MATCHES, [
    pairs.map(({ alertId }) => alertId),
    pairs.map(({ postId }) => postId),
    pairs.map(({ alertId }) => mails.get(alertId) ?? null),
  ]);
  return { matches: pairs.length, mails: mails.size };
}

/** @param firsts the first post that each instant alert met. @returns the mail of each alert. */
async function writeMails(tx: Tx, firsts: Map<number, number>): Promise<Map<number, number>> {
  if (firsts.size === 0) return new Map();
  const alertIds = [...firsts.keys()];
  const { rows } = await tx.query<{ id: number; alertId: number }>(WRITE_MAILS, [
    alertIds,
    [...firsts.values()],
  ]);
  await tx.query(CALM, [alertIds, new Date(), config().siteTimezone]);
  await enqueue(tx, 'deliver-mail');
  return new Map(rows.map(({ id, alertId }) => [alertId, id]));
}
