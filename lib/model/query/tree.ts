import type { Fault, Leaf } from './token.ts';

/** What a query means. */
export type QueryTree =
  | Leaf
  | { kind: 'and' | 'or'; parts: QueryTree[] }
  | { kind: 'not'; part: QueryTree };

export type ParsedQuery =
  | {
      kind: 'query';
      tree: QueryTree;
      /** The canonical form: equal for queries that differ only in writing; it parses to itself. */
      key: string;
    }
  | Fault;

/**
 * Flattens, removes doubles and double negations, and sorts: one tree for one meaning, as far as
 * that is plain to see.
 */
export function simplifyTree(tree: QueryTree): QueryTree {
  switch (tree.kind) {
    case 'phrase':
      // Quotes around one plain word say nothing.
      return /^[\p{L}\p{N}]+$/u.test(tree.text) ? { kind: 'word', text: tree.text } : tree;
    case 'not': {
      const part = simplifyTree(tree.part);
      return part.kind === 'not' ? part.part : { kind: 'not', part };
    }
    case 'and':
    case 'or': {
      const flat = tree.parts.flatMap((part) => {
        const simple = simplifyTree(part);
        return simple.kind === tree.kind ? simple.parts : [simple];
      });
      const byKey = new Map(flat.map((part) => [writeQuery(part), part]));
      const parts = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
      return parts.length === 1 && parts[0] ? parts[0] : { kind: tree.kind, parts };
    }
    default:
      return tree;
  }
}

/** A value after its sign: within quotation marks where a bare one would be read otherwise. */
const writeValue = (text: string) => (/[\s()*]|^=/u.test(text) ? `"${text}"` : text);

/** Writes a tree so that it parses to itself. */
export function writeQuery(tree: QueryTree): string {
  switch (tree.kind) {
    case 'word':
      return tree.text;
    case 'prefix':
      return `${tree.text}*`;
    case 'phrase':
      return `"${tree.text}"`;
    case 'exact':
      return `=${writeValue(tree.text)}`;
    case 'field':
      return `${tree.name}:${tree.isPrefix ? `${tree.text}*` : writeValue(tree.text)}`;
    case 'date':
      return `${tree.side}:${tree.day}`;
    case 'not': {
      const { part } = tree;
      return part.kind === 'and' || part.kind === 'or'
        ? `-(${writeQuery(part)})`
        : `-${writeQuery(part)}`;
    }
    case 'and':
      return tree.parts
        .map((part) => (part.kind === 'or' ? `(${writeQuery(part)})` : writeQuery(part)))
        .join(' ');
    case 'or':
      return tree.parts.map(writeQuery).join(' OR ');
  }
}

/** Whether every match has at least one of the query's words: a query of exclusions has none. */
export function requiresWord(tree: QueryTree): boolean {
  switch (tree.kind) {
    case 'not':
    case 'date':
      return false;
    case 'and':
      return tree.parts.some(requiresWord);
    case 'or':
      return tree.parts.every(requiresWord);
    default:
      return true;
  }
}
