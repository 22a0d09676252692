import { expect, test } from 'vitest';
import { chooseAnchors } from '../../lib/alerts/choose-anchors.ts';
import { parseQuery } from '../../lib/model/query/parse-query.ts';
import type { QueryTree } from '../../lib/model/query/tree.ts';

const FREQUENCIES: Record<string, number> = { the: 0.9, post: 0.5, '¶tag:linux': 0.2 };

function anchorsOf(query: string): string[] {
  const parsed = parseQuery(query);
  if (parsed.kind === 'invalid') throw new Error(parsed.message);
  return chooseAnchors(parsed.tree, {
    // As Postgres cuts; "&" has no word.
    lexemesOf: (text) => text.split(/[\s&]+/u).filter((word) => word !== ''),
    frequencyOf: (lexeme) => FREQUENCIES[lexeme] ?? 0,
  }).sort();
}

test.each([
  ['kernel', ['kernel']],
  ['the kernel', ['kernel']],
  ['the post', ['post']],
  ['"the post office"', ['office']],
  ['go "postgres planner"', ['postgres']],
  ['=the', ['the']],
  ['tag:linux the', ['¶tag:linux']],
  ['tag:linux kernel', ['kernel']],
  ['title:kernel', ['kernel']],
  ['kernel -the', ['kernel']],
])('of what %s asks for, the rarest is the anchor', (query, anchors) => {
  expect(anchorsOf(query)).toEqual(anchors);
});

test.each([
  ['kernel OR driver', ['driver', 'kernel']],
  ['(kernel the) OR driver', ['driver', 'kernel']],
  ['(kernel OR the) driver', ['driver']],
  ['(kernel OR driver) the', ['driver', 'kernel']],
  ['(kernel OR driver) (the OR post)', ['driver', 'kernel']],
  ['kernel OR kernel the', ['kernel']],
])('%s is anchored on each of its choices, where that is rarer', (query, anchors) => {
  expect(anchorsOf(query)).toEqual(anchors);
});

test.each([['kern*'], ['kernel OR driv*'], ['tag:lin*'], ['kernel OR (driver* the*)']])(
  '%s may be met by a post whose words nobody can name',
  (query) => {
    expect(anchorsOf(query)).toEqual([]);
  },
);

test('a part that is only excluded is no anchor, nor one without a word', () => {
  const not = (text: string) => ({ kind: 'not', part: { kind: 'word', text } }) as const;
  const word = (text: string) => ({ kind: 'word', text }) as const;
  const statistics = {
    lexemesOf: (text: string) => (text === '' ? [] : [text]),
    frequencyOf: () => 0,
  };
  const choose = (kind: 'and' | 'or', ...parts: QueryTree[]) =>
    chooseAnchors({ kind, parts }, statistics);
  expect(choose('or', word('a'), not('b'))).toEqual([]);
  expect(choose('and', word('a'), not('b'))).toEqual(['a']);
  expect(choose('or', word('a'), word(''))).toEqual(['a']);
  expect(choose('or', word('a'), { kind: 'and', parts: [not('b'), not('c')] })).toEqual([]);
});
