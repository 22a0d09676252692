import { pictureTag } from '../cache-tags.ts';
import { transaction } from '../db.ts';
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
