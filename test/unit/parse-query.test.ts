import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  parseQuery,
  QUERY_CHARACTERS_MAX,
  QUERY_DEPTH_MAX,
  QUERY_TERMS_MAX,
} from '../../lib/model/query/parse-query.ts';

const keyOf = (text: string) => {
  const parsed = parseQuery(text);
  return parsed.kind === 'query' ? parsed.key : `invalid at ${parsed.at}: ${parsed.message}`;
};

const treeOf = (text: string) => {
  const parsed = parseQuery(text);
  return parsed.kind === 'query' ? parsed.tree : undefined;
};

describe('reading a query', () => {
  test('words beside each other must all be there; OR binds less', () => {
    expect(treeOf('numa memory OR far* -"cold war"')).toEqual({
      kind: 'or',
      parts: [
        {
          kind: 'and',
          parts: [
            { kind: 'not', part: { kind: 'phrase', text: 'cold war' } },
            { kind: 'prefix', text: 'far' },
          ],
        },
        {
          kind: 'and',
          parts: [
            { kind: 'word', text: 'memory' },
            { kind: 'word', text: 'numa' },
          ],
        },
      ],
    });
  });

  test.each([
    ['NUMA', 'numa'],
    ['  b   a\ta ', 'a b'],
    ['(a) ((b OR c))', 'a (b OR c)'],
    ['a AND b', 'a b'],
    ['“Data Dictionary” -oracle', '"data dictionary" -oracle'],
    ['"one"', 'one'],
    ['a -(-(b))', 'a b'],
    ['a --b', '-b a'],
    ['C++ .NET node.js', '.net c++ node.js'],
    ['or and', 'and or'],
    ['café* 東京', 'café* 東京'],
    ['-(a OR b) c', '-(a OR b) c'],
    ['tag:Linux Source:"LWN.net" -tag:C++', '-tag:c-plus-plus source:lwn-net tag:linux'],
    ['author:"Jeff  Barr" TITLE:Kernel lang:pt_BR', 'author:"jeff barr" lang:pt-br title:kernel'],
    ['tag:kube* title:mem*', 'tag:kube* title:mem*'],
    ['(tag:a OR tag:b) -(lang:de OR x)', '-(lang:de OR x) (tag:a OR tag:b)'],
    ['=Running ="the Who" ="x"', '="the who" =running =x'],
    [
      'std::vector 10:30 http://a.example/b foo:bar',
      '10:30 foo:bar http://a.example/b std::vector',
    ],
  ])('%s is %s in its canonical form', (text, key) => {
    expect(keyOf(text)).toBe(key);
  });

  test.each([
    ['', 0, 'Name at least one word.'],
    ['a "b', 2, 'not closed'],
    ['a ""', 2, 'no word between'],
    ['(a', 0, 'not closed'],
    ['a)', 1, 'closes nothing'],
    [')', 0, 'closes nothing'],
    ['a ()', 3, 'Nothing is in these brackets'],
    ['a OR', 2, 'missing after OR'],
    ['OR a', 0, 'missing before OR'],
    ['a OR OR b', 2, 'missing after OR'],
    ['-a', 0, 'only leaves words out'],
    ['a OR -b', 5, 'only leaves words out'],
    ['a - b', 2, 'right after the minus'],
    ['a & b', 2, 'no letter or digit'],
    ['a*b', 1, 'only stand at the end'],
    ['a*', 0, 'at least 2 letters'],
    ['*', 0, 'no letter or digit'],
    ['a tag: b', 6, 'Nothing stands after tag:'],
    ['a tag:""', 7, 'Nothing stands after tag:'],
    ['a author:"b', 9, 'not closed'],
    ['title:++', 6, 'no letter or digit'],
    ['tag:a*', 4, 'at least 2 letters'],
    ['tag:a*b', 5, 'only stand at the end'],
    ['a lang:english', 7, 'no code of a language'],
    ['a -tag:b =c*', 11, 'not both'],
    ['-tag:a', 0, 'only leaves words out'],
    ['a after:2026-05', 2, 'are for searching'],
    ['a before:2026-02-30', 9, 'no day, month or year'],
    [`${'('.repeat(QUERY_DEPTH_MAX + 1)}a`, QUERY_DEPTH_MAX, 'at most'],
  ])('%s is refused at %i: %s', (text, at, words) => {
    expect(parseQuery(text)).toMatchObject({
      kind: 'invalid',
      at,
      message: expect.stringContaining(words),
    });
  });

  test('too long a text and too many words are refused where they become too much', () => {
    expect(parseQuery('x'.repeat(10_000))).toMatchObject({
      at: QUERY_CHARACTERS_MAX,
      message: expect.stringContaining('longer than'),
    });
    expect(parseQuery('a '.repeat(QUERY_TERMS_MAX + 1))).toMatchObject({
      at: QUERY_TERMS_MAX * 2,
      message: expect.stringContaining('more than'),
    });
  });
});

const pieces = fc.constantFrom(
  'a',
  'Bc',
  'İ',
  '"',
  '(',
  ')',
  '-',
  ' ',
  'OR',
  ' OR ',
  'AND',
  '*',
  '“x y”',
  'é',
  'ß',
  'Σ',
  "'",
  '\\',
  ':',
  '=',
  'tag:',
  'source:',
  'author:',
  'title:',
  'lang:en ',
  'after:2026 ',
  '\0',
  '&',
  '|',
  '!',
  '<->',
  '\u2028',
  '😀',
  '\ud800',
);
const texts = fc.oneof(
  fc.array(pieces, { maxLength: 60 }).map((all) => all.join('')),
  fc.string({ unit: 'binary', maxLength: 80 }),
);

describe('any text', () => {
  test('is a query or a fault with a place in it, and never throws', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseQuery(text);
        if (parsed.kind === 'query') return;
        expect(parsed.at).toBeGreaterThanOrEqual(0);
        expect(parsed.at).toBeLessThanOrEqual(text.length);
        expect(parsed.message).toMatch(/\.$/u);
      }),
      { numRuns: 5000 },
    );
  });

  test('has a canonical form that parses to itself', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseQuery(text);
        if (parsed.kind !== 'query') return;
        expect(parseQuery(parsed.key)).toEqual(parsed);
      }),
      { numRuns: 5000 },
    );
  });
});
