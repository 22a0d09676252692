import { dbPool } from '../db.ts';
import { joinWishes, type UseWish } from '../model/use-wish.ts';

/**
 * What the publisher of a source says of use by robots, with its feed and in the robots.txt of its
 * site; empty when it says nothing.
 */
export async function getUseWish(slug: string): Promise<UseWish> {
  const { rows } = await dbPool().query<{ ofFeed: UseWish; ofSite: UseWish | null }>(
    `SELECT f.use_wish AS "ofFeed", w.wish AS "ofSite"
     FROM feeds f LEFT JOIN site_wishes w ON w.origin = f.site_origin WHERE f.slug = $1`,
    [slug],
  );
  const [found] = rows;
  return found === undefined ? {} : joinWishes(found.ofFeed, found.ofSite ?? {});
}
