import { compileQuery, hasWords, requiredParts } from '../alerts/compile-query.ts';
import { type Tx, transaction } from '../db.ts';
import { MARK_END, MARK_START, splitMarks } from '../model/marked-text.ts';
import { type QueryTree, requiresWord } from '../model/query/tree.ts';
import {
  type FacetCounts,
  type FoundIds,
  SEARCH_HITS_MAX,
  SEARCH_PAGE_HITS,
} from '../model/search.ts';

// Searches that Postgres answers, from the words that alerts look at. What it costs is bounded: of
// the posts that match only the newest count and are ranked, and only those of one page are cut
// for their passages.

/** As long as a reader waits. */
const SEARCH_MS_MAX = 3000;
/** Of a process; the other connections are for everybody's pages. */
const SEARCHES_AT_ONCE_MAX = 3;
const PAGE_HITS_MAX = 100;
/** Tags and sources counted, as Meilisearch counts them. */
const FACET_VALUES_MAX = 100;
/** Of longer texts, the passage is looked for in the beginning. */
const TEXT_CHARACTERS_MAX = 50_000;
const PASSAGE_WORDS_MAX = 40;
const PASSAGE_WORDS_MIN = 30;
/** By so much of it a passage is known to be at the text's beginning or end. */
const EDGE_CHARACTERS = 40;

/** What Postgres is asked. Days as YYYY-MM-DD in UTC: from the start of one until that of the other. */
export interface DatabaseSearch {
  tree: QueryTree | undefined;
  after?: string | undefined;
  before?: string | undefined;
  order?: 'newest' | undefined;
  page?: number | undefined;
  pageSize?: number | undefined;
  /** SEARCH_MS_MAX, if not said otherwise. */
  msMax?: number | undefined;
}

let searchesNow = 0;

/** Whether Postgres ended a statement because it took too long. */
const isTimeout = (error: unknown) => (error as { code?: string }).code === '57014';

/** Searches in Postgres. Anybody may ask, so that time and number are limited. */
export async function searchDatabase(
  asked: DatabaseSearch,
): Promise<FoundIds | { kind: 'too-costly' }> {
  if (searchesNow >= SEARCHES_AT_ONCE_MAX) return { kind: 'too-costly' };
  searchesNow += 1;
  const start = performance.now();
  try {
    const found = await transaction((tx) => readFound(tx, asked));
    return { kind: 'found', ...found, isPartial: false, ms: Math.round(performance.now() - start) };
  } catch (error) {
    if (!isTimeout(error)) throw error;
    return { kind: 'too-costly' };
  } finally {
    searchesNow -= 1;
  }
}

/**
 * The newest posts that match a tsquery between the times $2 and $3. The planner knows the query
 * and how frequent its words are: rare ones are looked up, and for frequent ones it goes through
 * the posts by time, and ends when it has enough. Neither reads the whole table.
 */
const newest = (query: string) => `
    SELECT p.id, p.sort_at FROM posts p
    WHERE (numnode(${query}::tsquery) = 0 OR p.words @@ ${query}::tsquery)
      AND p.withdrawn_at IS NULL
      AND p.sort_at >= coalesce($2::timestamptz, '-infinity')
      AND p.sort_at < coalesce($3::timestamptz, 'infinity')
    ORDER BY p.sort_at DESC, p.id DESC LIMIT ${SEARCH_HITS_MAX}`;

/** Posts with the query $1 as it stands. */
const MET = `met AS MATERIALIZED (SELECT *, true AS is_plain FROM (${newest('$1')}) AS plain)`;

/**
 * Posts with the words of $1 as they stand, and those with anything that begins as their stems do
 * ($6), as far as they meet the query with the forms that they have ($7), like an alert.
 */
const MET_IN_FORMS = `
  plain AS MATERIALIZED (${newest('$1')}), wide AS MATERIALIZED (${newest('$6')}),
  met AS MATERIALIZED (
    SELECT p.id, p.sort_at, plain.id IS NOT NULL AS is_plain
    FROM plain FULL JOIN wide ON wide.id = plain.id
    JOIN posts p ON p.id = coalesce(plain.id, wide.id)
    WHERE CASE WHEN plain.id IS NOT NULL AND NOT $8::boolean THEN true
      ELSE p.words || met_words($7::tsquery, p.words, p.language) @@ $7::tsquery END
    ORDER BY p.sort_at DESC, p.id DESC LIMIT ${SEARCH_HITS_MAX})`;

const COUNTS = `
  (SELECT count(*)::int FROM met) AS total,
  jsonb_build_object('tag', coalesce((SELECT jsonb_object_agg(slug, n) FROM (
    SELECT t.slug, c.n FROM (
      SELECT pt.tag_id, count(*) AS n FROM met JOIN post_tags pt ON pt.post_id = met.id
      GROUP BY pt.tag_id ORDER BY n DESC, pt.tag_id LIMIT ${FACET_VALUES_MAX}) AS c
    JOIN tags t ON t.id = c.tag_id AND NOT t.hidden) AS tags), '{}'),
  'source', coalesce((SELECT jsonb_object_agg(slug, n) FROM (
    SELECT f.slug, c.n FROM (
      SELECT s.feed_id, count(DISTINCT met.id) AS n FROM met
      JOIN post_sources s ON s.post_id = met.id
      GROUP BY s.feed_id ORDER BY n DESC, s.feed_id LIMIT ${FACET_VALUES_MAX}) AS c
    JOIN feeds f ON f.id = c.feed_id) AS sources), '{}'),
  'author', coalesce((SELECT jsonb_object_agg(name, n) FROM (
    SELECT a.name, count(DISTINCT met.id) AS n FROM met
    JOIN post_authors pa ON pa.post_id = met.id JOIN authors a ON a.id = pa.author_id
    GROUP BY a.name ORDER BY n DESC, a.name LIMIT ${FACET_VALUES_MAX}) AS authors), '{}'),
  'lang', coalesce((SELECT jsonb_object_agg(language, n) FROM (
    SELECT p.language, count(*) AS n FROM met JOIN posts p ON p.id = met.id
    WHERE p.language IS NOT NULL GROUP BY p.language) AS languages), '{}'),
  'year', coalesce((SELECT jsonb_object_agg(year, n) FROM (
    SELECT extract(year FROM met.sort_at AT TIME ZONE 'UTC')::int AS year, count(*) AS n
    FROM met GROUP BY 1) AS years), '{}')) AS facets`;

const RANK = `
  CASE WHEN met.is_plain THEN ts_rank(p.words, $1::tsquery, 1)
    ELSE ts_rank(p.words, marked_words($1::tsquery, p.words, p.language), 1) END`;

const pageOf = (isRanked: boolean) => `
  ARRAY(SELECT met.id FROM met ${isRanked ? 'JOIN posts p ON p.id = met.id' : ''}
        ORDER BY ${isRanked ? `${RANK} DESC,` : ''} met.sort_at DESC, met.id DESC
        LIMIT $4 OFFSET $5) AS ids`;

const NO_FACETS: FacetCounts = { tag: {}, source: {}, author: {}, lang: {}, year: {} };

const startOf = (day: string | undefined) => (day === undefined ? null : `${day}T00:00:00Z`);

interface Counted {
  total: number;
  facets: FacetCounts;
  ids: number[];
}

async function readFound(tx: Tx, asked: DatabaseSearch) {
  await tx.query(`SET LOCAL statement_timeout = ${asked.msMax ?? SEARCH_MS_MAX}; SET LOCAL jit = off;
                  SET LOCAL enable_seqscan = off`);
  const query = await readQuery(tx, asked);
  const pageSize = Math.min(asked.pageSize ?? SEARCH_PAGE_HITS, PAGE_HITS_MAX);
  const page = Math.min(Math.max(asked.page ?? 1, 1), Math.ceil(SEARCH_HITS_MAX / pageSize));
  if (query === undefined) return { hits: [], total: 0, page, pages: 0, facets: NO_FACETS };
  const { plain, wide, inForms, hasWord, hasForms } = query;
  const isRanked = hasWord && asked.order !== 'newest';
  const values = [
    plain,
    startOf(asked.after),
    startOf(asked.before),
    pageSize,
    (page - 1) * pageSize,
  ];
  const { rows } = await tx.query<Counted>(
    `WITH ${hasForms ? MET_IN_FORMS : MET} SELECT ${COUNTS}, ${pageOf(isRanked)}`,
    hasForms ? [...values, wide, inForms, plain.includes('!')] : values,
  );
  const { total, facets, ids } = rows[0] ?? { total: 0, facets: NO_FACETS, ids: [] };
  const hits = await readPassages(tx, plain, ids);
  return { hits, total, page, pages: Math.ceil(total / pageSize), facets };
}

/** A query as texts of tsqueries. */
interface TextQuery {
  plain: string;
  /** With all that begins as the stems of its words do. */
  wide: string;
  /** For posts with the forms that they have beside their words. */
  inForms: string;
  /** Whether a match must have a word. */
  hasWord: boolean;
  /** Whether there are words that have other forms. */
  hasForms: boolean;
}

const ANY: TextQuery = { plain: '', wide: '', inForms: '', hasWord: false, hasForms: false };

/** @returns undefined for signs that Postgres takes for no word: they are in no post. */
async function readQuery(tx: Tx, { tree }: DatabaseSearch): Promise<TextQuery | undefined> {
  if (tree === undefined) return ANY;
  const plain = compileQuery(tree);
  const { rows } = await tx.query<{ plain: string; hasWord: boolean; nodes: number }>(
    `SELECT q::text AS plain, ${hasWords('q')} AS "hasWord", numnode(q) AS nodes
     FROM (SELECT ${plain.sql} AS q) AS compiled`,
    plain.values,
  );
  const [read] = rows;
  if (read === undefined || read.nodes === 0) return undefined;
  const { nodes: _, ...query } = read;
  if (!query.hasWord || !requiresWord(tree)) return { ...ANY, ...query };
  const inForms = compileQuery(tree, 1, { marksExact: true });
  const wide = compileQuery(requiredParts(tree), 1 + inForms.values.length, { isWide: true });
  const { rows: formed } = await tx.query<Pick<TextQuery, 'wide' | 'inForms' | 'hasForms'>>(
    `SELECT wide::text AS wide, "inForms"::text AS "inForms",
            EXISTS (SELECT FROM query_words("inForms") AS word
                    WHERE word NOT LIKE '¶%') AS "hasForms"
     FROM (SELECT ${wide.sql} AS wide, ${inForms.sql} AS "inForms") AS compiled`,
    [...inForms.values, ...wide.values],
  );
  return { ...ANY, ...query, ...formed[0] };
}

const unmarked = (column: string) => `translate(${column}, '${MARK_START}${MARK_END}', '')`;
const marked = (text: string, options: string) =>
  `ts_headline('tagwire', ${unmarked(text)}, q.q,
               'StartSel=${MARK_START}, StopSel=${MARK_END}, ${options}')`;

const PASSAGES = `
  SELECT p.id, ${marked('p.title', 'HighlightAll=true')} AS title,
         CASE WHEN 'link' IN (f.display, f.owner_display) THEN '' ELSE
           ${marked(
             `left(p.body_text, ${TEXT_CHARACTERS_MAX})`,
             `MaxFragments=1, MaxWords=${PASSAGE_WORDS_MAX}, MinWords=${PASSAGE_WORDS_MIN}`,
           )} END AS passage,
         left(p.body_text, ${EDGE_CHARACTERS}) AS first, right(p.body_text, ${EDGE_CHARACTERS}) AS last
  FROM unnest($2::int[]) WITH ORDINALITY AS page (id, place)
  JOIN posts p ON p.id = page.id JOIN feeds f ON f.id = p.feed_id,
  LATERAL (SELECT marked_words($1::tsquery, p.words, p.language) AS q) AS q ORDER BY place`;

interface PassageRow {
  id: number;
  title: string;
  passage: string;
  /** How the text begins and ends. */
  first: string;
  last: string;
}

/** A passage with dots where the text goes on. */
function withDots({ passage, first, last }: PassageRow): string {
  const oneLine = (text: string) => text.replace(/\s+/gu, ' ').trim();
  const text = oneLine(passage);
  if (text === '') return '';
  const plain = text.replaceAll(MARK_START, '').replaceAll(MARK_END, '');
  const before = plain.startsWith(oneLine(first)) ? '' : '…';
  const after = plain.endsWith(oneLine(last)) ? '' : '…';
  return `${before}${text}${after}`;
}

/** Titles and best passages of posts, in the order of their ids. */
async function readPassages(tx: Tx, q: string, ids: number[]): Promise<FoundIds['hits']> {
  if (ids.length === 0) return [];
  const { rows } = await tx.query<PassageRow>(PASSAGES, [q, ids]);
  return rows.map((row) => ({
    id: row.id,
    title: splitMarks(row.title),
    passage: splitMarks(withDots(row)),
  }));
}
