import { type Tx, transaction } from '../db.ts';
import { type Spelling, slipsMax, swapLetters } from '../model/query/spellings.ts';

// What misspelt words and names may have meant, by the number of letters that differ.

/** Of one statement, and when the last may begin: a reader who has found nothing waits. */
const NEAR_MS_MAX = 300;
/** For each of them; more are read, since not all of them will do. */
const NEAR_MAX = 4;
const NEAR_READ_MAX = 40;
/** More than these are no slips, but another subject or nonsense. */
const MISSPELT_MAX = 4;
/** A word of so few posts may be a slip of theirs, where one near it is in so many times more. */
const RARE_POSTS_MAX = 2;
const MORE_TIMES = 20;
/** As long as a tag's slug; Postgres measures the distance of texts up to 255 characters. */
const NAME_CHARACTERS_MAX = 64;

/** A spelling with what it may have meant, the most probable first. */
export interface Misspelt {
  spelling: Spelling;
  near: string[];
}

/**
 * Where each kind is looked for: what is compared, what is written then, without quotation marks
 * and within them, and which of equally near ones is meant more often.
 */
const NAMES: Record<Spelling['of'], string> = {
  words: 'SELECT word AS name, word AS bare, word AS quoted, posts FROM search_words',
  tags: `
    SELECT slug AS name, slug AS bare, name AS quoted,
           coalesce((SELECT sum(m.posts) FROM tag_months m WHERE m.tag_id = tags.id), 0) AS posts
    FROM tags WHERE NOT hidden
    UNION ALL SELECT slug, slug, coalesce(nullif(name, ''), slug), 0 FROM tag_aliases`,
  sources: `
    SELECT slug AS name, slug AS bare, coalesce(title_override, title) AS quoted, 0 AS posts
    FROM feeds
    UNION ALL
    SELECT trim('-' FROM regexp_replace(
             lower(unaccent(replace(coalesce(title_override, title), '&', ' and '))),
             '[^[:alnum:]]+', '-', 'g')),
           slug, coalesce(title_override, title), 0 FROM feeds`,
  authors: 'SELECT word AS name, word AS bare, word AS quoted, posts FROM search_words',
};

const isAuthor = (word: string) =>
  `EXISTS (SELECT FROM authors a
           WHERE to_tsvector('tagwire'::regconfig, a.name) @@ quote_literal(${word})::tsquery)`;

const SLIPS = `levenshtein_less_equal(left(name, ${NAME_CHARACTERS_MAX}), $1, $3)`;

/**
 * $1: as it was spelt; $2: the same with letters swapped, which are looked up; $3: slips at most. A
 * name may come twice.
 */
const nearSql = ({ of, isQuoted }: Spelling) => `
  SELECT ${isQuoted ? `CASE WHEN quoted ~ '["“”„]' THEN bare ELSE quoted END` : 'bare'} AS near,
         posts::int, slips
  FROM (SELECT *, ${SLIPS} AS slips FROM (${NAMES[of]}) AS names
        WHERE length(name) BETWEEN length($1::text) - $3 AND length($1::text) + $3
          AND ${SLIPS} <= $3
        UNION ALL
        SELECT *, 1 AS slips FROM (${NAMES[of]}) AS names WHERE name = ANY($2::text[])) AS near
  -- Few people miss the first letter.
  ORDER BY slips + CASE WHEN left(name, 1) = left($1, 1) THEN 0 ELSE 0.5 END, posts DESC, near
  LIMIT ${NEAR_READ_MAX}`;

interface Near {
  near: string;
  posts: number;
  slips: number;
}

async function readNear(tx: Tx, spelling: Spelling, folded: string): Promise<Near[]> {
  const characters = [...folded].length;
  const slips = slipsMax(characters);
  if (slips === 0 || characters > NAME_CHARACTERS_MAX) return [];
  const values = [folded, swapLetters(folded), slips];
  const { rows } = await tx.query<Near>(nearSql(spelling), values);
  return spelling.of === 'authors' ? keepAuthors(tx, rows) : rows;
}

/** Those that stand in the name of an author. */
async function keepAuthors(tx: Tx, all: Near[]): Promise<Near[]> {
  const { rows } = await tx.query<{ word: string }>(
    `SELECT word FROM unnest($1::text[]) AS word WHERE ${isAuthor('word')}`,
    [all.map(({ near }) => near)],
  );
  const words = new Set(rows.map(({ word }) => word));
  return all.filter(({ near }) => words.has(near));
}

interface Known {
  folded: string;
  /** Null where nothing is spelt so. */
  posts: number | null;
}

/** The spellings as lexemes, and how many posts have them. */
async function readKnown(tx: Tx, spellings: Spelling[]): Promise<Known[]> {
  const { rows } = await tx.query<Known>(
    `SELECT s.folded, CASE s.kind
       WHEN 'tags' THEN (SELECT 1 FROM (${NAMES.tags}) AS t WHERE t.name = s.folded LIMIT 1)
       WHEN 'sources' THEN (SELECT 1 FROM (${NAMES.sources}) AS f WHERE f.name = s.folded LIMIT 1)
       WHEN 'authors' THEN (SELECT 1 WHERE ${isAuthor('s.folded')})
       ELSE (SELECT posts FROM search_words WHERE word = s.folded) END AS posts
     FROM (SELECT kind, n, CASE WHEN kind IN ('tags', 'sources') THEN text
                                ELSE lower(unaccent(text)) END AS folded
           FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS s (kind, text, n)) AS s
     ORDER BY n`,
    [spellings.map(({ of }) => of), spellings.map(({ text }) => text)],
  );
  return rows;
}

/**
 * The spellings of a search that found nothing which are of no post, with what they may have meant.
 * Where all are known, those that hardly any post has. Empty when there is no way to tell within
 * the time.
 */
export function findMisspelt(spellings: Spelling[]): Promise<Misspelt[]> {
  return transaction(async (tx) => {
    const start = performance.now();
    const isOver = () => performance.now() - start > NEAR_MS_MAX;
    // Authors are looked up by their words; a list of words is gone through all the same.
    await tx.query(`SET LOCAL statement_timeout = ${NEAR_MS_MAX}; SET LOCAL jit = off;
                    SET LOCAL enable_seqscan = off`);
    const known = await readKnown(tx, spellings);
    const suspects = spellings.flatMap((spelling, n) => {
      const { folded = '', posts = null } = known[n] ?? {};
      return slipsMax([...folded].length) === 0 ? [] : [{ spelling, folded, posts }];
    });
    const unknown = suspects.filter(({ posts }) => posts === null);
    const rare = suspects.filter(({ posts }) => posts !== null && posts <= RARE_POSTS_MAX);
    const wrong =
      unknown.length > 0 ? unknown : rare.filter(({ spelling }) => spelling.of === 'words');
    if (wrong.length > MISSPELT_MAX) return [];
    const misspelt: Misspelt[] = [];
    for (const { spelling, folded, posts } of wrong) {
      if (isOver()) return [];
      const all = await readNear(tx, spelling, folded);
      const postsMin = posts === null ? 0 : MORE_TIMES * posts;
      const others = all.filter((each) => each.slips > 0 && each.posts >= postsMin);
      const near = [...new Set(others.map((each) => each.near))].slice(0, NEAR_MAX);
      if (near.length > 0) misspelt.push({ spelling, near });
    }
    return misspelt;
  });
}
