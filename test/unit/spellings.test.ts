import fc from 'fast-check';
import { expect, test } from 'vitest';
import { QUERY_CHARACTERS_MAX } from '../../lib/model/query/parse-query.ts';
import { listSpellings, respell, swapLetters } from '../../lib/model/query/spellings.ts';

const written = (text: string) => listSpellings(text).map(({ of, text: word }) => `${of} ${word}`);

test('words, phrases, exact words, titles and names may be misspelt', () => {
  expect(written('Numa "far memory" =exact title:kernel')).toEqual([
    'words Numa',
    'words far',
    'words memory',
    'words exact',
    'words kernel',
  ]);
  expect(written('tag:"Machine Lerning" source:LWN author:"Jon Corbt"')).toEqual([
    'tags machine-lerning',
    'sources lwn',
    'authors Jon',
    'authors Corbt',
  ]);
});

test('what is left out, beginnings, dates and languages are not looked at', () => {
  expect(written('numa -gopher -(memory (far OR tag:cloud)) begin* lang:en after:2026')).toEqual([
    'words numa',
  ]);
  expect(written('-(-numa) OR -"far memory" OR tag:clou*')).toEqual([]);
});

test('of a text that is no query the words are, and none of one that is too long', () => {
  expect(written('call( numa')).toEqual(['words call', 'words numa']);
  expect(written('numa '.repeat(QUERY_CHARACTERS_MAX))).toEqual([]);
});

test('names are put in their place, and everything else stays as it is written', () => {
  const text = '  tag:"Machine  lerning"   -Numa “Far  Memroy” source:lwm ';
  const to: Record<string, string> = { 'machine-lerning': 'ML', Memroy: 'memory', lwm: 'lwn' };
  const changes = listSpellings(text).flatMap((spelling) => {
    const other = to[spelling.text];
    return other === undefined ? [] : [{ spelling, to: other }];
  });
  expect(respell(text, changes)).toBe('  tag:"ML"   -Numa “Far  memory” source:lwn ');
});

const piece = fc.constantFrom(
  ...['numa', 'İstanbul', '𝒳𝒴', '"', '“', '(', ')', '-', '=', '*', ' ', '  ', 'OR', 'AND', ':'],
  ...['tag:', 'source:"', 'author:', 'title:', 'after:', 'é', '\u0301', '\u0000', '��', 'C++'],
);

test('spellings stand where they say, one after the other, and never break', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join('');
      const spellings = listSpellings(text);
      let end = 0;
      for (const { at, length, text: word, of } of spellings) {
        expect(at).toBeGreaterThanOrEqual(end);
        end = at + length;
        expect(end).toBeLessThanOrEqual(text.length);
        if (of === 'words' || of === 'authors') expect(text.slice(at, end)).toBe(word);
      }
      const same = spellings.map((spelling) => ({
        spelling,
        to: text.slice(spelling.at, spelling.at + spelling.length),
      }));
      expect(respell(text, same)).toBe(text);
    }),
  );
});

test('letters that are beside each other are swapped, emoji whole', () => {
  expect(swapLetters('abc')).toEqual(['bac', 'acb']);
  expect(swapLetters('a😀')).toEqual(['😀a']);
  expect(swapLetters('')).toEqual([]);
});
