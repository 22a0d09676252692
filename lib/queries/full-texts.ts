import { dbPool } from '../db.ts';
import { type FullTextReason, type FullTextTerms, hindranceOf } from '../model/full-text.ts';

/** Days over which requests are counted, as on the other lines of a feed's ledger. */
const DAYS_SHOWN = 30;

/** What reading the pages of a feed's posts came to. */
export interface FullTextCounts {
  /** Why no page is read although the operator allows it. */
  hindrance: string | null;
  /** Posts whose full text is shown, and those whose page is still to be read. */
  taken: number;
  waiting: number;
  /** Of those that wait, how many have failed before, and the last one's words. */
  failing: number;
  failure: string | null;
  /** Posts that keep their excerpt, by reason, most frequent first; the words of the last one. */
  left: { reason: FullTextReason; posts: number; message: string | null; url: string }[];
  /** For pages that were asked for within the last 30 days. */
  requests: number;
  wireBytes: number;
  /** The last answer, ISO 8601. */
  lastAt: string | null;
}

type Row = FullTextTerms & Omit<FullTextCounts, 'hindrance' | 'lastAt'> & { lastAt: Date | null };

const COUNTS_SQL = `
  SELECT f.full_text AS "fullText", f.display, f.owner_display AS "ownerDisplay",
    f.owner_removed_at AS "ownerRemovedAt", sums.*,
    (SELECT coalesce(json_agg(l ORDER BY l.posts DESC, l.reason), '[]') FROM (
       SELECT reason, count(*)::int AS posts,
              (array_agg(x.reason_text ORDER BY x.queued_at DESC, x.post_id DESC))[1] AS message,
              (array_agg(x.url ORDER BY x.queued_at DESC, x.post_id DESC))[1] AS url
       FROM full_texts x WHERE x.feed_id = f.id AND x.state = 'left' GROUP BY reason) AS l) AS "left"
  FROM feeds f, LATERAL (
    SELECT (count(*) FILTER (WHERE state = 'taken'))::int AS taken,
      (count(*) FILTER (WHERE state = 'waiting'))::int AS waiting,
      (count(*) FILTER (WHERE state = 'waiting' AND reason IS NOT NULL))::int AS failing,
      (array_agg(reason_text ORDER BY read_at DESC NULLS LAST)
         FILTER (WHERE state = 'waiting' AND reason IS NOT NULL))[1] AS failure,
      coalesce(sum(requests) FILTER (WHERE read_at > now() - make_interval(days => $2)), 0)::int
        AS requests,
      coalesce(sum(wire_bytes) FILTER (WHERE read_at > now() - make_interval(days => $2)), 0)::float8
        AS "wireBytes",
      max(read_at) AS "lastAt"
    FROM full_texts x WHERE x.feed_id = f.id) AS sums
  WHERE f.id = $1`;

/** What reading a feed's pages came to; null where the operator does not allow it. */
export async function readFullTextCounts(feedId: number): Promise<FullTextCounts | null> {
  const { rows } = await dbPool().query<Row>(COUNTS_SQL, [feedId, DAYS_SHOWN]);
  const [row] = rows;
  if (row === undefined || !row.fullText) return null;
  const { fullText: _, display, ownerDisplay, ownerRemovedAt, lastAt, ...counts } = row;
  return {
    ...counts,
    hindrance: hindranceOf({ display, ownerDisplay, ownerRemovedAt }) ?? null,
    lastAt: lastAt?.toISOString() ?? null,
  };
}
