import { type QueryTree, requiresWord, writeQuery } from './tree.ts';

/** A beginning of fewer letters is met by too much to be a proposal. */
const PREFIX_CHARACTERS_MIN = 4;

const wordsOf = (text: string): QueryTree[] =>
  text
    .split(/\s+/u)
    .filter((word) => /[\p{L}\p{N}]/u.test(word))
    .map((word) => ({ kind: 'word', text: word }));

/** What a part could be instead to be met by more posts, the nearest first. */
function widerParts(part: QueryTree): QueryTree[] {
  switch (part.kind) {
    case 'exact':
      return [{ kind: 'word', text: part.text }];
    case 'phrase': {
      const parts = wordsOf(part.text);
      return parts.length > 1 ? [{ kind: 'and', parts }] : [];
    }
    case 'word':
      return part.text.length >= PREFIX_CHARACTERS_MIN && /^[\p{L}\p{N}]+$/u.test(part.text)
        ? [{ kind: 'prefix', text: part.text }]
        : [];
    case 'field': {
      const parts = part.isPrefix ? [] : wordsOf(part.text.replaceAll('-', ' '));
      if (parts.length === 0 || part.name === 'lang') return [];
      return parts.length === 1 ? parts : [{ kind: 'and', parts }];
    }
    default:
      return [];
  }
}

/**
 * Queries that ask for a little less than this one: a phrase as its words, a word as a beginning, a
 * tag as a word, or one part left out. The nearest first, without doubles.
 */
export function widerQueries(tree: QueryTree): QueryTree[] {
  const parts = tree.kind === 'and' ? tree.parts : [tree];
  const joined = (some: QueryTree[]): QueryTree =>
    some.length === 1 && some[0] ? some[0] : { kind: 'and', parts: some.flatMap(flat) };
  const changed = parts.flatMap((part, at) =>
    requiresWord(part) ? widerParts(part).map((wider) => joined(parts.with(at, wider))) : [],
  );
  const shorter = parts.flatMap((part, at) => {
    const rest = parts.toSpliced(at, 1);
    return requiresWord(part) && rest.some(requiresWord) ? [joined(rest)] : [];
  });
  const byText = new Map([...changed, ...shorter].map((each) => [writeQuery(each), each]));
  byText.delete(writeQuery(tree));
  return [...byText.values()];
}

const flat = (part: QueryTree): QueryTree[] => (part.kind === 'and' ? part.parts : [part]);
