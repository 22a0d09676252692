import { connection } from 'next/server';
import { config } from '../../lib/config.ts';
import { unreachable } from '../../lib/errors.ts';
import { BEFORE, type ListScope } from '../../lib/model/list-address.ts';
import { isBlank, readSearchAddress } from '../../lib/model/search-address.ts';
import { TAG_TERMS_MAX } from '../../lib/model/tag-algebra.ts';
import { TAG_ORDERS } from '../../lib/model/tag-index.ts';
import { searchPosts } from '../../lib/queries/search.ts';
import {
  type FoundHead,
  type ListHead,
  readListHead,
  readListPage,
  scopeOf,
} from '../_data/lists.ts';
import { readPost, readSourcePage, readTagIndex } from '../_data/pages.ts';
import { readSlug } from '../_data/slug.ts';
import { problem } from '../_feeds/problem.ts';
import { openApi } from './openapi.ts';
import { apiPost, apiSource, apiSourceSummary, apiTag, apiTagCount } from './shapes.ts';

// The JSON API reads what the pages read, so that the two never disagree.

const API_PATH = '/api/v1';
const LISTS = ['tag', 'source', 'author'] as const;
/** Larger numbers are no ids: Postgres would refuse them. */
const ID_MAX = 2 ** 31 - 1;

/** Asked anew each time, as pages and feeds are: what was withdrawn is gone at once. */
const HEADERS = {
  'cache-control': 'no-cache',
  // Programs that run in a browser may read it from anywhere.
  'access-control-allow-origin': '*',
};

const json = (value: object) => Response.json(value, { headers: HEADERS });
const none = (detail: string) => problem(404, 'Nothing here', detail);
const refuse = (detail: string) => problem(400, 'This cannot be answered', detail);
const address = (path: string, query: URLSearchParams) =>
  `${config().siteUrl}${API_PATH}/${path}${query.size === 0 ? '' : `?${query}`}`;

/** Leads on to what a tag has become. */
const leadTo = (path: string, query: URLSearchParams) =>
  new Response(null, { status: 308, headers: { ...HEADERS, location: address(path, query) } });

/** The same question with another value; undefined takes one away. */
function changed(query: URLSearchParams, name: string, value: string | undefined) {
  const next = new URLSearchParams(query);
  if (value === undefined) next.delete(name);
  else next.set(name, value);
  return next;
}

/** @returns a page's number; undefined for what is none. */
function pageOf(query: URLSearchParams): number | undefined {
  const given = query.get('page') ?? '1';
  return /^[1-9]\d{0,5}$/u.test(given) ? Number(given) : undefined;
}

/** A list of posts, its slug as the database has it. */
async function findList(scope: ListScope, slug: string): Promise<ListHead> {
  const head = await readListHead(scope, slug);
  const lower = slug.toLowerCase();
  if (head.kind !== 'none' || lower === slug) return head;
  const known = await readListHead(scope, lower);
  return known.kind === 'none' || known.kind === 'alias' || known.kind === 'too-many'
    ? known
    : { kind: 'alias', slug: encodeURIComponent(lower) };
}

async function answerPosts(query: URLSearchParams): Promise<Response> {
  const given = LISTS.filter((scope) => query.has(scope));
  if (given.length > 1)
    return refuse('Ask by tag, by source or by author: a search takes several.');
  const [scope] = given;
  const slug = scope === undefined ? '-' : (query.get(scope) ?? '').normalize('NFC');
  const head = await findList(scope ?? 'latest', slug);
  switch (head.kind) {
    case 'none':
      return none(`There is no ${scope} ${slug} with posts.`);
    case 'too-many':
      return refuse(`A list is made of at most ${TAG_TERMS_MAX} tags. Leave some out.`);
    case 'alias':
      return leadTo('posts', changed(query, scope ?? 'tag', decodeURIComponent(head.slug)));
    default:
      return answerPage(head, slug, query);
  }
}

async function answerPage(
  head: FoundHead,
  slug: string,
  query: URLSearchParams,
): Promise<Response> {
  const before = query.get('before') ?? 'newest';
  const month = query.get('month') ?? 'all';
  const isPlace = before === 'newest' || BEFORE.test(before);
  const page = isPlace
    ? await readListPage(scopeOf(head), slug, { before, month, withBody: true })
    : undefined;
  if (page === undefined) {
    return refuse('Take “before” from “next” of another answer, and write a month like 2026-05.');
  }
  const next = page.older && address('posts', changed(query, 'before', page.older));
  return json({ posts: page.posts.map(apiPost), next });
}

async function answerPost(name: string): Promise<Response> {
  const id = Number(name);
  if (!/^[1-9]\d{0,9}$/u.test(name) || id > ID_MAX) return none('Posts have numbers: posts/1.');
  const found = await readPost(id);
  switch (found.kind) {
    case 'post':
      return json(apiPost(found.post));
    case 'merged':
      return leadTo(`posts/${found.into}`, new URLSearchParams());
    case 'withdrawn':
      return problem(
        410,
        'Withdrawn',
        'Its publisher, or whoever runs this site, has taken it back.',
      );
    case 'none':
      return none(`There is no post ${id}.`);
    default:
      return unreachable(found);
  }
}

async function answerTags(query: URLSearchParams): Promise<Response> {
  const wanted = query.get('order') ?? TAG_ORDERS[0];
  const order = TAG_ORDERS.find((each) => each === wanted);
  if (order === undefined) return refuse(`“order” is one of ${TAG_ORDERS.join(', ')}.`);
  const page = pageOf(query);
  const found = page && (await readTagIndex(order, page));
  if (!page || !found) return none('There is no such page of tags.');
  const next =
    page < found.pages ? address('tags', changed(query, 'page', String(page + 1))) : null;
  const tags = found.groups.flatMap((group) => group.tags.map(apiTagCount));
  return json({ tags, total: found.tags, next });
}

async function answerTag(slug: string): Promise<Response> {
  const head = await findList('tag', slug);
  if (head.kind === 'alias') return leadTo(`tags/${head.slug}`, new URLSearchParams());
  if (head.kind === 'tag') return json(apiTag(head.summary));
  return none(`There is no tag ${slug}; posts?tag=a+b has those of several.`);
}

async function answerSources(query: URLSearchParams): Promise<Response> {
  const page = pageOf(query);
  const found = page && (await readSourcePage(page));
  if (!page || !found) return none('There is no such page of sources.');
  const next =
    page < found.pages ? address('sources', changed(query, 'page', String(page + 1))) : null;
  return json({ sources: found.sources.map(apiSourceSummary), total: found.total, next });
}

async function answerSource(slug: string): Promise<Response> {
  const head = await findList('source', slug);
  if (head.kind === 'alias') return leadTo(`sources/${head.slug}`, new URLSearchParams());
  return head.kind === 'source' ? json(apiSource(head)) : none(`There is no source ${slug}.`);
}

async function answerSearch(asked: URLSearchParams): Promise<Response> {
  const query = readSearchAddress(Object.fromEntries(asked));
  if (isBlank(query)) return refuse('Say what to look for, as in search?q=numa.');
  const found = await searchPosts(query, { proposes: true });
  switch (found.kind) {
    case 'found': {
      const { total, page, pages, isPartial, answeredBy, didYouMean = null } = found;
      const next =
        page < pages ? address('search', changed(asked, 'page', String(page + 1))) : null;
      const posts = found.hits.map(({ post, passage }) => {
        const { html: _, ...shown } = apiPost(post);
        return { ...shown, passage: passage.map(({ text }) => text).join('') };
      });
      return json({ posts, total, isPartial, didYouMean, answeredBy: answeredBy.by, next });
    }
    case 'invalid':
      return refuse(found.message);
    case 'too-costly':
      return problem(503, 'This takes too long', 'Take rarer or more words, or try again later.');
    default:
      return unreachable(found);
  }
}

/** Answers an address below API_PATH. @param path its parts, as they were sent. */
export async function answerApi(path: string[], query: URLSearchParams): Promise<Response> {
  await connection();
  const [kind = '', given, ...more] = path;
  const name = given === undefined ? undefined : readSlug(given);
  if (more.length > 0 || (given !== undefined && !name)) return nothingThere();
  switch (kind) {
    case 'openapi.json':
      return name === undefined ? json(openApi()) : nothingThere();
    case 'posts':
      return name === undefined ? answerPosts(query) : answerPost(name);
    case 'tags':
      return name === undefined ? answerTags(query) : answerTag(name);
    case 'sources':
      return name === undefined ? answerSources(query) : answerSource(name);
    case 'search':
      return name === undefined ? answerSearch(query) : nothingThere();
    default:
      return nothingThere();
  }
}

const nothingThere = () =>
  none(
    `There is nothing at this address. ${config().siteUrl}${API_PATH}/openapi.json says what there is.`,
  );
