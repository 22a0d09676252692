import type { QueryTree } from '../../lib/model/query/tree.ts';

// The floor of alert matching: all alerts in the memory of one process, found by one of their
// words in a map, the rest checked in an inline loop. It knows words, phrases, choices and
// exclusions, and nothing of folding: the words of the bench are plain.

export interface FloorAlert {
  id: number;
  tree: QueryTree;
}

/** A post as its fields' texts. */
export interface FloorPost {
  id: number;
  fields: string[];
}

type Positions = Map<string, number[]>;

const WORD = /[a-z0-9]+/gu;

function positionsOf(fields: string[]): Positions {
  const positions: Positions = new Map();
  let at = 0;
  for (const field of fields) {
    for (const [text] of field.toLowerCase().matchAll(WORD)) {
      const known = positions.get(text);
      if (known) known.push(at);
      else positions.set(text, [at]);
      at += 1;
    }
    at += 1; // no phrase reaches from one field into the next
  }
  return positions;
}

function hasPhrase(positions: Positions, [first = '', ...others]: string[]): boolean {
  const starts = positions.get(first) ?? [];
  return starts.some((start) =>
    others.every((text, n) => positions.get(text)?.includes(start + n + 1)),
  );
}

function isMet(tree: QueryTree, positions: Positions): boolean {
  switch (tree.kind) {
    case 'word':
      return positions.has(tree.text);
    case 'phrase':
      return hasPhrase(positions, tree.text.split(' '));
    case 'and':
      return tree.parts.every((part) => isMet(part, positions));
    case 'or':
      return tree.parts.some((part) => isMet(part, positions));
    case 'not':
      return !isMet(tree.part, positions);
    default:
      throw new Error(`the floor knows no ${tree.kind}`);
  }
}

/** Words of which every match has at least one. */
function entryWords(tree: QueryTree): string[] {
  switch (tree.kind) {
    case 'word':
      return [tree.text];
    case 'phrase':
      return tree.text.split(' ').slice(0, 1);
    case 'or':
      return tree.parts.flatMap(entryWords);
    case 'and':
      return tree.parts.map(entryWords).find((words) => words.length > 0) ?? [];
    default:
      return [];
  }
}

/** Alerts in memory, by one of their words. */
export class FloorMatcher {
  readonly #byWord = new Map<string, FloorAlert[]>();

  constructor(alerts: FloorAlert[]) {
    for (const alert of alerts) {
      for (const text of new Set(entryWords(alert.tree))) {
        const known = this.#byWord.get(text);
        if (known) known.push(alert);
        else this.#byWord.set(text, [alert]);
      }
    }
  }

  /** Ids of the alerts that a post meets, each once. */
  match(post: FloorPost): number[] {
    const positions = positionsOf(post.fields);
    const met = new Set<number>();
    for (const text of positions.keys()) {
      for (const { id, tree } of this.#byWord.get(text) ?? []) {
        if (tree.kind === 'word' || isMet(tree, positions)) met.add(id);
      }
    }
    return [...met];
  }
}
