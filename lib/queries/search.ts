import { config } from '../config.ts';
import { dbPool } from '../db.ts';
import type { MarkedText } from '../model/marked-text.ts';
import { planSearch, type SearchPlan } from '../model/query/plan-search.ts';
import type { QueryTree } from '../model/query/tree.ts';
import type { AnsweredBy, Facet, SearchHit, SearchOutcome, SearchQuery } from '../model/search.ts';
import { checkDays, dayAfter } from '../model/search-address.ts';
import { slugOf } from '../model/slug.ts';
import { type DocumentsFound, searchDocuments } from '../search/search-documents.ts';
import { getPosts } from './posts.ts';
import { nameAuthors, resolveFields } from './query-fields.ts';
import { type DatabaseFound, searchDatabase } from './search-database.ts';

const FACETS_MAX = 12;

const TAG_NAMES = 'SELECT slug, name FROM tags WHERE slug = ANY($1) AND NOT hidden';
const SOURCE_NAMES =
  'SELECT slug, coalesce(title_override, title) AS name FROM feeds WHERE slug = ANY($1)';

type Found = Extract<DocumentsFound, { kind: 'found' }> | DatabaseFound;

/**
 * Searches the posts. Meilisearch finds and marks what it can answer as it is meant; the rest, and
 * everything while it is away, Postgres answers. What is shown beside comes from Postgres, so that
 * a post withdrawn a moment ago is not shown and names are those of today.
 */
export async function searchPosts(query: SearchQuery): Promise<SearchOutcome> {
  const plan = planSearch(query.q);
  if (plan.kind === 'invalid') return { kind: 'invalid', message: plan.message, at: plan.at };
  const message = checkDays(query);
  if (message !== undefined) return { kind: 'invalid', message };
  const asked = await askIndex(query, plan);
  if (asked.kind === 'invalid') return asked;
  if (asked.kind === 'found') return show(asked, { by: 'index' }, plan);
  const answeredBy: AnsweredBy =
    asked.kind === 'beyond'
      ? { by: 'database', why: 'query', beyond: asked.beyond }
      : { by: 'database', why: asked.kind === 'off' ? 'off' : 'away' };
  const found = await askDatabase(query, plan);
  return found.kind === 'found' ? show(found, answeredBy, plan) : { ...found, answeredBy };
}

/** Asks the search server, if it can answer this. */
async function askIndex(
  query: SearchQuery,
  { index, after, before, beyond }: SearchPlan,
): Promise<DocumentsFound | { kind: 'beyond'; beyond: string[] }> {
  if (config().meiliUrl === undefined) return { kind: 'off' };
  if (index === undefined) return { kind: 'beyond', beyond };
  const [tag, fields] = await Promise.all([
    query.tag && currentSlug(query.tag),
    Promise.all(index.filters.map(async (tree) => nameAuthors(await resolveFields(tree)))),
  ]);
  const named = fields.filter((tree) => tree !== undefined);
  if (named.length < fields.length) return { kind: 'beyond', beyond: ['author:'] };
  return searchDocuments({
    ...query,
    ...(tag ? { tag } : {}),
    q: index.q,
    fields: named,
    after,
    before,
  });
}

/** Asks Postgres, with the filters of the address as fields of the query. */
async function askDatabase(query: SearchQuery, plan: SearchPlan) {
  const { tag, source, from, to, order, page, pageSize } = query;
  const field = (name: 'tag' | 'source', text: string | undefined): QueryTree[] =>
    text ? [{ kind: 'field', name, text: slugOf(text), isPrefix: false }] : [];
  const parts = [plan.tree ?? [], field('tag', tag), field('source', source)].flat();
  const tree = parts.length > 1 ? { kind: 'and' as const, parts } : parts[0];
  return searchDatabase({
    tree: tree && (await resolveFields(tree)),
    after: [from, plan.after]
      .filter((day) => day !== undefined)
      .sort()
      .at(-1),
    before: [to && dayAfter(to), plan.before].filter((day) => day !== undefined).sort()[0],
    order,
    page,
    pageSize,
  });
}

/** What was found, with everything that is shown of it. */
async function show(
  found: Found,
  answeredBy: AnsweredBy,
  { fault }: SearchPlan,
): Promise<SearchOutcome> {
  const [posts, tags, sources] = await Promise.all([
    getPosts(found.hits.map((hit) => hit.id)),
    nameFacets(found.tags, TAG_NAMES),
    nameFacets(found.sources, SOURCE_NAMES),
  ]);
  const hits = found.hits.flatMap(({ id, title, passage }): SearchHit[] => {
    const post = posts.get(id);
    if (post === undefined) return [];
    return [
      {
        post,
        // A title that has changed since it was indexed is shown as it is now.
        title: plain(title) === post.title ? title : [{ text: post.title, isMatch: false }],
        passage: post.display === 'link' ? [] : passage,
      },
    ];
  });
  const { total, page, pages, ms } = found;
  const isPartial = 'isPartial' in found && found.isPartial;
  const shown = { hits, total, page, pages, tags, sources, isPartial, ms };
  return { kind: 'found', answeredBy, ...shown, ...(fault ? { fault } : {}) };
}

/** The slug of the tag that this one means: a link may have that of a tag merged since. */
async function currentSlug(slug: string): Promise<string> {
  const { rows } = await dbPool().query<{ slug: string }>(
    'SELECT t.slug FROM tag_aliases a JOIN tags t ON t.id = a.tag_id WHERE a.slug = $1',
    [slug],
  );
  return rows[0]?.slug ?? slug;
}

const plain = (text: MarkedText) => text.map((piece) => piece.text).join('');

/** The most frequent values with their names of today. */
async function nameFacets(counts: Record<string, number>, sql: string): Promise<Facet[]> {
  const top = Object.entries(counts)
    .sort(([a, m], [b, n]) => n - m || a.localeCompare(b))
    .slice(0, FACETS_MAX);
  if (top.length === 0) return [];
  const { rows } = await dbPool().query<{ slug: string; name: string }>(sql, [
    top.map(([slug]) => slug),
  ]);
  const names = new Map(rows.map((row) => [row.slug, row.name]));
  return top.flatMap(([slug, posts]) => {
    const name = names.get(slug);
    return name === undefined ? [] : [{ slug, name, posts }];
  });
}
