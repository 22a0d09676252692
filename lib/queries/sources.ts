import { db, dbPool } from '../db.ts';
import type { CheckReason } from '../model/feed.ts';
import { FAILING_DAYS_TOLD } from '../model/notice.ts';
import { RHYTHM_DAYS, writeRhythm } from '../model/rhythm.ts';
import type { MonthCount } from '../model/tag.ts';
import { isShown } from './is-shown.ts';

export interface SourceSummary {
  id: number;
  slug: string;
  title: string;
  url: string;
  siteUrl: string | null;
  iconUrl: string | null;
  description: string | null;
  status: 'active' | 'paused' | 'gone';
  posts: number;
  lastPostAt: string | null;
  /** `about 3 a week`; null for one that had no post of late. */
  rhythm: string | null;
  checkedAt: string | null;
  lastGoodAt: string | null;
  errorCount: number;
  errorText: string | null;
  errorSince: string | null;
  /** For so long that the operator has been told. */
  failsForLong: boolean;
  /** Minutes between the last look and the next one, and what decided; null before the first. */
  pauseMinutes: number | null;
  checkReason: CheckReason | null;
  /** By its publisher, with a line in the feed. */
  isTakenOut: boolean;
  /** The hub that tells us of its news, while a subscription with it is in force. */
  hub: string | null;
}

type SourceRow = Omit<
  SourceSummary,
  'rhythm' | 'lastPostAt' | 'checkedAt' | 'lastGoodAt' | 'errorSince'
> & {
  recent: number;
  firstPostAt: Date | null;
  lastPostAt: Date | null;
  checkedAt: Date | null;
  lastGoodAt: Date | null;
  errorSince: Date | null;
};

/** Some 50 a day: more than that is many, however many. */
const RECENT_POSTS_MAX = 5000;

const SOURCES_A_PAGE = 100;
/** Newest posts of all, among which those who publish much are found. */
const BUSY_SAMPLE = 1000;

/** @param feeds SQL of the rows of feeds that are wanted: each costs some look-ups. */
const columnsOf = (feeds: string) => `
  WITH withdrawn AS MATERIALIZED (
    SELECT s.feed_id, count(*)::int AS posts FROM posts p JOIN post_sources s ON s.post_id = p.id
    WHERE p.withdrawn_at IS NOT NULL AND p.merged_into IS NULL GROUP BY 1)
  SELECT f.id, f.slug, coalesce(f.title_override, f.title) AS title, f.url,
         f.site_url AS "siteUrl", f.description,
         (SELECT i.url FROM source_icons i WHERE i.feed_id = f.id) AS "iconUrl", f.status, f.checked_at AS "checkedAt",
         f.last_good_at AS "lastGoodAt", f.error_count AS "errorCount",
         f.error_text AS "errorText", f.error_since AS "errorSince",
         f.check_reason AS "checkReason", f.owner_removed_at IS NOT NULL AS "isTakenOut",
         coalesce(f.error_since <= now() - interval '${FAILING_DAYS_TOLD} days', false)
           AS "failsForLong",
         round(extract(epoch FROM f.next_check_at - f.checked_at) / 60)::int AS "pauseMinutes",
         (SELECT hub FROM websub_subscriptions w
          WHERE w.feed_id = f.id AND w.status = 'active' AND w.lease_until > now()) AS hub,
         (SELECT count(*)::int FROM post_sources s WHERE s.feed_id = f.id)
           - coalesce((SELECT w.posts FROM withdrawn w WHERE w.feed_id = f.id), 0) AS posts,
         (SELECT count(*)::int FROM (
            SELECT FROM post_sources s WHERE s.feed_id = f.id AND s.sort_at <= now()
              AND s.sort_at >= now() - interval '${RHYTHM_DAYS} days'
            LIMIT ${RECENT_POSTS_MAX}) r) AS recent,
         (SELECT sort_at FROM post_sources s WHERE s.feed_id = f.id AND ${isShown('s.post_id')}
          ORDER BY sort_at, post_id LIMIT 1) AS "firstPostAt",
         (SELECT sort_at FROM post_sources s WHERE s.feed_id = f.id AND ${isShown('s.post_id')}
          ORDER BY sort_at DESC, post_id DESC LIMIT 1) AS "lastPostAt"
  FROM ${feeds} f`;

const toSummary = ({ recent, firstPostAt, ...row }: SourceRow): SourceSummary => ({
  ...row,
  rhythm: (firstPostAt && writeRhythm({ posts: recent, firstAt: firstPostAt }, new Date())) ?? null,
  lastPostAt: row.lastPostAt?.toISOString() ?? null,
  checkedAt: row.checkedAt?.toISOString() ?? null,
  lastGoodAt: row.lastGoodAt?.toISOString() ?? null,
  errorSince: row.errorSince?.toISOString() ?? null,
});

/** Some of all sources, by name. */
export interface SourcePage {
  sources: SourceSummary[];
  /** On all pages. */
  total: number;
  pages: number;
}

const BY_NAME = 'ORDER BY lower(coalesce(f.title_override, f.title)), f.id';

/** A page of all sources, by name; undefined for one that there is not. @param page from 1 on. */
export async function listSources(page: number): Promise<SourcePage | undefined> {
  const total = await countSources();
  const pages = Math.max(1, Math.ceil(total / SOURCES_A_PAGE));
  if (page > pages) return undefined;
  const { rows } = await dbPool().query<SourceRow>(
    `${columnsOf(`(SELECT * FROM feeds f ${BY_NAME} LIMIT $1 OFFSET $2)`)} ${BY_NAME}`,
    [SOURCES_A_PAGE, (page - 1) * SOURCES_A_PAGE],
  );
  return { sources: rows.map(toSummary), total, pages };
}

export async function countSources(): Promise<number> {
  const { rows } = await dbPool().query<{ total: number }>(
    'SELECT count(*)::int AS total FROM feeds',
  );
  return rows[0]?.total ?? 0;
}

/** A source by how many of the newest posts it has. */
export interface BusySource {
  slug: string;
  name: string;
  posts: number;
}

/** Who has most of the newest BUSY_SAMPLE posts of all, the busiest first. */
export async function listBusySources(limit: number): Promise<BusySource[]> {
  const { rows } = await dbPool().query<BusySource>(
    `SELECT f.slug, coalesce(f.title_override, f.title) AS name, count(*)::int AS posts
     FROM (SELECT feed_id FROM posts WHERE withdrawn_at IS NULL AND NOT quiet
           ORDER BY sort_at DESC, id DESC LIMIT ${BUSY_SAMPLE}) AS newest
     JOIN feeds f ON f.id = newest.feed_id
     GROUP BY f.id ORDER BY posts DESC, lower(coalesce(f.title_override, f.title)), f.id LIMIT $1`,
    [limit],
  );
  return rows;
}

/** Sources that could not be read when they were asked last. */
export interface FailingSources {
  total: number;
  /** Some of them, by name. */
  some: { slug: string; name: string; errorText: string }[];
}

export async function listFailingSources(limit: number): Promise<FailingSources> {
  const { rows } = await dbPool().query<FailingSources['some'][number] & { total: number }>(
    `SELECT f.slug, coalesce(f.title_override, f.title) AS name, f.error_text AS "errorText",
            count(*) OVER ()::int AS total
     FROM feeds f WHERE f.error_text IS NOT NULL ${BY_NAME} LIMIT $1`,
    [limit],
  );
  return { total: rows[0]?.total ?? 0, some: rows.map(({ total: _total, ...source }) => source) };
}

/** A feed that is read here, for other readers. */
export interface FollowedFeed {
  title: string;
  url: string;
  siteUrl: string | null;
  /** When it came here, ISO 8601. */
  since: string;
}

/** All feeds that are still there, by name. */
export async function listFollowed(): Promise<FollowedFeed[]> {
  const { rows } = await dbPool().query<Omit<FollowedFeed, 'since'> & { since: Date }>(
    `SELECT coalesce(f.title_override, f.title) AS title, f.url, f.site_url AS "siteUrl",
            f.created_at AS since
     FROM feeds f WHERE f.status <> 'gone' ${BY_NAME}`,
  );
  return rows.map(({ since, ...feed }) => ({ ...feed, since: since.toISOString() }));
}

/** The source at this address. */
export async function getSource(slug: string): Promise<SourceSummary | undefined> {
  const { rows } = await dbPool().query<SourceRow>(`${columnsOf('feeds')} WHERE f.slug = $1`, [
    slug,
  ]);
  return rows.map(toSummary)[0];
}

/** Posts a month of one source, oldest first. */
export async function listSourceMonths(feedId: number): Promise<MonthCount[]> {
  const { rows } = await dbPool().query<MonthCount>(
    `SELECT to_char(date_trunc('month', sort_at AT TIME ZONE 'UTC'), 'YYYY-MM') AS month,
            count(DISTINCT post_id)::int AS posts
     FROM post_sources s WHERE feed_id = $1 AND NOT EXISTS (
       SELECT FROM posts p
       WHERE p.id = s.post_id AND p.withdrawn_at IS NOT NULL AND p.merged_into IS NULL)
     GROUP BY 1 ORDER BY 1`,
    [feedId],
  );
  return rows;
}

export interface AuthorSummary {
  id: number;
  slug: string;
  name: string;
  source: { slug: string; title: string };
}

/** The author at this address. */
export async function getAuthor(slug: string): Promise<AuthorSummary | undefined> {
  const author = await db().author.findUnique({
    where: { slug },
    select: {
      id: true,
      slug: true,
      name: true,
      feed: { select: { slug: true, title: true, titleOverride: true } },
    },
  });
  if (author === null) return undefined;
  const { feed, ...rest } = author;
  return { ...rest, source: { slug: feed.slug, title: feed.titleOverride ?? feed.title } };
}
