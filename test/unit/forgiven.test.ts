import { expect, test } from 'vitest';
import { readForgiven } from '../../lib/model/query/forgiven.ts';

const marked = (...words: string[]) => [words.map((text) => ({ text, isMatch: true }))];

test.each([
  ['timestmap', marked('Timestamp'), ['timestmap'], 'timestamp'],
  ['timestamp', marked('Timestamps'), [], undefined],
  ['Café', marked('cafe'), [], undefined],
  ['kernle test', marked('kernel', 'test'), ['kernle'], undefined],
  ['"timestmap"', marked('timestamp'), [], undefined],
  ['tag:testing', [], [], undefined],
  ['anything', [], [], undefined],
])('of %j, forgiven is what nothing found begins with', (q, texts, words, found) => {
  expect(readForgiven(q, texts)).toEqual({ words, found });
});
