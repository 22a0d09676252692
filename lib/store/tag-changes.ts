import { tagLogTag } from '../cache-tags.ts';
import type { Tx } from '../db.ts';
import type { TagChange } from '../model/tag.ts';
import { writeCacheEvents } from './cache-events.ts';

/** An entry for the log of tags. */
export type NewTagChange = Pick<TagChange, 'kind' | 'from' | 'by' | 'reason'> &
  Partial<Pick<TagChange, 'into' | 'posts'>>;

/** Writes into the public log what this transaction does to tags. */
export async function logTagChanges(tx: Tx, changes: NewTagChange[]): Promise<void> {
  if (changes.length === 0) return;
  await tx.query(
    `INSERT INTO tag_changes (kind, from_slug, from_name, into_slug, into_name, posts, by, reason)
     SELECT kind, from_slug, from_name, into_slug, into_name, posts, by, reason
     FROM jsonb_to_recordset($1) AS r (kind "TagChangeKind", from_slug text, from_name text,
       into_slug text, into_name text, posts int, by "TagActor", reason text)`,
    [
      JSON.stringify(
        changes.map(({ kind, from, into, posts, by, reason }) => ({
          kind,
          from_slug: from.slug,
          from_name: from.name,
          into_slug: into?.slug ?? null,
          into_name: into?.name ?? null,
          posts: posts ?? 0,
          by,
          reason,
        })),
      ),
    ],
  );
  await writeCacheEvents(tx, [tagLogTag()]);
}
