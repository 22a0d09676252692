import { compileQuery, hasWords } from '../alerts/compile-query.ts';
import { config } from '../config.ts';
import { dbPool, type Tx, transaction } from '../db.ts';
import { nameAlert } from '../model/alert-name.ts';
import type { QueryTree } from '../model/query/tree.ts';
import { readAnchors } from './alert-anchors.ts';
import { matchNextPosts } from './match-queue.ts';
import { quietCheck } from './quiet-alerts.ts';

/** What an alert is to watch for from now on. */
export interface NewWords {
  /** As typed; empty when a policy says all. */
  query: string;
  /** As typed. */
  policy: string | null;
  /** The canonical form of both, and what posts must have for them. */
  queryKey: string;
  tree: QueryTree;
}

/** `known`: its owner has another alert for the same already. */
export type WordsOutcome = 'changed' | 'no-word' | 'known' | 'gone';

/** Postgres says so of a row that would be the second of its key. */
const NOT_UNIQUE = '23505';

/** Batches of posts that wait, which whoever changes words waits for; there is one, or none. */
const WAITING_BATCHES_MAX = 10;

/** What we have seen already is compared with the words that an alert had then. */
async function matchWaiting(): Promise<void> {
  for (let batch = 0; batch < WAITING_BATCHES_MAX; batch++) {
    const { posts } = await matchNextPosts({ waits: true });
    if (posts === 0) return;
  }
}

/**
 * Gives a confirmed alert other words. Posts that we see from now on are compared with them; what
 * the old ones have met stays, and is told if it waits for a digest.
 */
export async function changeAlertWords(
  alertId: number,
  subscriberId: number,
  words: NewWords,
  now = new Date(),
): Promise<WordsOutcome> {
  await matchWaiting();
  try {
    return await transaction(async (tx) => {
      await keepName(tx, alertId, subscriberId);
      const compiled = compileQuery(words.tree, 9, { marksExact: true });
      const { rows } = await tx.query<{ hasWord: boolean; changed: number }>(
        `WITH q AS MATERIALIZED (
           SELECT q, $3::text = '' AND $4::text IS NOT NULL OR ${hasWords('q')} AS has_word
           FROM (SELECT ${compiled.sql} AS q) AS compiled
         ), changed AS (
           UPDATE alerts SET query = $3, policy = $4, query_key = $5, anchors = $6::text[],
             tsquery = q.q, words_changed_at = $7,
             quiet_at = ${quietCheck('$7::timestamptz', 'subscriber_id', '$8')}
           FROM q
           WHERE id = $1 AND subscriber_id = $2 AND confirmed_at IS NOT NULL AND q.has_word
           RETURNING id)
         SELECT q.has_word AS "hasWord", (SELECT count(*)::int FROM changed) AS changed FROM q`,
        [
          alertId,
          subscriberId,
          words.query,
          words.policy,
          words.queryKey,
          await readAnchors(tx, words.tree),
          now,
          config().siteTimezone,
          ...compiled.values,
        ],
      );
      if (!rows[0]?.hasWord) return 'no-word';
      return rows[0].changed === 1 ? 'changed' : 'gone';
    });
  } catch (error) {
    if ((error as { code?: string }).code === NOT_UNIQUE) return 'known';
    throw error;
  }
}

/** Mails that have told what the old words met stay known by these. */
async function keepName(tx: Tx, alertId: number, subscriberId: number): Promise<void> {
  const { rows } = await tx.query<{ query: string; policy: string | null }>(
    'SELECT query, policy FROM alerts WHERE id = $1 AND subscriber_id = $2 FOR NO KEY UPDATE',
    [alertId, subscriberId],
  );
  const [old] = rows;
  if (old === undefined) return;
  await tx.query(
    `UPDATE deliveries SET alert_name = $2
     WHERE alert_id = $1 AND alert_name IS NULL AND status <> 'pending'`,
    [alertId, nameAlert(old)],
  );
}

/**
 * Forgets words that no alert in force has any more. One that comes into force at this moment notes
 * its words for today, and those stay.
 */
export async function pruneAlertWords(): Promise<number> {
  const { rowCount } = await dbPool().query(
    `WITH asked AS MATERIALIZED (
       SELECT DISTINCT word FROM alerts, query_words(tsquery) AS word WHERE status = 'active')
     DELETE FROM alert_words w USING (
       SELECT old.word FROM (SELECT DISTINCT word FROM alert_words) AS old
       LEFT JOIN asked ON asked.word = old.word WHERE asked.word IS NULL) AS gone
     WHERE w.word = gone.word AND w.noted_on < CURRENT_DATE - 1`,
  );
  return rowCount ?? 0;
}
