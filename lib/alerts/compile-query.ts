import { unreachable } from '../errors.ts';
import type { QueryTree } from '../model/query/tree.ts';

/** An SQL expression of type tsquery, and the texts for its parameters. */
export interface CompiledQuery {
  sql: string;
  values: string[];
}

/**
 * Says a query in SQL; Postgres cuts and folds the words, by the same rules as those of posts
 * (text search configuration `tagwire`). A part without any word of that kind gives an empty
 * tsquery, which Postgres leaves out of what it is joined to.
 * @param firstParameter number of the first `$n`.
 */
export function compileQuery(tree: QueryTree, firstParameter = 1): CompiledQuery {
  const values: string[] = [];
  const parameter = (text: string) => `$${firstParameter + values.push(text) - 1}::text`;
  const compile = (part: QueryTree): string => {
    switch (part.kind) {
      case 'word':
      case 'phrase':
        return `phraseto_tsquery('tagwire', ${parameter(part.text)})`;
      case 'prefix':
        // Of a word that is cut in several, the last is the beginning.
        return `coalesce(nullif(phraseto_tsquery('tagwire', ${parameter(part.text)})::text || ':*', ':*'), '')::tsquery`;
      case 'not':
        return `!!(${compile(part.part)})`;
      case 'and':
        return `(${part.parts.map(compile).join(' && ')})`;
      case 'or':
        return `(${part.parts.map(compile).join(' || ')})`;
      default:
        return unreachable(part);
    }
  };
  return { sql: compile(tree), values };
}

/**
 * Whether a tsquery has words that posts must have, as SQL. Postgres may find none in what we
 * take for a word, and what is left (nothing, or only exclusions) would be met by every post.
 */
export const hasWords = (tsquery: string) => `querytree(${tsquery}) NOT IN ('', 'T')`;

/**
 * The words and phrases that every match must have. One of their lexemes becomes the alert's
 * anchor: only posts with it are looked at. Empty when there is none (a choice, a beginning).
 */
export function requiredTexts(tree: QueryTree): string[] {
  switch (tree.kind) {
    case 'word':
    case 'phrase':
      return [tree.text];
    case 'and':
      return tree.parts.flatMap(requiredTexts);
    default:
      return [];
  }
}
