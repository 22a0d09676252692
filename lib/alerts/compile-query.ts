import { unreachable } from '../errors.ts';
import type { Leaf } from '../model/query/token.ts';
import { type QueryTree, requiresWord } from '../model/query/tree.ts';

/** An SQL expression of type tsquery, and the texts for its parameters. */
export interface CompiledQuery {
  sql: string;
  values: string[];
}

type Field = Extract<Leaf, { kind: 'field' }>;

/** What post_words() gives the words of titles and bylines. */
const WEIGHTS = { title: 'A', author: 'C' } as const;

/** Whether a field is words of the title or byline. */
export const isWeighted = (name: Field['name']): name is keyof typeof WEIGHTS => name in WEIGHTS;

/**
 * The lexeme of a tag, source or language, which post_fields() of the migrations puts among a
 * post's words; no text can give it.
 */
export const fieldLexeme = ({ name, text }: Field) => `¶${name}:${text}`;

const wordsOf = (text: string) => `phraseto_tsquery('tagwire', ${text})`;

/** Of a word that is cut in several, the last is the beginning. */
const beginningOf = (text: string) =>
  `coalesce(nullif(${wordsOf(text)}::text || ':*', ':*'), '')::tsquery`;

function compileLeaf(
  leaf: Leaf,
  parameter: (text: string) => string,
  { marksExact, isWide }: CompileOptions,
): string {
  switch (leaf.kind) {
    case 'word': {
      const words = wordsOf(parameter(leaf.text));
      return isWide ? `wide_words(${words})` : words;
    }
    case 'phrase':
      return wordsOf(parameter(leaf.text));
    case 'exact': {
      const words = wordsOf(parameter(leaf.text));
      return marksExact ? `exact_words(${words})` : words;
    }
    case 'prefix':
      return beginningOf(parameter(leaf.text));
    case 'field': {
      if (isWeighted(leaf.name)) {
        const words = (leaf.isPrefix ? beginningOf : wordsOf)(parameter(leaf.text));
        return `words_of_weight(${words}, '${WEIGHTS[leaf.name]}')`;
      }
      // Slugs and languages have no quotation marks.
      return `${parameter(`'${fieldLexeme(leaf)}'${leaf.isPrefix ? ':*' : ''}`)}::tsquery`;
    }
    case 'date':
      throw new Error('the days of a search are no words: they are compared by themselves');
    default:
      return unreachable(leaf);
  }
}

interface CompileOptions {
  /** For posts that have other forms of their words beside them, as those that are matched. */
  marksExact?: boolean;
  /** Words stand for all that begins as their stems do. */
  isWide?: boolean;
}

/**
 * Says a query in SQL; Postgres cuts and folds the words, by the same rules as those of posts
 * (text search configuration `tagwire`). A part without any word of that kind gives an empty
 * tsquery, which Postgres leaves out of what it is joined to.
 * @param firstParameter number of the first `$n`.
 */
export function compileQuery(
  tree: QueryTree,
  firstParameter = 1,
  options: CompileOptions = {},
): CompiledQuery {
  const values: string[] = [];
  const parameter = (text: string) => `$${firstParameter + values.push(text) - 1}::text`;
  const compile = (part: QueryTree): string => {
    switch (part.kind) {
      case 'not':
        return `!!(${compile(part.part)})`;
      case 'and':
        return `(${part.parts.map(compile).join(' && ')})`;
      case 'or':
        return `(${part.parts.map(compile).join(' || ')})`;
      default:
        return compileLeaf(part, parameter, options);
    }
  };
  return { sql: compile(tree), values };
}

/**
 * A query without what any post could meet: all matches of the first are among those of the second,
 * also when it is compiled wide.
 */
export function requiredParts(tree: QueryTree): QueryTree {
  if (tree.kind !== 'and' && tree.kind !== 'or') return tree;
  const parts = tree.parts.filter(requiresWord).map(requiredParts);
  return { kind: tree.kind, parts };
}

/**
 * Whether a tsquery has words that posts must have, as SQL. Postgres may find none in what we
 * take for a word, and what is left (nothing, or only exclusions) would be met by every post.
 */
export const hasWords = (tsquery: string) => `querytree(${tsquery}) NOT IN ('', 'T')`;
