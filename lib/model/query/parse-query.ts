import { findUnseen } from '../unseen.ts';
import { type Fault, fault, type Sign, type Token } from './token.ts';
import { cutQuery } from './tokens.ts';
import {
  type ParsedQuery,
  type QueryTree,
  requiresWord,
  simplifyTree,
  writeQuery,
} from './tree.ts';

/** Longer than any wish; a query is shown in subjects and lists. */
export const QUERY_CHARACTERS_MAX = 300;
/** Each word and phrase costs time with every post that comes. */
export const QUERY_TERMS_MAX = 32;
/** Keeps the parser's recursion, and Postgres', far from any stack's end. */
export const QUERY_DEPTH_MAX = 8;

/**
 * Reads a query of alerts: words, =exact words, "phrases", OR, -exclude, brackets, prefix*, and
 * fields (tag:, source:, author:, title:, lang:). Words beside each other must all be there, in
 * any order; AND may stand between them; OR binds less. Case does not matter, but for OR and AND
 * themselves. Never throws; takes time in proportion to the text, which is refused beyond
 * QUERY_CHARACTERS_MAX.
 */
export function parseQuery(text: string): ParsedQuery {
  const read = readTree(text);
  if (read.kind === 'invalid') return read;
  const [date] = read.dates;
  if (date) {
    return fault(
      date.at,
      'before: and after: are for searching: an alert tells of new posts only. Leave it out.',
    );
  }
  const tree = simplifyTree(read.tree);
  if (!requiresWord(tree)) {
    const message = 'This only leaves words out. Name at least one that must be there.';
    return fault(read.firstMinus, message);
  }
  const key = writeQuery(tree);
  // Capital letters can be longer in lower case (İ), and spaces go between terms.
  if (key.length > QUERY_CHARACTERS_MAX) {
    return fault(text.length, `This is longer than ${QUERY_CHARACTERS_MAX} characters.`);
  }
  return { kind: 'query', tree, key };
}

/**
 * Reads a query of searches: that of alerts, and before: and after: for the whole of it. It may
 * leave out only. Parts stay in the order in which they are typed.
 */
export function parseSearch(text: string): { kind: 'search'; tree: QueryTree } | Fault {
  const read = readTree(text);
  if (read.kind === 'invalid') return read;
  const whole = new Set(listParts(read.tree));
  const inner = read.dates.find(({ leaf }) => !whole.has(leaf));
  if (inner) {
    const message =
      'before: and after: hold for the whole search. Take them out of OR, brackets and minus.';
    return { ...fault(inner.at, message), isField: true };
  }
  return { kind: 'search', tree: read.tree };
}

/** The parts of a query that must all hold. */
export const listParts = (tree: QueryTree): QueryTree[] =>
  tree.kind === 'and' ? tree.parts.flatMap(listParts) : [tree];

interface Read {
  kind: 'read';
  tree: QueryTree;
  dates: Extract<Token, { kind: 'leaf' }>[];
  /** Where the first minus stands; 0 where there is none. */
  firstMinus: number;
}

function readTree(text: string): Read | Fault {
  if (text.length > QUERY_CHARACTERS_MAX) {
    return fault(
      QUERY_CHARACTERS_MAX,
      `This is longer than ${QUERY_CHARACTERS_MAX} characters. Take fewer words.`,
    );
  }
  const unseen = findUnseen(text);
  if (unseen) {
    return fault(
      unseen.at,
      `Here is ${unseen.called}, which nobody sees and no word has. Type the word anew.`,
    );
  }
  const tokens = cutQuery(text);
  if (!Array.isArray(tokens)) return tokens;
  if (tokens.length === 0) return fault(0, 'Name at least one word.');
  const terms = tokens.filter((token) => token.kind === 'leaf');
  if (terms.length > QUERY_TERMS_MAX) {
    const at = terms[QUERY_TERMS_MAX]?.at ?? 0;
    return fault(at, `These are more than ${QUERY_TERMS_MAX} words. Take fewer.`);
  }
  const tree = new Parser(tokens, text.length).parse();
  if (tree.kind === 'invalid') return tree;
  return {
    kind: 'read',
    tree,
    dates: terms.filter(({ leaf }) => leaf.kind === 'date'),
    firstMinus: tokens.find((token) => isSign(token, '-'))?.at ?? 0,
  };
}

const isSign = (token: Token | undefined, sign: Sign) =>
  token?.kind === 'sign' && token.sign === sign;

/**
 *     or   = and { "OR" and }
 *     and  = part { ["AND"] part }
 *     part = { "-" } ( word | =word | prefix* | "phrase" | field:value | "(" or ")" )
 */
class Parser {
  readonly #tokens: Token[];
  readonly #end: number;
  #next = 0;

  constructor(tokens: Token[], end: number) {
    this.#tokens = tokens;
    this.#end = end;
  }

  parse(): QueryTree | Fault {
    const tree = this.#or(0);
    const rest = this.#tokens[this.#next];
    if (tree.kind === 'invalid' || rest === undefined) return tree;
    return fault(rest.at, 'This bracket closes nothing.');
  }

  #or(depth: number): QueryTree | Fault {
    const parts: QueryTree[] = [];
    for (;;) {
      const part = this.#and(depth);
      if (part.kind === 'invalid') return part;
      parts.push(part);
      if (!isSign(this.#tokens[this.#next], 'OR')) return joined('or', parts);
      this.#next += 1;
    }
  }

  #and(depth: number): QueryTree | Fault {
    const parts: QueryTree[] = [];
    for (;;) {
      const part = this.#part(depth);
      if (part.kind === 'invalid') return part;
      parts.push(part);
      if (isSign(this.#tokens[this.#next], 'AND')) {
        this.#next += 1;
        continue;
      }
      const next = this.#tokens[this.#next];
      const isOver = next === undefined || isSign(next, ')') || isSign(next, 'OR');
      if (isOver) return joined('and', parts);
    }
  }

  #part(depth: number): QueryTree | Fault {
    const token = this.#tokens[this.#next];
    if (token === undefined) return this.#missing(this.#end);
    if (token.kind !== 'sign') {
      this.#next += 1;
      return token.leaf;
    }
    if (token.sign === '-') {
      this.#next += 1;
      // cutQuery takes a row of minus signs as one, so this goes one level deep.
      const part = this.#part(depth);
      return part.kind === 'invalid' ? part : { kind: 'not', part };
    }
    if (token.sign !== '(') return this.#missing(token.at);
    if (depth === QUERY_DEPTH_MAX) {
      return fault(token.at, `Brackets go at most ${QUERY_DEPTH_MAX} deep.`);
    }
    this.#next += 1;
    const inner = this.#or(depth + 1);
    if (inner.kind === 'invalid') return inner;
    if (!isSign(this.#tokens[this.#next], ')')) {
      return fault(token.at, 'This bracket is not closed.');
    }
    this.#next += 1;
    return inner;
  }

  /** Says what is missing in front of the token at `at`, by the one before it. */
  #missing(at: number): Fault {
    const before = this.#tokens[this.#next - 1];
    const here = this.#tokens[this.#next];
    if (before?.kind === 'sign' && (before.sign === 'OR' || before.sign === 'AND')) {
      return fault(before.at, `Something is missing after ${before.sign}.`);
    }
    if (isSign(here, ')')) {
      return fault(
        at,
        before === undefined ? 'This bracket closes nothing.' : 'Nothing is in these brackets.',
      );
    }
    const name = here?.kind === 'sign' ? here.sign : 'the end';
    return fault(at, `Something is missing before ${name}.`);
  }
}

function joined(kind: 'and' | 'or', parts: QueryTree[]): QueryTree {
  return parts.length === 1 && parts[0] ? parts[0] : { kind, parts };
}
