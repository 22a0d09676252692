import { everythingTag } from '../cache-tags.ts';
import { dbPool, transaction } from '../db.ts';
import { SETTING_VERSION } from '../model/setting-version.ts';
import { writeCacheEvents } from './cache-events.ts';

/** A body that older rules have set, or none. */
export interface UnsetBody {
  id: number;
  url: string;
  bodyHtml: string;
  /** As those have set it; null: as it stands, or not yet. */
  shownHtml: string | null;
}

/** Bodies that are to be set by the rules of today, the newest posts first. */
export async function listUnsetBodies(limit: number): Promise<UnsetBody[]> {
  const { rows } = await dbPool().query<UnsetBody>(
    `SELECT id, url, body_html AS "bodyHtml", shown_html AS "shownHtml" FROM posts WHERE shown_version < $1
     ORDER BY shown_version, id DESC LIMIT $2`,
    [SETTING_VERSION, limit],
  );
  return rows;
}

/** Writes how bodies are set, unless they have changed meanwhile. */
export function writeShownBodies(bodies: readonly UnsetBody[]): Promise<void> {
  return transaction(async (tx) => {
    const { rows } = await tx.query<{ isOther: boolean }>(
      `UPDATE posts p SET shown_html = r.shown, shown_version = $4
       FROM unnest($1::int[], $2::text[], $3::text[]) AS r (id, body, shown)
       WHERE p.id = r.id AND p.body_html = r.body
       RETURNING r.shown IS NOT NULL AS "isOther"`,
      [
        bodies.map(({ id }) => id),
        bodies.map(({ bodyHtml }) => bodyHtml),
        bodies.map(({ shownHtml }) => shownHtml),
        SETTING_VERSION,
      ],
    );
    if (rows.some(({ isOther }) => isOther)) await writeCacheEvents(tx, [everythingTag()]);
  });
}
