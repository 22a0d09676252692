import type { SearchQuery } from '../search.ts';
import { slugOf } from '../slug.ts';
import { tagSlug } from '../tag.ts';
import type { TagTerms } from '../tag-algebra.ts';
import { listParts, parseQuery, parseSearch } from './parse-query.ts';
import { type QueryTree, writeQuery } from './tree.ts';

// What to ask an alert for to hear of the posts that a page lists.

/** Posts of a list of tags, by their slugs. */
export const tagsQuery = (slugs: TagTerms<string>): string =>
  [...slugs.with.map((slug) => `tag:${slug}`), ...slugs.without.map((slug) => `-tag:${slug}`)].join(
    ' ',
  );

/** Posts of an author of a source; of the source alone where the name has no letter. */
export function authorQuery(name: string, sourceSlug: string): string {
  const author = `author:"${name.replace(/["“”„]/gu, '')}" source:${sourceSlug}`;
  return parseQuery(author).kind === 'query' ? author : `source:${sourceSlug}`;
}

/**
 * Posts of a search with what it is narrowed to, as far as an alert can say it: one looks at what
 * is new, so days are left out. Undefined where nothing is left that posts must have.
 */
export function searchAlertQuery(asked: SearchQuery): string | undefined {
  const { q, tag, source, author, lang } = asked;
  const fields = [
    tag && `tag:${tagSlug(tag)}`,
    source && `source:${slugOf(source)}`,
    author && `author:"${author.replace(/["“”„]/gu, '')}"`,
    lang && `lang:${lang}`,
  ].filter(Boolean);
  const query = [withoutDays(q, fields.length > 0), ...fields].filter(Boolean).join(' ');
  return parseQuery(query).kind === 'query' ? query : undefined;
}

/** A query without its days; a choice in brackets where something is put beside it. */
function withoutDays(q: string, hasMore: boolean): string {
  const read = parseSearch(q);
  if (read.kind === 'invalid') return '';
  const parts = listParts(read.tree);
  const rest = parts.filter((part) => part.kind !== 'date');
  // As it was typed, if it can stay so.
  const text = rest.length === parts.length ? q.trim() : writeAll(rest);
  return hasMore && read.tree.kind === 'or' ? `(${text})` : text;
}

const writeAll = (parts: QueryTree[]) =>
  parts.map((part) => (part.kind === 'or' ? `(${writeQuery(part)})` : writeQuery(part))).join(' ');
