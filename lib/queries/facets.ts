import { dbPool } from '../db.ts';
import type { Facet, FacetCounts, FacetName } from '../model/search.ts';

/** Of each facet so many are shown; the languages and years of a site are hardly more. */
const FACETS_MAX = 12;

const TAG_NAMES = 'SELECT slug, name FROM tags WHERE slug = ANY($1) AND NOT hidden';
const SOURCE_NAMES =
  'SELECT slug, coalesce(title_override, title) AS name FROM feeds WHERE slug = ANY($1)';

const languageNames = new Intl.DisplayNames('en', { type: 'language', fallback: 'code' });

/** Values of facets with their names of today, the most frequent first; years, the latest. */
export async function nameFacets(counts: FacetCounts): Promise<Record<FacetName, Facet[]>> {
  const [tag, source] = await Promise.all([
    lookUpNames(topOf(counts.tag), TAG_NAMES),
    lookUpNames(topOf(counts.source), SOURCE_NAMES),
  ]);
  const author = topOf(counts.author).map(([name, posts]) => ({ slug: name, name, posts }));
  const lang = topOf(withoutRegions(counts.lang)).map(([slug, posts]) => ({
    slug,
    name: languageName(slug),
    posts,
  }));
  const year = topOf(counts.year)
    .map(([slug, posts]) => ({ slug, name: slug, posts }))
    .sort((a, b) => Number(b.slug) - Number(a.slug));
  return { tag, source, author, lang, year };
}

/** The name of a language in English; what is no code stays as it is. */
function languageName(code: string): string {
  try {
    return languageNames.of(code) ?? code;
  } catch {
    // Intl throws for what cannot be a code, and feeds write what they like.
    return code;
  }
}

/** A post has one language, so that counts of regions add up. */
function withoutRegions(counts: Record<string, number>): Record<string, number> {
  const sums = new Map<string, number>();
  for (const [code, posts] of Object.entries(counts)) {
    const language = code.split('-', 1)[0] ?? code;
    sums.set(language, (sums.get(language) ?? 0) + posts);
  }
  return Object.fromEntries(sums);
}

const topOf = (counts: Record<string, number>) =>
  Object.entries(counts)
    .sort(([a, m], [b, n]) => n - m || a.localeCompare(b))
    .slice(0, FACETS_MAX);

async function lookUpNames(top: [string, number][], sql: string): Promise<Facet[]> {
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
