import { dbPool } from '../db.ts';
import type { PictureSize } from '../model/picture.ts';

interface SizeRow {
  key: string;
  width: number | null;
  height: number | null;
}

/**
 * What is known of pictures, by key (the hash of the address, in hexadecimal digits): null for one
 * that could not be had or is of any size; nothing for one that nobody has looked at yet.
 */
export async function findPictureSizes(
  keys: readonly string[],
): Promise<Map<string, PictureSize | null>> {
  if (keys.length === 0) return new Map();
  const { rows } = await dbPool().query<SizeRow>(
    `SELECT encode(key, 'hex') AS key, width, height FROM picture_sizes
     WHERE key IN (SELECT decode(asked, 'hex') FROM unnest($1::text[]) AS asked)`,
    [keys],
  );
  return new Map(
    rows.map(({ key, width, height }) => [key, width && height ? { width, height } : null]),
  );
}
