import { wishTag } from '../cache-tags.ts';
import { dbPool, transaction } from '../db.ts';
import type { UseWish } from '../model/use-wish.ts';
import { writeCacheEvents } from './cache-events.ts';

/**
 * Sites of active sources of which it is time to ask what they say of use: never asked, or when
 * they were to be asked again; none whose server has asked for rest. Takes them for an hour, so that
 * one worker asks each.
 */
export async function claimSitesToAsk(limit: number): Promise<string[]> {
  const { rows } = await dbPool().query<{ origin: string }>(
    `INSERT INTO site_wishes AS w (origin, next_ask_at)
     SELECT s.origin, now() + interval '1 hour'
     FROM (SELECT f.site_origin AS origin FROM feeds f
           WHERE f.status = 'active' AND f.first_good_at IS NOT NULL
           GROUP BY f.site_origin HAVING bool_and(coalesce(f.retry_after_until <= now(), true))) s
     LEFT JOIN site_wishes known USING (origin)
     LEFT JOIN hosts h ON h.host = substring(s.origin FROM '//(.*)$')
     WHERE s.origin IS NOT NULL AND (known.next_ask_at IS NULL OR known.next_ask_at <= now())
       AND coalesce(h.rest_until <= now(), true)
     LIMIT $1
     ON CONFLICT (origin) DO UPDATE SET next_ask_at = excluded.next_ask_at
       WHERE w.next_ask_at <= now()
     RETURNING origin`,
    [limit],
  );
  return rows.map(({ origin }) => origin);
}

/**
 * Writes down what a site said.
 * @param wish undefined when it could not be read: what it said before holds on.
 */
export function saveSiteWish(
  origin: string,
  { wish, nextAskAt }: { wish: UseWish | undefined; nextAskAt: Date },
): Promise<void> {
  return transaction(async (tx) => {
    const { rows } = await tx.query<{ isOther: boolean }>(
      `UPDATE site_wishes w SET wish = coalesce($2, w.wish), next_ask_at = $3
       FROM site_wishes old WHERE w.origin = $1 AND old.origin = $1
       RETURNING w.wish IS DISTINCT FROM old.wish AS "isOther"`,
      [origin, wish ?? null, nextAskAt],
    );
    if (!rows.some(({ isOther }) => isOther)) return;
    const { rows: feeds } = await tx.query<{ slug: string }>(
      `SELECT f.slug FROM feeds f WHERE f.site_origin = $1`,
      [origin],
    );
    await writeCacheEvents(
      tx,
      feeds.map(({ slug }) => wishTag(slug)),
    );
  });
}

/** Removes sites that no feed names any more. */
export async function pruneSiteWishes(): Promise<void> {
  await dbPool().query(
    `DELETE FROM site_wishes w
     WHERE NOT EXISTS (SELECT FROM feeds f WHERE f.site_origin = w.origin)`,
  );
}
