import type { Attributes, Scalar } from '../model/policy/policy.ts';

/** What policies ask of posts: rows for the ids of the array `$1`. */
export const ATTRIBUTES = `
  SELECT p.id, p.title, p.url, p.language, p.word_count AS words, p.published_at AS published,
    ARRAY(SELECT e->>'type' FROM jsonb_array_elements(p.enclosures) AS e) AS enclosures,
    ARRAY(SELECT t.slug FROM post_tags pt JOIN tags t ON t.id = pt.tag_id AND NOT t.hidden
          WHERE pt.post_id = p.id
          UNION SELECT a.slug FROM post_tags pt JOIN tags t ON t.id = pt.tag_id AND NOT t.hidden
          JOIN tag_aliases a ON a.tag_id = t.id WHERE pt.post_id = p.id) AS tags,
    ARRAY(SELECT f.slug FROM feeds f WHERE f.id = p.feed_id
          UNION SELECT f.slug FROM post_sources x JOIN feeds f ON f.id = x.feed_id
          WHERE x.post_id = p.id) AS sources,
    ARRAY(SELECT unnest(ARRAY[a.name, a.slug]) FROM post_authors x
          JOIN authors a ON a.id = x.author_id WHERE x.post_id = p.id) AS authors
  FROM posts p WHERE p.id = ANY($1)`;

export interface AttributesRow {
  id: number;
  title: string;
  url: string;
  language: string | null;
  words: number;
  published: Date | null;
  enclosures: (string | null)[];
  tags: string[];
  sources: string[];
  authors: string[];
}

/** A post as policies see it. */
export function toAttributes(row: AttributesRow): Attributes {
  const { language, published } = row;
  const given = (value: Scalar | undefined) => (value === undefined || value === '' ? [] : [value]);
  return {
    tag: row.tags,
    source: row.sources,
    author: row.authors,
    title: given(row.title),
    url: [row.url],
    language: language === null ? [] : [...new Set([language, language.split('-')[0] ?? language])],
    // An enclosure without a type is one all the same.
    enclosure: row.enclosures.map((type) => type ?? ''),
    published: given(published?.toISOString()),
    year: given(published?.getUTCFullYear()),
    words: [row.words],
  };
}
