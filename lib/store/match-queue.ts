import { config } from '../config.ts';
import { type Tx, transaction } from '../db.ts';
import { INSTANT_MAILS_PER_DAY_MAX } from '../model/alert.ts';
import { nextDigest } from './digest-times.ts';
import { enqueue } from './jobs.ts';
import { type FilteredOut, matchPolicies } from './match-policies.ts';
import { writeEvents } from './webhook-events.ts';

// Posts with matched_at null are the queue. A batch is matched and its mails are written in one
// transaction, so that a post is matched with all alerts or with none.

/** Posts matched in one transaction. */
const BATCH_POSTS = 50;

interface WaitingPost {
  id: number;
  words: string;
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
    `SELECT p.id, words.whole::text AS words, tsvector_to_array(words.whole) AS lexemes,
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
 * Alerts are found by their anchor, a lexeme that every match has; those without one are looked
 * at with every post. A query of one word is met by its anchor alone.
 */
const MATCH = {
  name: 'match-post',
  text: `
    INSERT INTO alert_matches (alert_id, post_id)
    SELECT a.id, $1::int FROM alerts a JOIN subscribers s ON s.id = a.subscriber_id
    WHERE a.status = 'active' AND a.policy IS NULL AND a.anchor = ANY($3::text[])
      AND (numnode(a.tsquery) = 1 OR $2::tsvector @@ a.tsquery)
      AND a.confirmed_at <= $4::timestamptz AND s.status = 'confirmed'
    UNION ALL
    SELECT a.id, $1::int FROM alerts a JOIN subscribers s ON s.id = a.subscriber_id
    WHERE a.status = 'active' AND a.policy IS NULL AND a.anchor IS NULL AND $2::tsvector @@ a.tsquery
      AND a.confirmed_at <= $4::timestamptz AND s.status = 'confirmed'
    ON CONFLICT DO NOTHING`,
};

/** One mail for each instant alert that the batch met, for all the posts that met it. */
const WRITE_MAILS = `
  WITH met AS (
    SELECT a.id, a.subscriber_id, min(m.post_id) AS post_id
    FROM alert_matches m JOIN alerts a ON a.id = m.alert_id
    WHERE m.post_id = ANY($1) AND m.delivery_id IS NULL AND a.cadence = 'instant'
    GROUP BY a.id
  ), mail AS (
    INSERT INTO deliveries (subscriber_id, alert_id, kind, dedupe_key)
    SELECT subscriber_id, id, 'instant', format('instant-%s-%s', id, post_id) FROM met
    RETURNING id, alert_id
  ), told AS (
    UPDATE alert_matches m SET delivery_id = mail.id FROM mail
    WHERE m.alert_id = mail.alert_id AND m.post_id = ANY($1) AND m.delivery_id IS NULL
  )
  SELECT count(*)::int AS mails FROM mail`;

/**
 * Alerts that told at once and have had too many mails in a day become daily ones: what was written
 * goes, what comes is gathered.
 */
const CALM = `
  UPDATE alerts a SET cadence = 'daily', calmed_at = now(),
    next_digest_at = ${nextDigest("'daily'", 'a.subscriber_id', '$2', '$3')}
  WHERE a.id IN (
    SELECT d.alert_id FROM deliveries d
    WHERE d.alert_id IN (SELECT alert_id FROM alert_matches WHERE post_id = ANY($1))
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
  let matches = 0;
  for (const post of posts) {
    const values = [post.id, post.words, post.lexemes, post.createdAt];
    matches += (await tx.query({ ...MATCH, values })).rowCount ?? 0;
    matches += await matchPolicies(tx, post, filtered);
  }
  const ids = posts.map((post) => post.id);
  const { rows } = await tx.query<{ mails: number }>(WRITE_MAILS, [ids]);
  const mails = rows[0]?.mails ?? 0;
  const events = await writeEvents(tx, ids);
  await tx.query('UPDATE posts SET matched_at = now() WHERE id = ANY($1)', [ids]);
  if (mails > 0) {
    await tx.query(CALM, [ids, new Date(), config().siteTimezone]);
    await enqueue(tx, 'deliver-mail');
  }
  return { posts: posts.length, matches, mails, events, filtered };
}
