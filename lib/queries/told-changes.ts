import { dbPool } from '../db.ts';
import type { ToldChange } from '../model/alert.ts';

/**
 * The posts of a mail of changes, as they are now: one that was changed and then withdrawn is
 * withdrawn, and one that was shown again unchanged is not among them.
 */
export async function listToldChanges(deliveryId: number): Promise<ToldChange[]> {
  const { rows } = await dbPool().query<ToldChange>(
    `SELECT p.id AS "postId", p.url, p.title, p.byline,
            coalesce(f.title_override, f.title) AS "sourceTitle",
            CASE WHEN p.withdrawn_at IS NULL THEN 'changed' ELSE 'withdrawn' END AS kind,
            p.withdrawn_by AS "withdrawnBy",
            (SELECT v.title FROM post_versions v
             WHERE v.post_id = p.id AND v.version >= told.version AND v.title <> p.title
             ORDER BY v.version LIMIT 1) AS "formerTitle"
     FROM (SELECT post_id, min(version) AS version FROM alert_changes
           WHERE delivery_id = $1 GROUP BY post_id) AS told
     JOIN posts p ON p.id = told.post_id JOIN feeds f ON f.id = p.feed_id
     WHERE p.withdrawn_at IS NOT NULL OR p.version > told.version
     ORDER BY p.sort_at DESC, p.id DESC`,
    [deliveryId],
  );
  return rows;
}
