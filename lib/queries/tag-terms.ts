import { dbPool } from '../db.ts';
import type { MonthCount, TagName } from '../model/tag.ts';
import { isContradiction, type TagTerms, writeTagTerms } from '../model/tag-algebra.ts';
import { countTags, SAMPLE_POSTS } from './list-company.ts';
import { findInList } from './list-ranges.ts';
import { findTag, SHOWN_MONTHS, type TagCount } from './tags.ts';

/** A tag of tag algebra, with its own number of posts. */
export type Term = TagCount & { id: number };

/** What an address of tag algebra means. */
export type TermsLookup =
  | { kind: 'tags'; tags: TagTerms<Term> }
  /** The same list has another address; `slug` as an address has it. */
  | { kind: 'alias'; slug: string };

/**
 * Finds the tags of an address, by their slugs or aliases.
 * @param text what the address has in the place of a slug, decoded.
 * @returns undefined when one of them is unknown or hidden, or is wanted and unwanted at once.
 */
export async function findTerms(
  text: string,
  given: TagTerms<string>,
): Promise<TermsLookup | undefined> {
  const slugs = [...given.with, ...given.without];
  const found = await Promise.all(slugs.map(findTag));
  const current = new Map(found.flatMap((tag, i) => (tag ? [[slugs[i], tag.slug]] : [])));
  if (found.includes(undefined)) return undefined;
  const now = (slug: string) => current.get(slug) ?? slug;
  const terms = { with: given.with.map(now), without: given.without.map(now) };
  if (isContradiction(terms)) return undefined;
  const slug = writeTagTerms(terms);
  if (decodeURIComponent(slug) !== text) return { kind: 'alias', slug };
  const tags = await countPosts(slugs);
  const tagOf = (each: string) => tags.get(each) ?? [];
  return {
    kind: 'tags',
    tags: { with: terms.with.flatMap(tagOf), without: terms.without.flatMap(tagOf) },
  };
}

async function countPosts(slugs: string[]): Promise<Map<string, Term>> {
  const { rows } = await dbPool().query<Term>(
    `SELECT t.id, t.slug, t.name,
            coalesce((SELECT sum(posts)::int FROM ${SHOWN_MONTHS} AS m
                      WHERE m.tag_id = t.id), 0) AS posts
     FROM tags t WHERE t.slug = ANY($1)`,
    [slugs],
  );
  return new Map(rows.map((row) => [row.slug, row]));
}

/** Which posts bear the tags, for the queries of lists. */
export const idsOf = ({ with: plus, without }: TagTerms<Term>): TagTerms<number> => ({
  with: plus.map(({ id }) => id),
  without: without.map(({ id }) => id),
});

/** What is known of the newest posts with some tags: of SAMPLE_POSTS at most. */
export interface TermsCompany {
  /** Tags that stand beside these. */
  narrower: (TagName & { posts: number })[];
  posts: number;
  /** There are more than these. */
  hasOlder: boolean;
  /** Of the oldest and the newest; ISO 8601, UTC. */
  oldestAt: string | null;
  newestAt: string | null;
  /** Oldest first. */
  months: MonthCount[];
}

/** What stands beside the list of some tags. */
export async function getTermsCompany(tags: TagTerms<Term>): Promise<TermsCompany> {
  const terms = idsOf(tags);
  const { posts, older } = await findInList({ kind: 'tags', terms }, { limit: SAMPLE_POSTS });
  const months = new Map<string, number>();
  for (const { sortAt } of posts.toReversed()) {
    const month = sortAt.toISOString().slice(0, 7);
    months.set(month, (months.get(month) ?? 0) + 1);
  }
  return {
    narrower: await countTags(
      posts.map(({ id }) => id),
      terms.with,
    ),
    posts: posts.length,
    hasOlder: older !== undefined,
    oldestAt: posts.at(-1)?.sortAt.toISOString() ?? null,
    newestAt: posts[0]?.sortAt.toISOString() ?? null,
    months: [...months].map(([month, count]) => ({ month, posts: count })),
  };
}
