import { pickSentence } from '../alerts/sentence.ts';
import type { Tx } from '../db.ts';
import { dbPool } from '../db.ts';
import type { Hit } from '../model/alert.ts';
import { MARK_END, MARK_START, splitMarks } from '../model/marked-text.ts';

/** Of longer texts, the sentence is looked for in the beginning. */
const TEXT_CHARACTERS_MAX = 100_000;
const SUMMARY_CHARACTERS_MAX = 240;

interface HitRow {
  postId: number;
  title: string;
  url: string;
  byline: string;
  sortAt: Date;
  seenAt: Date;
  sourceTitle: string;
  text: string;
  summary: string;
  tags: string[];
}

const OPTIONS = `'StartSel=${MARK_START}, StopSel=${MARK_END}, HighlightAll=true'`;
const unmarked = (column: string) => `translate(${column}, '${MARK_START}${MARK_END}', '')`;
const marked = (column: string) =>
  `ts_headline('tagwire', ${unmarked(column)}, marked.q, ${OPTIONS})`;

/** What is marked for a tsquery `q.q`: its words, and the other forms that posts `p` have of them. */
const MARKED =
  // OFFSET 0 has it made once, rather than at each place that uses it.
  'CROSS JOIN LATERAL (SELECT marked_words(q.q, p.words, p.language) AS q OFFSET 0) AS marked';

/** The columns of a hit for posts `p` of feeds `f`, a tsquery `q.q` and MARKED. */
const HIT_COLUMNS = `
  p.id AS "postId", p.url, p.byline, p.sort_at AS "sortAt", p.created_at AS "seenAt",
  coalesce(f.title_override, f.title) AS "sourceTitle", ${marked('p.title')} AS title,
  CASE WHEN 'link' IN (f.display, f.owner_display) THEN '' ELSE
    ${marked(`left(p.body_text, ${TEXT_CHARACTERS_MAX})`)} END AS text,
  CASE WHEN 'link' IN (f.display, f.owner_display) THEN '' ELSE left(p.summary_text, ${SUMMARY_CHARACTERS_MAX}) END
    AS summary,
  ARRAY(SELECT t.name FROM post_tags pt JOIN tags t ON t.id = pt.tag_id AND NOT t.hidden
        WHERE pt.post_id = p.id AND (strpos(${marked('t.name')}, '${MARK_START}') > 0
          OR strpos(q.q::text, '''¶tag:' || t.slug || '''') > 0)
        ORDER BY pt.position) AS tags`;

function toHit({ text, summary, title, sortAt, seenAt, ...row }: HitRow): Hit {
  const short = summary.length < SUMMARY_CHARACTERS_MAX ? summary : `${summary.trimEnd()}…`;
  return {
    ...row,
    title: splitMarks(title),
    sortAt: sortAt.toISOString(),
    seenAt: seenAt.toISOString(),
    sentence: pickSentence(text) ?? splitMarks(short),
  };
}

const DELIVERY_HITS = `
  SELECT ${HIT_COLUMNS}, page.total FROM (
    SELECT m.post_id, m.alert_id, count(*) OVER ()::int AS total
    FROM alert_matches m JOIN posts p ON p.id = m.post_id AND p.withdrawn_at IS NULL
    WHERE m.delivery_id = $1 ORDER BY p.sort_at DESC, p.id DESC LIMIT $2
  ) AS page
  JOIN posts p ON p.id = page.post_id JOIN feeds f ON f.id = p.feed_id
  CROSS JOIN LATERAL (SELECT tsquery AS q FROM alerts WHERE id = page.alert_id) AS q
  ${MARKED}
  ORDER BY p.sort_at DESC, p.id DESC`;

/** The posts that a mail tells, newest first, and how many they are in all. */
export async function listDeliveryHits(
  deliveryId: number,
  limit: number,
): Promise<{ hits: Hit[]; total: number }> {
  const { rows } = await dbPool().query<HitRow & { total: number }>({
    // Asked for each mail, and planning it takes as long as one hit.
    name: 'list-delivery-hits',
    text: DELIVERY_HITS,
    values: [deliveryId, limit],
  });
  return { hits: rows.map(({ total: _total, ...row }) => toHit(row)), total: rows[0]?.total ?? 0 };
}

/** One post as a hit of an alert; undefined when either is gone. */
export async function getMatchedHit(alertId: number, postId: number): Promise<Hit | undefined> {
  const { rows } = await dbPool().query<HitRow>(
    `SELECT ${HIT_COLUMNS}
     FROM posts p JOIN feeds f ON f.id = p.feed_id
     CROSS JOIN LATERAL (SELECT tsquery AS q FROM alerts WHERE id = $1) AS q
     ${MARKED}
     WHERE p.id = $2 AND p.withdrawn_at IS NULL`,
    [alertId, postId],
  );
  return rows.map(toHit)[0];
}

/** The posts of these ids as hits of a query. @param query an SQL expression of type tsquery. */
export async function listQueryHits(
  postIds: number[],
  query: { sql: string; values: string[] },
  tx: Tx,
): Promise<Hit[]> {
  const { rows } = await tx.query<HitRow>(
    `SELECT ${HIT_COLUMNS}
     FROM posts p JOIN feeds f ON f.id = p.feed_id CROSS JOIN (SELECT ${query.sql} AS q) AS q
     ${MARKED}
     WHERE p.id = ANY($1) ORDER BY p.sort_at DESC, p.id DESC`,
    [postIds, ...query.values],
  );
  return rows.map(toHit);
}
