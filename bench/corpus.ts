import { createHash } from 'node:crypto';
import { dbPool } from '../lib/db.ts';
import { slugOf } from '../lib/model/slug.ts';
import { chance, VOCABULARY_WORDS, word, zipf } from './chance.ts';

const SOURCES = 40;
const TAGS = 120;
const TITLE_WORDS = 6;
const TEXT_WORDS = 400;
const PARAGRAPH_WORDS = 80;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** The slug of a corpus's tag; rank 0 is the one that most posts bear. */
export const tagSlug = (rank: number) => slugOf(tagName(rank));
const tagName = (rank: number) => `Topic ${word(rank)}`;

interface MadePost {
  feed: number;
  title: string;
  paragraphs: string[];
  tags: number[];
}

function makePosts(count: number): MadePost[] {
  const random = chance(1);
  const pickWord = zipf(VOCABULARY_WORDS, random);
  const pickTag = zipf(TAGS, random);
  const words = (number: number) =>
    Array.from({ length: number }, () => word(pickWord())).join(' ');
  return Array.from({ length: count }, () => ({
    feed: 1 + Math.floor(random() * SOURCES),
    title: words(TITLE_WORDS),
    paragraphs: Array.from({ length: TEXT_WORDS / PARAGRAPH_WORDS }, () => words(PARAGRAPH_WORDS)),
    tags: [...new Set([pickTag(), pickTag(), pickTag()])].map((rank) => rank + 1),
  }));
}

/** Fills an empty database with posts past savePosts, which other measures look at. */
export async function storeCorpus(count: number): Promise<void> {
  const posts = makePosts(count);
  const pool = dbPool();
  await pool.query(
    `INSERT INTO feeds (url, slug, title, first_good_at)
     SELECT 'https://s' || n || '.example/feed', 's' || n, 'Source ' || n, now()
     FROM generate_series(1, $1::int) n`,
    [SOURCES],
  );
  const names = Array.from({ length: TAGS }, (_, rank) => tagName(rank));
  await pool.query(`INSERT INTO tags (slug, name) SELECT * FROM unnest($1::text[], $2::text[])`, [
    names.map((name) => slugOf(name)),
    names,
  ]);
  await pool.query(
    `INSERT INTO posts (feed_id, canonical_url, url, title, body_html, body_text, summary_text,
                        word_count, content_hash, sort_at)
     SELECT feed, 'https://p.example/' || n, 'https://p.example/' || n, title, html, text,
            left(text, 300), $6, hash, timestamptz '2026-01-01Z' + n * interval '1 hour'
     FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[])
          WITH ORDINALITY AS p (feed, title, html, text, hash, n)`,
    [
      posts.map((post) => post.feed),
      posts.map((post) => post.title),
      posts.map((post) => post.paragraphs.map((text) => `<p>${text}.</p>`).join('')),
      posts.map((post) => post.paragraphs.join('. ')),
      posts.map((_, n) => sha256(String(n))),
      TEXT_WORDS,
    ],
  );
  await pool.query(
    `INSERT INTO post_tags (post_id, tag_id, sort_at)
     SELECT p.id, t.tag, p.sort_at FROM unnest($1::int[], $2::int[]) AS t (post, tag)
     JOIN posts p ON p.id = t.post`,
    [posts.flatMap((post, n) => post.tags.map(() => n + 1)), posts.flatMap((post) => post.tags)],
  );
  await pool.query('ANALYZE');
}
