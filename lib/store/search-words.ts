import { dbPool, transaction } from '../db.ts';

/** The newest posts are counted: what everybody writes about, and never more work than this. */
const POSTS_MAX = 50_000;
/** The most frequent ones are kept. Looking through as many takes about 40 ms. */
const WORDS_MAX = 200_000;
/** Longer than the words of any language that are worth a proposal; a search measures distances. */
const WORD_CHARACTERS_MAX = 30;
const WORD_CHARACTERS_MIN = 3;
/** Counted again when the posts that came since are such a part of all, or after so long. */
const NEWS_PART = 0.1;
const AGE_HOURS_MAX = 24;

/** Names that searches can mean beside what stands in posts. */
const NAMES = `
  SELECT name FROM tags WHERE NOT hidden
  UNION ALL SELECT name FROM tag_aliases
  UNION ALL SELECT coalesce(title_override, title) FROM feeds
  UNION ALL (SELECT name FROM authors ORDER BY id DESC LIMIT ${POSTS_MAX})`;

const POST_WORDS = `
  SELECT words FROM posts WHERE withdrawn_at IS NULL
  ORDER BY sort_at DESC, id DESC LIMIT ${POSTS_MAX}`;

const isDueSql = `
  SELECT last.at IS NULL OR last.at < now() - $1 * interval '1 hour'
         OR (SELECT count(*) FROM posts WHERE created_at > last.at)
            > $2::float * (SELECT count(*) FROM (SELECT FROM posts LIMIT ${POSTS_MAX}) AS stored) AS "isDue"
  FROM (SELECT (SELECT counted_at FROM search_words LIMIT 1) AS at) AS last`;

/**
 * Counts the words that searches may have meant, if that is due: there are none yet, a tenth of all
 * posts is new, or a day has passed. May run twice and anywhere.
 * @returns how many words there are now; undefined when nothing was to be done, or another worker
 * does it.
 */
export async function countSearchWords(): Promise<number | undefined> {
  const { rows } = await dbPool().query<{ isDue: boolean }>(isDueSql, [AGE_HOURS_MAX, NEWS_PART]);
  if (!rows[0]?.isDue) return undefined;
  return transaction(async (tx) => {
    const { rows: locks } = await tx.query<{ isOurs: boolean }>(
      `SELECT pg_try_advisory_xact_lock(hashtextextended('search_words', 0)) AS "isOurs"`,
    );
    if (!locks[0]?.isOurs) return undefined;
    await tx.query('DELETE FROM search_words');
    // Letters and digits in a row: addresses and numbers are no words that somebody misspells.
    const { rowCount } = await tx.query(
      `INSERT INTO search_words (word, posts)
       SELECT word, max(ndoc) AS posts FROM (
         SELECT word, ndoc FROM ts_stat($1)
         UNION ALL SELECT word, ndoc FROM ts_stat($2)) AS counted
       WHERE length(word) BETWEEN $3 AND $4 AND word !~ '[[:punct:][:space:]¶]|^[0-9]+$'
       GROUP BY word ORDER BY posts DESC, word LIMIT $5`,
      [
        POST_WORDS,
        `SELECT to_tsvector('tagwire', left(name, 2000)) FROM (${NAMES}) AS names`,
        WORD_CHARACTERS_MIN,
        WORD_CHARACTERS_MAX,
        WORDS_MAX,
      ],
    );
    return rowCount ?? 0;
  });
}
