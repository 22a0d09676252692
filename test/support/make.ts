import { createHash } from 'node:crypto';
import { dbPool } from '../../lib/db.ts';
import { slugOf } from '../../lib/model/slug.ts';

/** Inserts a feed and returns its id. */
export async function makeFeed(title = 'A Feed'): Promise<number> {
  const { rows } = await dbPool().query<{ id: number }>(
    `INSERT INTO feeds (url, slug, title, first_good_at) VALUES ($1, $2, $3, now()) RETURNING id`,
    [`https://${slugOf(title)}.example/feed`, slugOf(title), title],
  );
  return rows[0]?.id ?? 0;
}

interface PostWish {
  feedId: number;
  title: string;
  text?: string;
  html?: string;
  tags?: string[];
  sortAt?: Date;
  url?: string;
  byline?: string;
}

/** Inserts a post with its source and tags, past savePosts, and returns its id. */
export async function makePost(wish: PostWish): Promise<number> {
  const text = wish.text ?? `The text of ${wish.title}.`;
  const url = wish.url ?? `https://example.org/${slugOf(wish.title)}`;
  const sortAt = wish.sortAt ?? new Date('2026-06-01T12:00:00Z');
  const hash = createHash('sha256').update(url).digest('hex');
  const { rows } = await dbPool().query<{ id: number }>(
    `INSERT INTO posts (feed_id, canonical_url, url, title, byline, body_html, body_text,
       summary_text, word_count, content_hash, published_at, sort_at)
     VALUES ($1, $2, $2, $3, $4, $5, $6, $6, $7, $8, $9, $9) RETURNING id`,
    [
      wish.feedId,
      url,
      wish.title,
      wish.byline ?? '',
      wish.html ?? `<p>${text}</p>`,
      text,
      text.split(/\s+/u).length,
      hash,
      sortAt,
    ],
  );
  const id = rows[0]?.id ?? 0;
  await dbPool().query(
    `INSERT INTO post_sources (feed_id, guid_hash, post_id, guid, url, categories, draft_hash, sort_at)
     VALUES ($1, $2, $3, $4, $4, $5, $7, $6)`,
    [wish.feedId, hash, id, url, wish.tags ?? [], sortAt, hash],
  );
  for (const [position, name] of (wish.tags ?? []).entries()) {
    await dbPool().query(
      `WITH tag AS (INSERT INTO tags (slug, name) VALUES ($2, $3)
                    ON CONFLICT (slug) DO UPDATE SET slug = excluded.slug RETURNING id)
       INSERT INTO post_tags (post_id, tag_id, sort_at, position) SELECT $1, id, $4, $5 FROM tag`,
      [id, slugOf(name), name, sortAt, position],
    );
  }
  return id;
}
