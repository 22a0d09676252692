import { config } from '../config.ts';
import { dbPool } from '../db.ts';
import type { MarkedText } from '../model/marked-text.ts';
import type { PostView } from '../model/post.ts';
import { asMeant, findLookalikes } from '../model/query/lookalikes.ts';
import { planSearch, type SearchPlan } from '../model/query/plan-search.ts';
import type { FieldName } from '../model/query/token.ts';
import type { QueryTree } from '../model/query/tree.ts';
import type {
  AnsweredBy,
  FoundIds,
  SearchHit,
  SearchOutcome,
  SearchQuery,
} from '../model/search.ts';
import { checkFilters, dayAfter, yearBounds } from '../model/search-address.ts';
import { slugOf } from '../model/slug.ts';
import { type DocumentsFound, searchDocuments } from '../search/search-documents.ts';
import { meantBy } from './did-you-mean.ts';
import { nameFacets } from './facets.ts';
import { FEED_POSTS_MAX, getFeedPosts, getPosts } from './posts.ts';
import { nameAuthors, resolveFields } from './query-fields.ts';
import { searchDatabase } from './search-database.ts';

/** For whether a proposal finds something: of a statement of Postgres. */
const PROPOSAL_MS_MAX = 500;

/**
 * Searches the posts. Meilisearch finds and marks what it can answer as it is meant; the rest, and
 * everything while it is away, Postgres answers. What is shown beside comes from Postgres, so that
 * a post withdrawn a moment ago is not shown and names are those of today.
 * @param options.proposes say what a search that no post meets whole may have meant.
 * @param options.withBody posts come with their bodies, as far as those may be shown.
 */
export async function searchPosts(
  asked: SearchQuery,
  { proposes = false, withBody = false }: { proposes?: boolean; withBody?: boolean } = {},
): Promise<SearchOutcome> {
  const query = await readFilters(asked);
  const outcome = await searchRead(query, withBody);
  if (!proposes || outcome.kind !== 'found') return outcome;
  if (outcome.total > 0 && !outcome.isPartial) return outcome;
  const isFound = (q: string) => finds({ ...query, q }, outcome.answeredBy);
  const didYouMean =
    (await meantByLookalike(query.q, isFound)) ?? (await meantBy(query.q, isFound));
  return didYouMean === undefined ? outcome : { ...outcome, didYouMean };
}

/**
 * The posts of a search's feed, with bodies, newest first: as many as any list's feed holds. Those
 * with some of the words only help who has just typed them: who follows a search waits for it.
 */
export async function searchForFeed(
  asked: SearchQuery,
  now: Date,
): Promise<{ kind: 'posts'; posts: PostView[] } | Exclude<SearchOutcome, { kind: 'found' }>> {
  const { page: _, ...query } = asked;
  const found = await searchPosts({ ...query, order: 'newest', pageSize: FEED_POSTS_MAX });
  if (found.kind !== 'found') return found;
  const ids = found.isPartial ? [] : found.hits.map(({ post }) => post.id);
  return { kind: 'posts', posts: await getFeedPosts(ids, now) };
}

/** A search whose words mix alphabets with letters of one, if it finds something. */
async function meantByLookalike(
  q: string,
  isFound: (q: string) => Promise<boolean>,
): Promise<string | undefined> {
  const lookalikes = findLookalikes(q);
  if (lookalikes.length === 0) return undefined;
  const meant = asMeant(q, lookalikes);
  return (await isFound(meant)) ? meant : undefined;
}

/** Whether a search finds a post with all of its words, asked where another was answered. */
async function finds(query: SearchQuery, { by }: AnsweredBy): Promise<boolean> {
  const one = { ...query, page: 1, pageSize: 1 };
  const plan = planSearch(one.q);
  if (plan.kind === 'invalid') return false;
  const found =
    by === 'index' ? await askIndex(one, plan) : await askDatabase(one, plan, PROPOSAL_MS_MAX);
  return found.kind === 'found' && found.total > 0 && !found.isPartial;
}

/** @param query with its filters as posts have them. */
async function searchRead(query: SearchQuery, withBody: boolean): Promise<SearchOutcome> {
  const plan = planSearch(query.q);
  if (plan.kind === 'invalid') return { kind: 'invalid', message: plan.message, at: plan.at };
  const message = checkFilters(query);
  if (message !== undefined) return { kind: 'invalid', message };
  const answer = await askIndex(query, plan);
  if (answer.kind === 'invalid') return answer;
  const shown = { plan, withBody };
  if (answer.kind === 'found') return show(answer, { by: 'index' }, shown);
  const answeredBy: AnsweredBy =
    answer.kind === 'beyond'
      ? { by: 'database', why: 'query', beyond: answer.beyond }
      : { by: 'database', why: answer.kind === 'off' ? 'off' : 'away' };
  const found = await askDatabase(query, plan);
  return found.kind === 'found' ? show(found, answeredBy, shown) : { ...found, answeredBy };
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
async function askDatabase(query: SearchQuery, plan: SearchPlan, msMax?: number) {
  const { tag, source, author, lang, year, from, to, order, page, pageSize } = query;
  const field = (name: FieldName, text: string | undefined): QueryTree[] =>
    text ? [{ kind: 'field', name, text, isPrefix: false }] : [];
  const parts = [
    plan.tree ?? [],
    field('tag', tag && slugOf(tag)),
    field('source', source && slugOf(source)),
    field('author', author),
    field('lang', lang),
  ].flat();
  const [first, next] = year ? yearBounds(year) : [];
  const tree = parts.length > 1 ? { kind: 'and' as const, parts } : parts[0];
  return searchDatabase({
    tree: tree && (await resolveFields(tree)),
    after: [from, first, plan.after]
      .filter((day) => day !== undefined)
      .sort()
      .at(-1),
    before: [to && dayAfter(to), next, plan.before].filter((day) => day !== undefined).sort()[0],
    order,
    page,
    pageSize,
    msMax,
  });
}

/** What was found, with everything that is shown of it. */
async function show(
  found: FoundIds,
  answeredBy: AnsweredBy,
  { plan: { fault }, withBody }: { plan: SearchPlan; withBody: boolean },
): Promise<SearchOutcome> {
  const [posts, facets] = await Promise.all([
    getPosts(
      found.hits.map((hit) => hit.id),
      { withBody },
    ),
    nameFacets(found.facets),
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
  const { total, page, pages, isPartial, ms } = found;
  const shown = { hits, total, page, pages, facets, isPartial, ms };
  return { kind: 'found', answeredBy, ...shown, ...(fault ? { fault } : {}) };
}

/** A search with its language and author as posts have them: an archive's address names its own. */
async function readFilters(query: SearchQuery): Promise<SearchQuery> {
  const { author, lang } = query;
  const read = { ...query };
  if (lang) read.lang = lang.toLowerCase().replaceAll('_', '-');
  if (author) {
    const { rows } = await dbPool().query<{ name: string }>(
      'SELECT name FROM authors WHERE slug = $1',
      [author],
    );
    read.author = rows[0]?.name ?? author;
  }
  return read;
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
