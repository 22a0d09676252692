import { config } from '../config.ts';
import { dbPool } from '../db.ts';
import type { MarkedText } from '../model/marked-text.ts';
import type { Facet, SearchHit, SearchOutcome, SearchQuery } from '../model/search.ts';
import { searchDocuments } from '../search/search-documents.ts';
import { getPosts } from './posts.ts';

const FACETS_MAX = 12;

const TAG_NAMES = 'SELECT slug, name FROM tags WHERE slug = ANY($1) AND NOT hidden';
const SOURCE_NAMES =
  'SELECT slug, coalesce(title_override, title) AS name FROM feeds WHERE slug = ANY($1)';

/** Whether there is a search server to ask. */
export const isSearchOn = () => config().meiliUrl !== undefined;

/**
 * Searches the posts. Meilisearch finds and marks; what is shown beside comes from Postgres, so
 * that a post withdrawn a moment ago is not shown and names are those of today.
 */
export async function searchPosts(query: SearchQuery): Promise<SearchOutcome> {
  const tag = query.tag && (await currentSlug(query.tag));
  const found = await searchDocuments(tag ? { ...query, tag } : query);
  if (found.kind !== 'found') return found;
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
  const { total, page, pages, isPartial, ms } = found;
  return { kind: 'found', hits, total, page, pages, tags, sources, isPartial, ms };
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
