import { dbPool } from '../db.ts';
import type { SourceName } from '../model/post.ts';
import type { Facet, SearchHit, SearchOutcome, SearchQuery } from '../model/search.ts';
import { slugOf } from '../model/slug.ts';
import type { TagName } from '../model/tag.ts';
import { searchDocuments } from '../search/search-documents.ts';

const FACETS_MAX = 12;

interface PostRow {
  id: number;
  title: string;
  url: string;
  byline: string;
  sortAt: Date;
  source: SourceName;
  tags: TagName[];
}

/**
 * Searches the posts. Meilisearch finds and marks; what is shown beside comes from Postgres, so
 * that a post withdrawn a moment ago is not shown and names are those of today.
 */
export async function searchPosts(query: SearchQuery): Promise<SearchOutcome> {
  const found = await searchDocuments(query);
  if (found.kind !== 'found') return found;
  const [rows, tags, sources] = await Promise.all([
    readPosts(found.hits.map((hit) => hit.id)),
    nameFacets(found.tags, 'SELECT slug, name FROM tags WHERE slug = ANY($1) AND NOT hidden'),
    nameFacets(
      found.sources,
      'SELECT slug, coalesce(title_override, title) AS name FROM feeds WHERE slug = ANY($1)',
    ),
  ]);
  const hits = found.hits.flatMap((hit): SearchHit[] => {
    const row = rows.get(hit.id);
    if (row === undefined) return [];
    const { id, url, byline, source, tags } = row;
    const slug = slugOf(row.title);
    const sortAt = row.sortAt.toISOString();
    return [
      { id, slug, url, byline, source, tags, sortAt, title: hit.title, passage: hit.passage },
    ];
  });
  const { total, page, pages, isPartial, ms } = found;
  return { kind: 'found', hits, total, page, pages, tags, sources, isPartial, ms };
}

async function readPosts(ids: number[]): Promise<Map<number, PostRow>> {
  const { rows } = await dbPool().query<PostRow>(
    `SELECT p.id, p.title, p.url, p.byline, p.sort_at AS "sortAt",
            json_build_object('slug', f.slug, 'title', coalesce(f.title_override, f.title),
                              'siteUrl', f.site_url) AS source,
            coalesce((SELECT json_agg(json_build_object('slug', t.slug, 'name', t.name)
                                      ORDER BY pt.position, t.id)
                      FROM post_tags pt JOIN tags t ON t.id = pt.tag_id AND NOT t.hidden
                      WHERE pt.post_id = p.id), '[]') AS tags
     FROM posts p JOIN feeds f ON f.id = p.feed_id
     WHERE p.id = ANY($1) AND p.withdrawn_at IS NULL`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

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
