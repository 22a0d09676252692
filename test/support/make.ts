import { createHash } from 'node:crypto';
import { dbPool } from '../../lib/db.ts';
import type { PostDraft } from '../../lib/model/post.ts';
import { slugOf } from '../../lib/model/slug.ts';
import { textBands } from '../../lib/model/text-bands.ts';

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
  await dbPool().query('UPDATE posts SET words = post_words(posts) WHERE id = $1', [id]);
  return id;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A draft as normalising would give it; hashes follow from what it says. */
export function makeDraft(wish: Partial<PostDraft> & { title: string }): PostDraft {
  const url = wish.url ?? `https://example.org/${slugOf(wish.title)}`;
  const guid = wish.guid ?? url;
  const bodyText = wish.bodyText ?? `The text of ${wish.title}.`;
  const draft = {
    guid,
    guidHash: sha256(guid),
    url,
    canonicalUrl: url,
    canonicalVersion: 2,
    authors: [],
    byline: (wish.authors ?? []).map((author) => author.name).join(', '),
    publishedAt: new Date('2026-05-01T10:00:00Z'),
    updatedAt: null,
    categories: [],
    tags: (wish.categories ?? []).map((name) => ({ slug: slugOf(name), name })),
    language: null,
    bodyHtml: `<p>${bodyText}</p>`,
    bodyText,
    summaryText: bodyText,
    wordCount: bodyText.split(/\s+/u).length,
    enclosures: [],
    pictureUrl: null,
    commentsUrl: null,
    licence: null,
    bands: textBands(bodyText),
    contentHash: sha256(wish.title + bodyText),
    draftHash: '',
    ...wish,
  };
  const { guid: _, guidHash: __, ...rest } = draft;
  return { ...draft, draftHash: wish.draftHash ?? sha256(JSON.stringify(rest)) };
}
