import { dbPool } from '../db.ts';
import type { CheckReason, NamedFeed, PollHints, PollReport } from '../model/feed.ts';
import { type FullTextCounts, readFullTextCounts } from './full-texts.ts';

// What we fetched, for the publishers whose servers we ask.

/** Days (UTC) that are shown, today among them. */
const DAYS_SHOWN = 30;

/** One poll. Times are ISO 8601, bytes those of bodies, `ms` without waiting for the host. */
export interface PollLine {
  at: string;
  outcome: PollReport['outcome'];
  /** Of the last answer; null when there was none. */
  status: number | null;
  /** What failed, as the feed's `errorKind`. */
  errorKind: string | null;
  isConditional: boolean;
  requests: number;
  wireBytes: number;
  bodyBytes: number;
  ms: number;
  /** New ones. */
  posts: number;
}

/** Polls of one feed or all, summed. `notModified`, `failures` and `retryAfters` count polls. */
export interface FetchSums {
  polls: number;
  requests: number;
  notModified: number;
  failures: number;
  retryAfters: number;
  wireBytes: number;
  bodyBytes: number;
  posts: number;
}

/** The sums of one day, `YYYY-MM-DD` in UTC. */
export interface FetchDay extends FetchSums {
  day: string;
}

/** All that is known of how a feed is fetched. */
export interface FeedFetching {
  id: number;
  url: string;
  slug: string;
  title: string;
  status: 'active' | 'paused' | 'gone';
  checkedAt: string | null;
  nextCheckAt: string;
  checkReason: CheckReason | null;
  /** Minutes between the last look and the next one; null before the first. */
  pauseMinutes: number | null;
  lastGoodAt: string | null;
  etag: string | null;
  lastModified: string | null;
  /** When it was last asked for without its validators. */
  fullCheckAt: string | null;
  /** How long the last good answer keeps, by Cache-Control or Expires. */
  freshSeconds: number | null;
  hints: PollHints;
  rhythmMinutes: number | null;
  /** Null when that is over. */
  retryAfterUntil: string | null;
  movedTo: string | null;
  movedSince: string | null;
  errorCount: number;
  errorKind: string | null;
  errorText: string | null;
  errorSince: string | null;
  /** Feeds that the page at this address names, to choose from. */
  choices: NamedFeed[];
  /** Newest first. */
  polls: PollLine[];
  /** Days with polls, newest first. */
  days: FetchDay[];
  /** The pages of its posts; null where the operator allows none to be read. */
  fullText: FullTextCounts | null;
}

/** As json_build_object takes them; Postgres' bigint fits a number for ages. */
const SUM_NAMES = {
  polls: 'polls',
  requests: 'requests',
  notModified: 'not_modified',
  failures: 'failures',
  retryAfters: 'retry_afters',
  wireBytes: 'wire_bytes',
  bodyBytes: 'body_bytes',
  posts: 'posts',
} satisfies Record<keyof FetchSums, string>;

const DAY_JSON = Object.entries(SUM_NAMES).map(([name, column]) => `'${name}', d.${column}`);
const TODAY = `(now() AT TIME ZONE 'UTC')::date`;

const FETCHING_SQL = `
  SELECT f.id, f.url, f.slug, coalesce(f.title_override, f.title) AS title, f.status,
    f.checked_at AS "checkedAt", f.next_check_at AS "nextCheckAt",
    f.check_reason AS "checkReason",
    round(extract(epoch FROM f.next_check_at - f.checked_at) / 60)::int AS "pauseMinutes",
    f.last_good_at AS "lastGoodAt", f.etag, f.last_modified AS "lastModified",
    f.full_check_at AS "fullCheckAt", f.fresh_seconds AS "freshSeconds", f.hints,
    f.rhythm_minutes AS "rhythmMinutes",
    CASE WHEN f.retry_after_until > now() THEN f.retry_after_until END AS "retryAfterUntil",
    f.moved_to AS "movedTo", f.moved_since AS "movedSince", f.error_count AS "errorCount",
    f.error_kind AS "errorKind", f.error_text AS "errorText", f.error_since AS "errorSince",
    coalesce(f.choices, '[]') AS choices,
    (SELECT coalesce(json_agg(json_build_object(
       'at', p.at, 'outcome', p.outcome, 'status', p.status, 'errorKind', p.error_kind,
       'isConditional', p.is_conditional, 'requests', p.requests, 'wireBytes', p.wire_bytes,
       'bodyBytes', p.body_bytes, 'ms', p.ms, 'posts', p.posts) ORDER BY p.at DESC), '[]')
     FROM feed_polls p WHERE p.feed_id = f.id) AS polls,
    (SELECT coalesce(json_agg(json_build_object(
       'day', to_char(d.day, 'YYYY-MM-DD'), ${DAY_JSON.join(', ')}) ORDER BY d.day DESC), '[]')
     FROM feed_days d WHERE d.feed_id = f.id AND d.day > ${TODAY} - ${DAYS_SHOWN}) AS days
  FROM feeds f WHERE`;

/** A row with its times as text, as results of queries have them. */
const withIsoTimes = (row: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value instanceof Date ? value.toISOString() : value,
    ]),
  );

/** How the feed of a source is fetched, or that with an address; undefined when there is none. */
export async function getFetching(
  feed: { slug: string } | { url: string },
): Promise<FeedFetching | undefined> {
  const [column, value] = 'slug' in feed ? ['slug', feed.slug] : ['url', feed.url];
  const { rows } = await dbPool().query(`${FETCHING_SQL} f.${column} = $1`, [value]);
  if (rows[0] === undefined) return undefined;
  const fetching = withIsoTimes(rows[0]) as unknown as FeedFetching;
  // Postgres writes times in JSON with its own offset.
  const polls = fetching.polls.map((poll) => ({ ...poll, at: new Date(poll.at).toISOString() }));
  return { ...fetching, polls, fullText: await readFullTextCounts(fetching.id) };
}

/** The polls of all feeds, summed over the days shown. */
export interface SiteFetching extends FetchSums {
  /** Days with polls. */
  days: number;
  /** Active feeds, and those of them that rest now because a server asked for it. */
  feeds: number;
  resting: number;
}

const sumsOf = (source: 'd' | 't') =>
  Object.entries(SUM_NAMES)
    .map(([name, column]) =>
      source === 'd'
        ? `sum(d.${column}) AS ${column}`
        : `coalesce(sum(t.${column}), 0)::float8 AS "${name}"`,
    )
    .join(', ');

// By day first: that needs no sort of all rows to count the days.
const SITE_SQL = `
  SELECT count(*)::int AS days, ${sumsOf('t')},
    (SELECT count(*)::int FROM feeds WHERE status = 'active') AS feeds,
    (SELECT count(*)::int FROM feeds
     WHERE status = 'active' AND retry_after_until > now()) AS resting
  FROM (SELECT ${sumsOf('d')} FROM feed_days d
        WHERE d.day > ${TODAY} - ${DAYS_SHOWN} GROUP BY d.day) AS t`;

/** What all feeds together cost their servers. */
export async function getSiteFetching(): Promise<SiteFetching> {
  const { rows } = await dbPool().query<SiteFetching>(SITE_SQL);
  if (rows[0] === undefined) throw new Error('summing rows gave no row');
  return rows[0];
}
