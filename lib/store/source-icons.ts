import { sourcesTag, sourceTag } from '../cache-tags.ts';
import { dbPool, transaction } from '../db.ts';
import { writeCacheEvents } from './cache-events.ts';

/** A source whose icon is to be looked for. */
export interface IconToFind {
  feedId: number;
  /** The page that may name it: of the source's site, else the front page where its feed is. */
  pageUrl: string;
}

/**
 * Active sources whose icon it is time to look for: never looked for, or when it was to be done
 * again; none whose server has asked for rest. Takes them for an hour, so that one worker looks for
 * each.
 */
export async function claimIconsToFind(limit: number): Promise<IconToFind[]> {
  const { rows } = await dbPool().query<IconToFind>(
    `WITH due AS MATERIALIZED (
       SELECT f.id, CASE WHEN f.site_url ~* '^https?://' THEN f.site_url
                         ELSE site_origin(f) || '/' END AS page
       FROM feeds f LEFT JOIN source_icons i ON i.feed_id = f.id
       LEFT JOIN hosts h ON h.host = substring(site_origin(f) FROM '//(.*)$')
       WHERE f.status = 'active' AND f.first_good_at IS NOT NULL
         AND coalesce(i.next_ask_at <= now(), true)
         AND coalesce(f.retry_after_until <= now(), true) AND coalesce(h.rest_until <= now(), true)
         AND site_origin(f) IS NOT NULL
       ORDER BY i.next_ask_at NULLS FIRST, f.id LIMIT $1),
     taken AS (
       INSERT INTO source_icons AS i (feed_id, next_ask_at)
       SELECT id, now() + interval '1 hour' FROM due
       ON CONFLICT (feed_id) DO UPDATE SET next_ask_at = excluded.next_ask_at
         WHERE i.next_ask_at <= now()
       RETURNING feed_id)
     SELECT due.id AS "feedId", due.page AS "pageUrl" FROM due JOIN taken ON taken.feed_id = due.id`,
    [limit],
  );
  return rows;
}

/**
 * Writes down which icon a source has. Its own page and the list of sources show it at once, lists
 * of posts when they are next made anew: for a picture of 16 px not all of them are.
 * @param found.url null when it has none; undefined when that could not be learnt: what was known
 *   holds. So it does against a guess.
 */
export function saveSourceIcon(
  feedId: number,
  found: { url: string | null | undefined; isGuess: boolean; nextAskAt: Date },
): Promise<void> {
  const { url, isGuess, nextAskAt } = found;
  return transaction(async (tx) => {
    const { rows } = await tx.query<{ slug: string; isOther: boolean }>(
      `UPDATE source_icons i SET url = CASE WHEN $2 THEN $3 ELSE coalesce(i.url, $3) END, next_ask_at = $4
       FROM source_icons old JOIN feeds f ON f.id = old.feed_id
       WHERE i.feed_id = $1 AND old.feed_id = $1
       RETURNING f.slug, i.url IS DISTINCT FROM old.url AS "isOther"`,
      [feedId, url !== undefined && !isGuess, url ?? null, nextAskAt],
    );
    const [row] = rows;
    if (row?.isOther) await writeCacheEvents(tx, [sourceTag(row.slug), sourcesTag()]);
  });
}
