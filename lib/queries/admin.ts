import { dbPool } from '../db.ts';
import type { NamedFeed } from '../model/feed.ts';
import { hindranceOf } from '../model/full-text.ts';

/** A table of the operator's pages, not an archive: `bin/tagwire feeds list` has them all. */
const FEEDS_SHOWN_MAX = 1000;

/** Rows that wait for a worker. */
export interface Queues {
  toPoll: number;
  toIndex: number;
  toMatch: number;
  /** What hubs have brought. */
  toTake: number;
  toRetag: number;
  /** Pages of excerpts whose time has come, also those whose host has to be waited for. */
  toRead: number;
  deliveriesPending: number;
  deliveriesDead: number;
  /** Events for webhooks, also those that come again later. */
  eventsPending: number;
}

/** The state of the house: counts of rows, times, what is behind in seconds. */
export interface Overview {
  feeds: {
    active: number;
    paused: number;
    gone: number;
    failing: number;
    /** Not reached when most others were not either: our own network was down. */
    unreached: number;
  };
  posts: number;
  subscribers: number;
  alerts: number;
  queues: Queues;
  /** ISO 8601, or null before the first poll. */
  lastPollAt: string | null;
  /** The post that has waited longest for the index, in seconds. */
  searchBehindSeconds: number;
}

export interface AdminFeed {
  id: number;
  url: string;
  slug: string;
  title: string;
  status: 'active' | 'paused' | 'gone';
  posts: number;
  checkedAt: string | null;
  nextCheckAt: string;
  newestAt: string | null;
  errorCount: number;
  errorText: string | null;
  errorSince: string | null;
  /** It never was a feed so far. */
  isUnread: boolean;
  /** Feeds that the page at its address names, to choose from. */
  choices: NamedFeed[];
  /** Pages of its posts are read for their full text, as operator and publisher allow. */
  isReadInFull: boolean;
}

/** Rows of short partial indexes, but for dead deliveries, which are rare and pruned. */
const QUEUES = `json_build_object(
      'toPoll', (SELECT count(*) FROM feeds WHERE status = 'active' AND next_check_at <= now()),
      'toIndex', (SELECT count(*) FROM posts WHERE indexed_at IS NULL),
      'toMatch', (SELECT count(*) FROM posts WHERE matched_at IS NULL),
      'toTake', (SELECT count(*) FROM websub_pushes),
      'toRetag', (SELECT count(*) FROM post_retags),
      'toRead', (SELECT count(*) FROM full_texts x JOIN feeds f ON f.id = x.feed_id
                 WHERE x.due_at <= now() AND f.status = 'active'),
      'deliveriesPending', (SELECT count(*) FROM deliveries WHERE status = 'pending'),
      'deliveriesDead', (SELECT count(*) FROM deliveries WHERE status = 'dead'),
      'eventsPending', (SELECT count(*) FROM webhook_events WHERE status = 'pending'))`;

const OVERVIEW_SQL = `
  SELECT
    (SELECT json_build_object(
       'active', count(*) FILTER (WHERE status = 'active'),
       'paused', count(*) FILTER (WHERE status = 'paused'),
       'gone', count(*) FILTER (WHERE status = 'gone'),
       'failing', count(*) FILTER (WHERE status = 'active' AND error_count > 0),
       'unreached', count(*) FILTER (WHERE status = 'active' AND error_kind = 'network'))
     FROM feeds) AS feeds,
    (SELECT count(*)::int FROM posts WHERE withdrawn_at IS NULL) AS posts,
    (SELECT count(*)::int FROM subscribers WHERE status = 'confirmed') AS subscribers,
    (SELECT count(*)::int FROM alerts WHERE status = 'active') AS alerts,
    ${QUEUES} AS queues,
    (SELECT max(checked_at) FROM feeds) AS last_poll_at,
    (SELECT coalesce(extract(epoch FROM now() - min(changed_at)), 0)::int
     FROM posts WHERE indexed_at IS NULL) AS search_behind`;

/** How much waits for workers. Cheap enough to ask every few seconds. */
export async function readQueues(): Promise<Queues> {
  const { rows } = await dbPool().query<{ queues: Queues }>(`SELECT ${QUEUES} AS queues`);
  const queues = rows[0]?.queues;
  if (queues === undefined) throw new Error('counting rows gave no row');
  return queues;
}

/** The state of the house, in one statement. */
export async function readOverview(): Promise<Overview> {
  const { rows } = await dbPool().query(OVERVIEW_SQL);
  const row = rows[0];
  return {
    feeds: row.feeds,
    posts: row.posts,
    subscribers: row.subscribers,
    alerts: row.alerts,
    queues: row.queues,
    lastPollAt: row.last_poll_at?.toISOString() ?? null,
    searchBehindSeconds: row.search_behind,
  };
}

/** Every feed, those with trouble first. */
export async function listAdminFeeds(): Promise<AdminFeed[]> {
  const { rows } = await dbPool().query(
    `SELECT f.id, f.url, f.slug, coalesce(f.title_override, f.title) AS title, f.status,
       f.checked_at, f.next_check_at, f.error_count, f.error_text, f.error_since,
       f.first_good_at IS NULL AS unread, coalesce(f.choices, '[]') AS choices,
       f.full_text, f.display, f.owner_display, f.owner_removed_at,
       (SELECT count(*)::int FROM post_sources s WHERE s.feed_id = f.id) AS posts,
       (SELECT max(s.sort_at) FROM post_sources s WHERE s.feed_id = f.id) AS newest_at
     FROM feeds f
     ORDER BY f.status = 'gone' DESC, f.error_count > 0 DESC, lower(f.title), f.id LIMIT $1`,
    [FEEDS_SHOWN_MAX],
  );
  return rows.map((row) => ({
    id: row.id,
    url: row.url,
    slug: row.slug,
    title: row.title,
    status: row.status,
    posts: row.posts,
    checkedAt: row.checked_at?.toISOString() ?? null,
    nextCheckAt: row.next_check_at.toISOString(),
    newestAt: row.newest_at?.toISOString() ?? null,
    errorCount: row.error_count,
    errorText: row.error_text,
    errorSince: row.error_since?.toISOString() ?? null,
    isUnread: row.unread,
    choices: row.choices,
    isReadInFull:
      row.full_text &&
      hindranceOf({
        display: row.display,
        ownerDisplay: row.owner_display,
        ownerRemovedAt: row.owner_removed_at,
      }) === undefined,
  }));
}
