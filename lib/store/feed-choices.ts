import { sourcesTag, sourceTag } from '../cache-tags.ts';
import { type Tx, transaction } from '../db.ts';
import type { NamedFeed } from '../model/feed.ts';
import { writeCacheEvents } from './cache-events.ts';
import { siteOf } from './site.ts';

// Rows that were added by the address of a page, and never were a feed so far.

/** `there`: that feed is a row of its own already, so the page's went. */
export type Chosen = 'chosen' | 'there' | 'unknown';

/**
 * Gives the row of a page the address of a feed, to be polled at the next tick. A poll of the page
 * that goes on meanwhile writes nothing any more.
 * @param url one of the row's choices; `isAny`: or any other.
 */
export async function takeFeedOfPage(
  id: number,
  url: string,
  { isAny = false } = {},
): Promise<Chosen> {
  return transaction(async (tx) => {
    const { rows } = await tx.query<{ slug: string; choices: NamedFeed[] | null }>(
      'SELECT slug, choices FROM feeds WHERE id = $1 AND first_good_at IS NULL FOR UPDATE',
      [id],
    );
    const [row] = rows;
    if (row === undefined) return 'unknown';
    if (!isAny && !row.choices?.some((choice) => choice.url === url)) return 'unknown';
    const { rowCount } = await tx.query('SELECT FROM feeds WHERE url = $1 AND id <> $2', [url, id]);
    if (rowCount !== 0) {
      await deleteUnread(tx, id);
      return 'there';
    }
    await tx.query(
      `UPDATE feeds SET url = $2, site = $3, choices = NULL, status = 'active',
         etag = NULL, last_modified = NULL, body_hash = NULL, moved_to = NULL, moved_since = NULL,
         error_count = 0, error_kind = NULL, error_text = NULL, error_since = NULL,
         claim_token = NULL, claimed_until = NULL,
         next_check_at = greatest(now(), retry_after_until)
       WHERE id = $1`,
      [id, url, siteOf(url)],
    );
    await writeCacheEvents(tx, [sourcesTag(), sourceTag(row.slug)]);
    return 'chosen';
  });
}

async function deleteUnread(tx: Tx, id: number): Promise<boolean> {
  const { rows } = await tx.query<{ slug: string }>(
    `DELETE FROM feeds WHERE id = $1 AND first_good_at IS NULL
       AND NOT EXISTS (SELECT FROM posts WHERE feed_id = $1)
     RETURNING slug`,
    [id],
  );
  const [gone] = rows;
  if (gone === undefined) return false;
  await writeCacheEvents(tx, [sourcesTag(), sourceTag(gone.slug)]);
  return true;
}

/** Removes a feed that never answered well: it has no posts. @returns false when it is no such. */
export const removeUnread = (id: number): Promise<boolean> =>
  transaction((tx) => deleteUnread(tx, id));
