import { dropUnseen } from '../unseen.ts';
import { listParts, parseSearch } from './parse-query.ts';
import { type Fault, HAS_WORD } from './token.ts';
import type { QueryTree } from './tree.ts';

/** What Meilisearch takes into account of a query. */
const INDEX_WORDS_MAX = 10;
/** Of a text that is no query, as many words are looked for. */
const PLAIN_WORDS_MAX = 32;

/** How a search is answered. */
export interface SearchPlan {
  kind: 'plan';
  /** What the search server can answer as it is meant; undefined where only Postgres can. */
  index: { q: string; filters: QueryTree[] } | undefined;
  /** What Postgres is asked; undefined where nothing but days is asked for. */
  tree: QueryTree | undefined;
  /** From the start of this day (YYYY-MM-DD) on, and until that of this one. */
  after?: string;
  before?: string;
  /** What in it only Postgres can answer, in words for the reader. */
  beyond: string[];
  /** Why the text is no query: then its words are looked for as they stand. */
  fault?: Fault;
}

/**
 * Decides who can answer a search: the search server, which forgives slips of typing, where it can
 * do so exactly (words, phrases, both left out, and fields and days that hold for the whole), else
 * Postgres. A text with a slip in its signs (`foo()`, `5" disk`) is taken as plain words; a field
 * without sense is refused, and so is a text without any word.
 */
export function planSearch(text: string): SearchPlan | Fault {
  if (text.trim() === '')
    return { kind: 'plan', index: { q: '', filters: [] }, tree: undefined, beyond: [] };
  const read = parseSearch(text);
  if (read.kind === 'invalid') return read.isField ? read : planPlain(text, read);
  const parts = listParts(read.tree);
  const days = parts.filter((part) => part.kind === 'date');
  const rest = parts.filter((part) => part.kind !== 'date');
  const filters = rest.filter(isFilter);
  const texts = rest.filter((part) => !isFilter(part));
  const beyond = [...new Set(texts.flatMap(nameBeyond))];
  const q = texts.map(writeForIndex).join(' ');
  if (q.split(/[\s-]+/u).filter((word) => HAS_WORD.test(word)).length > INDEX_WORDS_MAX) {
    beyond.push(`more than ${INDEX_WORDS_MAX} words`);
  }
  const [first] = rest;
  const tree = rest.length === 1 ? first : { kind: 'and' as const, parts: rest };
  // Of two days the narrower one holds.
  const after = days
    .flatMap(({ side, day }) => (side === 'after' ? [day] : []))
    .sort()
    .at(-1);
  const before = days.flatMap(({ side, day }) => (side === 'before' ? [day] : [])).sort()[0];
  return {
    kind: 'plan',
    index: beyond.length === 0 ? { q, filters } : undefined,
    tree: first && tree,
    ...(after ? { after } : {}),
    ...(before ? { before } : {}),
    beyond,
  };
}

function planPlain(text: string, fault: Fault): SearchPlan | Fault {
  const words = (dropUnseen(text).match(/[^\s()"“”„\p{Cc}]+/gu) ?? [])
    .map((word) => word.replace(/^-+/u, '').toLowerCase())
    .filter((word) => HAS_WORD.test(word))
    .slice(0, PLAIN_WORDS_MAX);
  // Without any, every post would be found.
  if (words.length === 0) return fault;
  const parts = words.map((word): QueryTree => ({ kind: 'word', text: word }));
  return {
    kind: 'plan',
    index: { q: words.join(' '), filters: [] },
    tree: parts.length > 0 ? { kind: 'and', parts } : undefined,
    beyond: [],
    fault,
  };
}

/** Whether a part is of fields that stand in an index as they are. */
function isFilter(tree: QueryTree): boolean {
  switch (tree.kind) {
    case 'field':
      return tree.name !== 'title' && !tree.isPrefix;
    case 'not':
      return isFilter(tree.part);
    case 'and':
    case 'or':
      return tree.parts.every(isFilter);
    default:
      return false;
  }
}

/** A part that nameBeyond has nothing to say of, in the language of the search server. */
function writeForIndex(tree: QueryTree): string {
  if (tree.kind === 'phrase') return `"${tree.text}"`;
  if (tree.kind === 'word') return tree.text;
  if (tree.kind !== 'not') return '';
  const { part } = tree;
  // Of a word with signs in it, only the beginning would be left out.
  if (part.kind === 'word' && /^[\p{L}\p{N}]+$/u.test(part.text)) return `-${part.text}`;
  return part.kind === 'word' || part.kind === 'phrase' ? `-"${part.text}"` : '';
}

/** What the search server cannot answer of a part as it is meant. */
function nameBeyond(tree: QueryTree): string[] {
  switch (tree.kind) {
    case 'or':
      return ['OR'];
    case 'and':
      return ['brackets'];
    case 'exact':
      return ['=words'];
    case 'prefix':
      return ['beginnings of words'];
    case 'field':
      return tree.isPrefix ? ['beginnings of words'] : tree.name === 'title' ? ['title:'] : [];
    case 'not':
      if (tree.part.kind === 'word' || tree.part.kind === 'phrase') return [];
      return tree.part.kind === 'not' ? ['brackets'] : nameBeyond(tree.part);
    default:
      return [];
  }
}
