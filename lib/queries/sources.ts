import { db, dbPool } from '../db.ts';
import type { CheckReason } from '../model/feed.ts';
import { FAILING_DAYS_TOLD } from '../model/notice.ts';
import { RHYTHM_DAYS, writeRhythm } from '../model/rhythm.ts';
import type { MonthCount } from '../model/tag.ts';

export interface SourceSummary {
  id: number;
  slug: string;
  title: string;
  url: string;
  siteUrl: string | null;
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

const COLUMNS = `
  SELECT f.id, f.slug, coalesce(f.title_override, f.title) AS title, f.url,
         f.site_url AS "siteUrl", f.description, f.status, f.checked_at AS "checkedAt",
         f.last_good_at AS "lastGoodAt", f.error_count AS "errorCount",
         f.error_text AS "errorText", f.error_since AS "errorSince",
         f.check_reason AS "checkReason", f.owner_removed_at IS NOT NULL AS "isTakenOut",
         coalesce(f.error_since <= now() - interval '${FAILING_DAYS_TOLD} days', false)
           AS "failsForLong",
         round(extract(epoch FROM f.next_check_at - f.checked_at) / 60)::int AS "pauseMinutes",
         (SELECT hub FROM websub_subscriptions w
          WHERE w.feed_id = f.id AND w.status = 'active' AND w.lease_until > now()) AS hub,
         (SELECT count(*)::int FROM post_sources s WHERE s.feed_id = f.id) AS posts,
         (SELECT count(*)::int FROM (
            SELECT FROM post_sources s WHERE s.feed_id = f.id AND s.sort_at <= now()
              AND s.sort_at >= now() - interval '${RHYTHM_DAYS} days'
            LIMIT ${RECENT_POSTS_MAX}) r) AS recent,
         (SELECT sort_at FROM post_sources s WHERE s.feed_id = f.id
          ORDER BY sort_at, post_id LIMIT 1) AS "firstPostAt",
         (SELECT sort_at FROM post_sources s WHERE s.feed_id = f.id
          ORDER BY sort_at DESC, post_id DESC LIMIT 1) AS "lastPostAt"
  FROM feeds f`;

const toSummary = ({ recent, firstPostAt, ...row }: SourceRow): SourceSummary => ({
  ...row,
  rhythm: (firstPostAt && writeRhythm({ posts: recent, firstAt: firstPostAt }, new Date())) ?? null,
  lastPostAt: row.lastPostAt?.toISOString() ?? null,
  checkedAt: row.checkedAt?.toISOString() ?? null,
  lastGoodAt: row.lastGoodAt?.toISOString() ?? null,
  errorSince: row.errorSince?.toISOString() ?? null,
});

/** All sources, by name. */
export async function listSources(): Promise<SourceSummary[]> {
  const { rows } = await dbPool().query<SourceRow>(
    `${COLUMNS} ORDER BY lower(coalesce(f.title_override, f.title)), f.id`,
  );
  return rows.map(toSummary);
}

/** The source at this address. */
export async function getSource(slug: string): Promise<SourceSummary | undefined> {
  const { rows } = await dbPool().query<SourceRow>(`${COLUMNS} WHERE f.slug = $1`, [slug]);
  return rows.map(toSummary)[0];
}

/** Posts a month of one source, oldest first. */
export async function listSourceMonths(feedId: number): Promise<MonthCount[]> {
  const { rows } = await dbPool().query<MonthCount>(
    `SELECT to_char(date_trunc('month', sort_at AT TIME ZONE 'UTC'), 'YYYY-MM') AS month,
            count(*)::int AS posts
     FROM post_sources WHERE feed_id = $1 GROUP BY 1 ORDER BY 1`,
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
