import { randomBytes } from 'node:crypto';
import { pictureTag } from '../cache-tags.ts';
import { dbPool, transaction } from '../db.ts';
import type { PictureSize } from '../model/picture.ts';
import { writeCacheEvents } from './cache-events.ts';

/**
 * Writes sizes of pictures, and makes the pages stale that did not know them.
 * @param sizes by key (the hash of the address, in hexadecimal digits); null for a picture that
 * cannot be had or is of any size, which never takes the place of a size.
 * @returns how many were news.
 */
export async function savePictureSizes(
  sizes: ReadonlyMap<string, PictureSize | null>,
): Promise<number> {
  // In one order everywhere, so that two processes do not wait for each other.
  const rows = [...sizes].sort(([a], [b]) => (a < b ? -1 : 1));
  return transaction(async (tx) => {
    const { rows: news } = await tx.query<{ key: string }>(
      `INSERT INTO picture_sizes AS known (key, width, height)
       SELECT decode(key, 'hex'), width, height
       FROM unnest($1::text[], $2::int[], $3::int[]) AS told (key, width, height)
       ON CONFLICT (key) DO UPDATE SET width = excluded.width, height = excluded.height
         WHERE excluded.width IS NOT NULL
           AND (known.width, known.height) IS DISTINCT FROM (excluded.width, excluded.height)
       RETURNING encode(key, 'hex') AS key`,
      [
        rows.map(([key]) => key),
        rows.map(([, size]) => size?.width ?? null),
        rows.map(([, size]) => size?.height ?? null),
      ],
    );
    await writeCacheEvents(
      tx,
      news.map(({ key }) => pictureTag(key)),
    );
    return news.length;
  });
}

/** What one night looks at; the next begins elsewhere. Their keys are hashes, and evenly spread. */
const KEYS_MAX = 50_000;
/** About 2 MB of bodies, read within a tenth of a second. */
const POSTS_AT_ONCE = 200;
const DELETED_AT_ONCE = 1000;

/**
 * Keys of the pictures in the bodies of some posts: the hash of what an attribute means, as
 * `pictureKey` makes it of an address. Bodies have been sanitised: attributes stand in double quotes,
 * with &, ", < and > escaped.
 */
const SHOWN_SQL = `
  WITH read AS MATERIALIZED (
    SELECT id, coalesce(shown_html, body_html) AS html FROM posts
    WHERE id > $1 ORDER BY id LIMIT $2
  ), shown AS (
    SELECT DISTINCT found[1] AS src
    FROM read, regexp_matches(html, '<img(?:\\s[^<>]*)?\\ssrc="([^"]*)"', 'g') AS found)
  SELECT (SELECT max(id) FROM read) AS last,
    ARRAY(SELECT encode(sha256(convert_to(
      replace(replace(replace(replace(src, '&lt;', '<'), '&gt;', '>'), '&quot;', '"'), '&amp;', '&'),
      'UTF8')), 'hex') FROM shown) AS keys`;

interface Pruning {
  signal?: AbortSignal;
  /** The first key to look at, 32 bytes; by chance if not said. */
  from?: Buffer;
  keysMax?: number;
  postsAtOnce?: number;
}

/**
 * Forgets sizes of pictures that are in no post's body any more; in those of withdrawn posts, which
 * may be shown again, they stay. Of a large table a part, another one each time. Reads all bodies,
 * some at once; `signal` ends that, and then nothing is forgotten.
 * @returns how many were forgotten.
 */
export async function prunePictureSizes(options: Pruning = {}): Promise<number> {
  const { signal, from = randomBytes(32), keysMax = KEYS_MAX } = options;
  const { rows } = await dbPool().query<{ key: string }>(
    `SELECT encode(key, 'hex') AS key FROM (
       (SELECT key FROM picture_sizes WHERE key >= $1 ORDER BY key LIMIT $2)
       UNION (SELECT key FROM picture_sizes ORDER BY key LIMIT $2)) AS part
     ORDER BY key < $1, key LIMIT $2`,
    [from, keysMax],
  );
  const unshown = new Set(rows.map(({ key }) => key));
  // Upwards, so that posts that come meanwhile are met as well.
  for (let after: number | null = 0; after !== null && unshown.size > 0; ) {
    if (signal?.aborted) return 0;
    const page: { rows: { last: number | null; keys: string[] }[] } = await dbPool().query(
      SHOWN_SQL,
      [after, options.postsAtOnce ?? POSTS_AT_ONCE],
    );
    for (const key of page.rows[0]?.keys ?? []) unshown.delete(key);
    after = page.rows[0]?.last ?? null;
  }
  const gone = [...unshown];
  for (let at = 0; at < gone.length; at += DELETED_AT_ONCE) {
    await dbPool().query(
      `DELETE FROM picture_sizes
       WHERE key IN (SELECT decode(gone, 'hex') FROM unnest($1::text[]) AS gone)`,
      [gone.slice(at, at + DELETED_AT_ONCE)],
    );
  }
  return gone.length;
}
