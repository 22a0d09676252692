import { compileQuery, hasWords } from '../alerts/compile-query.ts';
import { type Tx, transaction } from '../db.ts';
import { MARK_END, MARK_START, type MarkedText, splitMarks } from '../model/marked-text.ts';
import type { QueryTree } from '../model/query/tree.ts';
import { SEARCH_HITS_MAX, SEARCH_PAGE_HITS } from '../model/search.ts';

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
}

export interface DatabaseFound {
  kind: 'found';
  hits: { id: number; title: MarkedText; passage: MarkedText }[];
  /** Not counted beyond SEARCH_HITS_MAX. */
  total: number;
  page: number;
  pages: number;
  /** Slug to number of posts, of the newest SEARCH_HITS_MAX that match. */
  tags: Record<string, number>;
  sources: Record<string, number>;
  ms: number;
}

let searchesNow = 0;

/** Whether Postgres ended a statement because it took too long. */
const isTimeout = (error: unknown) => (error as { code?: string }).code === '57014';

/** Searches in Postgres. Anybody may ask, so that time and number are limited. */
export async function searchDatabase(
  asked: DatabaseSearch,
): Promise<DatabaseFound | { kind: 'too-costly' }> {
  if (searchesNow >= SEARCHES_AT_ONCE_MAX) return { kind: 'too-costly' };
  searchesNow += 1;
  const start = performance.now();
  try {
    const found = await transaction((tx) => readFound(tx, asked));
    return { kind: 'found', ...found, ms: Math.round(performance.now() - start) };
  } catch (error) {
    if (!isTimeout(error)) throw error;
    return { kind: 'too-costly' };
  } finally {
    searchesNow -= 1;
  }
}

/** How a query is gone about: by its words, without any (newest first), or not at all. */
type Way = 'words' | 'walk' | 'nothing';

/**
 * The newest posts that match the query $1 between the times $2 and $3. The planner knows the query
 * and how frequent its words are: rare ones are looked up, and for frequent ones it goes through
 * the posts by time, and ends when it has enough. Neither reads the whole table.
 */
const MET = `
  met AS MATERIALIZED (
    SELECT p.id, p.sort_at FROM posts p
    WHERE (numnode($1::tsquery) = 0 OR p.words @@ $1::tsquery) AND p.withdrawn_at IS NULL
      AND p.sort_at >= coalesce($2::timestamptz, '-infinity')
      AND p.sort_at < coalesce($3::timestamptz, 'infinity')
    ORDER BY p.sort_at DESC, p.id DESC LIMIT ${SEARCH_HITS_MAX})`;

const COUNTS = `
  (SELECT count(*)::int FROM met) AS total,
  coalesce((SELECT jsonb_object_agg(slug, n) FROM (
    SELECT t.slug, c.n FROM (
      SELECT pt.tag_id, count(*) AS n FROM met JOIN post_tags pt ON pt.post_id = met.id
      GROUP BY pt.tag_id ORDER BY n DESC, pt.tag_id LIMIT ${FACET_VALUES_MAX}) AS c
    JOIN tags t ON t.id = c.tag_id AND NOT t.hidden) AS tags), '{}') AS tags,
  coalesce((SELECT jsonb_object_agg(slug, n) FROM (
    SELECT f.slug, c.n FROM (
      SELECT s.feed_id, count(DISTINCT met.id) AS n FROM met
      JOIN post_sources s ON s.post_id = met.id
      GROUP BY s.feed_id ORDER BY n DESC, s.feed_id LIMIT ${FACET_VALUES_MAX}) AS c
    JOIN feeds f ON f.id = c.feed_id) AS sources), '{}') AS sources`;

const pageOf = (isRanked: boolean) => `
  ARRAY(SELECT met.id FROM met ${isRanked ? 'JOIN posts p ON p.id = met.id' : ''}
        ORDER BY ${isRanked ? 'ts_rank(p.words, $1::tsquery, 1) DESC,' : ''}
                 met.sort_at DESC, met.id DESC LIMIT $4 OFFSET $5) AS ids`;

const startOf = (day: string | undefined) => (day === undefined ? null : `${day}T00:00:00Z`);

interface Counted {
  total: number;
  tags: Record<string, number>;
  sources: Record<string, number>;
  ids: number[];
}

async function readFound(tx: Tx, asked: DatabaseSearch) {
  await tx.query(`SET LOCAL statement_timeout = ${SEARCH_MS_MAX}; SET LOCAL jit = off;
                  SET LOCAL enable_seqscan = off`);
  const { q, way } = await readWay(tx, asked);
  const pageSize = Math.min(asked.pageSize ?? SEARCH_PAGE_HITS, PAGE_HITS_MAX);
  const page = Math.min(Math.max(asked.page ?? 1, 1), Math.ceil(SEARCH_HITS_MAX / pageSize));
  if (way === 'nothing') {
    return { hits: [], total: 0, page, pages: 0, tags: {}, sources: {} };
  }
  const isRanked = way === 'words' && asked.order !== 'newest';
  const { rows } = await tx.query<Counted>(`WITH ${MET} SELECT ${COUNTS}, ${pageOf(isRanked)}`, [
    q,
    startOf(asked.after),
    startOf(asked.before),
    pageSize,
    (page - 1) * pageSize,
  ]);
  const { total, tags, sources, ids } = rows[0] ?? { total: 0, tags: {}, sources: {}, ids: [] };
  const hits = await readPassages(tx, q, ids);
  return { hits, total, page, pages: Math.ceil(total / pageSize), tags, sources };
}

async function readWay(tx: Tx, { tree }: DatabaseSearch): Promise<{ q: string; way: Way }> {
  if (tree === undefined) return { q: '', way: 'walk' };
  const compiled = compileQuery(tree);
  const { rows } = await tx.query<{ q: string; hasWord: boolean; nodes: number }>(
    `SELECT q::text AS q, ${hasWords('q')} AS "hasWord", numnode(q) AS nodes
     FROM (SELECT ${compiled.sql} AS q) AS compiled`,
    compiled.values,
  );
  const { q = '', hasWord = false, nodes = 0 } = rows[0] ?? {};
  if (hasWord) return { q, way: 'words' };
  // Signs that Postgres takes for no word are in no post.
  return { q, way: nodes === 0 ? 'nothing' : 'walk' };
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
  (SELECT $1::tsquery AS q) AS q ORDER BY place`;

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
  const before = plain.startsWith(oneLine(first)) ? '' : '… ';
  const after = plain.endsWith(oneLine(last)) ? '' : ' …';
  return `${before}${text}${after}`;
}

/** Titles and best passages of posts, in the order of their ids. */
async function readPassages(tx: Tx, q: string, ids: number[]): Promise<DatabaseFound['hits']> {
  if (ids.length === 0) return [];
  const { rows } = await tx.query<PassageRow>(PASSAGES, [q, ids]);
  return rows.map((row) => ({
    id: row.id,
    title: splitMarks(row.title),
    passage: splitMarks(withDots(row)),
  }));
}
