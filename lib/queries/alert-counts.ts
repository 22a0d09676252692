import { dbPool } from '../db.ts';
import {
  type AlertCounts,
  COUNT_SPANS,
  type CountSeries,
  type CountSpan,
  NO_COUNTS,
  stepsOf,
} from '../model/alert-counts.ts';

/** As they are counted: pairs that were compared, of which those not met by words are the rest. */
type Measure =
  | 'published'
  | 'compared'
  | 'matched'
  | 'missing'
  | 'invalid'
  | 'mail_delivered'
  | 'mail_failed'
  | 'webhook_delivered'
  | 'webhook_failed';

interface CountRow {
  /** Start of the step, milliseconds since 1970. */
  step: number;
  measure: Measure;
  number: number;
}

function toCounts(rows: { measure: Measure; number: number }[]): AlertCounts {
  const of = (wanted: Measure) =>
    rows.reduce((sum, { measure, number }) => (measure === wanted ? sum + number : sum), 0);
  return {
    published: of('published'),
    matched: of('matched'),
    filteredByQuery: of('compared') - of('matched') - of('missing') - of('invalid'),
    filteredByMissing: of('missing'),
    filteredByInvalid: of('invalid'),
    mailDelivered: of('mail_delivered'),
    mailFailed: of('mail_failed'),
    webhookDelivered: of('webhook_delivered'),
    webhookFailed: of('webhook_failed'),
  };
}

function toSeries(rows: CountRow[], span: CountSpan, now: Date): CountSeries {
  const byStep = Map.groupBy(rows, ({ step }) => step);
  const steps = stepsOf(span, now).map((at) => ({
    at: new Date(at).toISOString(),
    ...toCounts(byStep.get(at) ?? []),
  }));
  const total = { ...NO_COUNTS };
  for (const name of Object.keys(total) as (keyof AlertCounts)[]) {
    total[name] = steps.reduce((sum, step) => sum + step[name], 0);
  }
  return { span, stepSeconds: COUNT_SPANS[span].stepSeconds, steps, total };
}

/** Start of the step in which a time lies. `$1`: seconds of a step. */
const stepOf = (time: string) =>
  `(extract(epoch FROM date_bin(make_interval(secs => $1), ${time}, to_timestamp(0))) * 1000)::float8`;

const firstOf = (span: CountSpan, now: Date) => new Date(stepsOf(span, now)[0] ?? 0);

/** Counts of all alerts together in the steps of a span. */
export async function readCounts(span: CountSpan, now = new Date()): Promise<CountSeries> {
  const { rows } = await dbPool().query<CountRow>(
    `SELECT ${stepOf('at')} AS step, measure, sum(number)::float8 AS number
     FROM alert_counts WHERE at >= $2 GROUP BY 1, 2`,
    [COUNT_SPANS[span].stepSeconds, firstOf(span, now)],
  );
  return toSeries(rows, span, now);
}

/** The same since ever: only growing, whatever stops or starts. */
export async function readCountTotals(): Promise<AlertCounts> {
  const { rows } = await dbPool().query<{ measure: Measure; number: number }>(
    'SELECT measure, sum(number)::float8 AS number FROM alert_counts GROUP BY measure',
  );
  return toCounts(rows);
}

/**
 * Posts of the span are counted once for each time since when an alert looks, and most look since
 * before the first of them. Nothing is kept for an alert and a post that it has not met.
 */
const OF_ALERTS = `
  WITH posts AS MATERIALIZED (
    SELECT post_id, seen_at, lacks, ${stepOf('published_at')} AS step
    FROM alert_posts WHERE published_at >= $2
  ), first AS (
    SELECT min(seen_at) AS seen_at, min(post_id) AS post_id FROM posts
  ), looking AS (
    SELECT DISTINCT ON (x.alert_id) x.alert_id, x.needs, x.since,
      greatest(x.since, first.seen_at) AS start
    FROM alert_anchors x, first WHERE x.alert_id = ANY($3::int[])
  ), published AS (
    SELECT start.start, posts.step, posts.lacks, count(*) AS number
    FROM (SELECT DISTINCT start FROM looking) AS start JOIN posts ON posts.seen_at >= start.start
    GROUP BY 1, 2, 3
  ), compared AS (
    SELECT l.alert_id, p.step, p.number, shortfall(l.needs, p.lacks) AS lack
    FROM looking l JOIN published p ON p.start = l.start
  ), counted AS (
    SELECT alert_id, step, 'published' AS measure, number FROM compared
    UNION ALL SELECT alert_id, step, 'compared', number FROM compared
    UNION ALL SELECT alert_id, step, lack, number FROM compared WHERE lack IS NOT NULL
    UNION ALL
    SELECT l.alert_id, ${stepOf('m.matched_at')}, 'matched', 1
    FROM looking l JOIN alert_matches m ON m.alert_id = l.alert_id
      AND m.post_id >= (SELECT post_id FROM first) AND m.matched_at >= greatest($2, l.since)
    UNION ALL
    SELECT alert_id, ${stepOf('at')}, measure::text, 1
    FROM alert_outcomes WHERE alert_id = ANY($3::int[]) AND at >= $2
  )
  SELECT alert_id AS "alertId", step, measure, sum(number)::float8 AS number
  FROM counted GROUP BY 1, 2, 3`;

/**
 * Counts of some alerts in the steps of a span: since they last began, as posts before were not
 * compared with them. Of one that is not in force only what was delivered or failed is known.
 * @returns a series for each of the ids.
 */
export async function readCountsOfAlerts(
  alertIds: number[],
  span: CountSpan,
  now = new Date(),
): Promise<Map<number, CountSeries>> {
  const values = [COUNT_SPANS[span].stepSeconds, firstOf(span, now), alertIds];
  const { rows } = await dbPool().query<CountRow & { alertId: number }>(OF_ALERTS, values);
  const byAlert = Map.groupBy(rows, ({ alertId }) => alertId);
  return new Map(alertIds.map((id) => [id, toSeries(byAlert.get(id) ?? [], span, now)]));
}
