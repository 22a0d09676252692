import { ATTRIBUTES } from '../alerts/post-attributes.ts';
import { dbPool, type Tx, transaction } from '../db.ts';
import { COUNT_DAYS_MAX } from '../model/alert-counts.ts';

// Counts of what becomes of posts and alerts. Rows are only added, in the transaction of what they
// count; what becomes of mails and events is counted by triggers (docs/decisions/0028).

/** Posts that have been counted before are not again. Pairs: each post with each alert in force. */
const COUNT_BATCH = {
  name: 'count-batch',
  text: `
    WITH published AS (
      INSERT INTO alert_posts (post_id, seen_at, lacks)
      SELECT x.id, p.created_at,
        (cardinality(x.tags) = 0)::int + 2 * (cardinality(x.sources) = 0)::int
        + 4 * (cardinality(x.authors) = 0)::int + 8 * (x.title = '')::int
        + 32 * (x.language IS NULL)::int + 64 * (cardinality(x.enclosures) = 0)::int
        + (128 + 256) * (x.published IS NULL)::int
      FROM (${ATTRIBUTES}) AS x JOIN posts p ON p.id = x.id
      ON CONFLICT DO NOTHING
      RETURNING seen_at, lacks
    ), likes AS (
      SELECT seen_at, lacks, count(*) AS posts FROM published GROUP BY seen_at, lacks
    ), ends AS MATERIALIZED (
      SELECT (SELECT min(seen_at) FROM likes) AS first, (SELECT max(seen_at) FROM likes) AS last,
        (SELECT max(since) FROM alert_starts WHERE folded) AS folded
    ), starts AS MATERIALIZED (
      SELECT greatest(since, ends.first) AS since, needs, sum(number) AS number
      FROM alert_starts, ends WHERE since <= ends.last GROUP BY 1, 2
    ), looking AS (
      SELECT l.seen_at, s.needs, sum(s.number) AS number
      FROM (SELECT DISTINCT seen_at FROM likes) AS l JOIN starts s ON s.since <= l.seen_at, ends
      WHERE ends.folded IS NULL OR l.seen_at >= ends.folded GROUP BY 1, 2
      -- First seen before what is folded, as those that a flood left: counted one by one.
      UNION ALL
      SELECT l.seen_at, x.needs, count(DISTINCT x.alert_id)
      FROM (SELECT DISTINCT seen_at FROM likes) AS l JOIN alert_anchors x ON x.since <= l.seen_at, ends
      WHERE l.seen_at < ends.folded GROUP BY 1, 2
    ), pairs AS (
      SELECT shortfall(a.needs, l.lacks) AS lack, sum(l.posts * a.number) AS number
      FROM likes l JOIN looking a ON a.seen_at = l.seen_at GROUP BY 1
    )
    INSERT INTO alert_counts (measure, number)
    SELECT measure::"AlertMeasure", number FROM (
      SELECT 'published', sum(posts) FROM likes
      UNION ALL SELECT 'compared', sum(number) FROM pairs
      UNION ALL SELECT lack, number FROM pairs WHERE lack IS NOT NULL
      UNION ALL SELECT 'matched', $2::int
    ) AS counted (measure, number) WHERE number <> 0`,
};

/**
 * Counts posts that have been compared with all alerts, and what came of it.
 * @param tx the transaction that marks them as matched.
 * @param matches pairs of an alert and a post that it has written.
 */
export async function countBatch(tx: Tx, postIds: number[], matches: number): Promise<void> {
  await tx.query({ ...COUNT_BATCH, values: [postIds, matches] });
}

/** A transaction that has lasted longer is added up the next time. */
const FOLD_AFTER = `interval '2 minutes'`;

const FOLD = `
  WITH gone AS (
    DELETE FROM alert_counts WHERE NOT folded AND at < date_trunc('minute', now() - ${FOLD_AFTER})
    RETURNING at, measure, number)
  INSERT INTO alert_counts (at, measure, number, folded)
  SELECT date_trunc('minute', at), measure, sum(number), true FROM gone GROUP BY 1, 2`;

/**
 * Longer than a poll may take from its time to its posts' being there. What is older than this, and
 * than all posts that wait, is asked for only by posts that were held back for long.
 */
const FOLD_STARTS = `
  WITH until AS (
    SELECT least(now(), (SELECT min(created_at) FROM posts WHERE matched_at IS NULL))
      - interval '15 minutes' AS until
  ), gone AS (
    DELETE FROM alert_starts USING until WHERE since < until.until
      AND EXISTS (SELECT FROM alert_starts WHERE NOT folded AND since < until.until)
    RETURNING since, needs, number)
  INSERT INTO alert_starts (since, needs, number, folded)
  SELECT max(since), needs, sum(number), true FROM gone GROUP BY needs HAVING sum(number) <> 0`;

/** Adds up the counts of each minute, and alerts that began. Two workers do none of it twice. */
export async function foldAlertCounts(): Promise<void> {
  await dbPool().query(FOLD);
  await dbPool().query(FOLD_STARTS);
}

const FORGET = [
  // Into one row of a measure at 1970, for what has been counted since ever.
  `WITH gone AS (
     DELETE FROM alert_counts WHERE folded AND at < now() - make_interval(days => $1)
     RETURNING measure, number)
   INSERT INTO alert_counts (at, measure, number, folded)
   SELECT to_timestamp(0), measure, sum(number), true FROM gone GROUP BY measure`,
  'DELETE FROM alert_posts WHERE published_at < now() - make_interval(days => $1)',
  'DELETE FROM alert_outcomes WHERE at < now() - make_interval(days => $1)',
];

/** Keeps sums alone of what is older than the charts. May run twice and anywhere. */
export function pruneAlertCounts(): Promise<void> {
  return transaction(async (tx) => {
    for (const sql of FORGET) await tx.query(sql, [COUNT_DAYS_MAX]);
  });
}
