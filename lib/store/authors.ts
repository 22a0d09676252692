import type { Tx } from '../db.ts';
import type { AuthorName } from '../model/feed.ts';
import { slugOf } from '../model/slug.ts';

export interface StoredAuthor {
  id: number;
  slug: string;
}

/** Names that differ only in case and spaces are one author of a source. */
export const authorKey = (name: string) =>
  name.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();

/**
 * The rows of a source's authors by their keys; makes those that are new. The address of a name
 * that another source has already ends in this source's slug.
 */
export async function upsertAuthors(
  tx: Tx,
  feed: { id: number; slug: string },
  authors: AuthorName[],
): Promise<Map<string, StoredAuthor>> {
  const byKey = new Map(authors.map((author) => [authorKey(author.name), author]));
  byKey.delete('');
  const { rows } = await tx.query<StoredAuthor & { key: string }>(
    'SELECT id, slug, key FROM authors WHERE feed_id = $1 AND key = ANY($2)',
    [feed.id, [...byKey.keys()]],
  );
  const stored = new Map(rows.map(({ key, ...author }) => [key, author]));
  for (const [key, author] of byKey) {
    if (!stored.has(key)) stored.set(key, await insertAuthor(tx, feed, key, author));
  }
  return stored;
}

async function insertAuthor(
  tx: Tx,
  feed: { id: number; slug: string },
  key: string,
  author: AuthorName,
): Promise<StoredAuthor> {
  const plain = slugOf(author.name);
  for (let attempt = 0; ; attempt++) {
    const own = `${plain}-${feed.slug}`;
    const slug = attempt === 0 ? plain : attempt === 1 ? own : `${own}-${attempt}`;
    const { rows } = await tx.query<{ id: number }>(
      `INSERT INTO authors (feed_id, key, name, slug, email, uri) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (slug) DO NOTHING RETURNING id`,
      [feed.id, key, author.name, slug, author.email ?? null, author.uri ?? null],
    );
    const id = rows[0]?.id;
    if (id !== undefined) return { id, slug };
  }
}

/** Replaces the bylines of posts. @returns slugs of the authors that they had. */
export async function writePostAuthors(
  tx: Tx,
  postIds: number[],
  rows: { postId: number; authorId: number; position: number }[],
): Promise<string[]> {
  const { rows: before } = await tx.query<{ slug: string }>(
    `DELETE FROM post_authors pa USING authors a
     WHERE pa.post_id = ANY($1) AND a.id = pa.author_id RETURNING a.slug`,
    [postIds],
  );
  await tx.query(
    `INSERT INTO post_authors (post_id, author_id, position, sort_at)
     SELECT r.post_id, r.author_id, r.position, p.sort_at
     FROM unnest($1::int[], $2::int[], $3::int[]) AS r (post_id, author_id, position)
     JOIN posts p ON p.id = r.post_id
     ON CONFLICT (post_id, author_id) DO NOTHING`,
    [
      rows.map((row) => row.postId),
      rows.map((row) => row.authorId),
      rows.map((row) => row.position),
    ],
  );
  return before.map((row) => row.slug);
}
