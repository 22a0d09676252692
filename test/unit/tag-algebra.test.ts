import { describe, expect, test } from 'vitest';
import {
  describeTerms,
  dropTerm,
  readTagWish,
  TAG_TERMS_MAX,
  writeTagTerms,
} from '../../lib/model/tag-algebra.ts';

const names = 'abcdefghij'.split('');

describe('what stands in the place of a tag’s slug', () => {
  test.each([
    ['linux', { kind: 'tag', slug: 'linux' }],
    ['a+b', { kind: 'terms', terms: { with: ['a', 'b'], without: [] } }],
    ['b~c+a', { kind: 'terms', terms: { with: ['b', 'a'], without: ['c'] } }],
    ['a~b~c', { kind: 'terms', terms: { with: ['a'], without: ['b', 'c'] } }],
    ['сети+実装', { kind: 'terms', terms: { with: ['сети', '実装'], without: [] } }],
    ['~a', { kind: 'none' }],
    ['a+', { kind: 'none' }],
    ['c++', { kind: 'none' }],
    ['+', { kind: 'none' }],
    ['a+b~a', { kind: 'none' }],
  ])('%s is read as what it says', (text, wish) => {
    expect(readTagWish(text)).toEqual(wish);
  });

  test(`has at most ${TAG_TERMS_MAX} tags, each counted once`, () => {
    const most = names.slice(0, TAG_TERMS_MAX);
    expect(readTagWish(most.join('+')).kind).toBe('terms');
    expect(readTagWish([...most, ...most].join('+')).kind).toBe('terms');
    expect(readTagWish(names.slice(0, TAG_TERMS_MAX + 1).join('~')).kind).toBe('too-many');
  });
});

test('a list of tags has one address, whatever the order in which they are named', () => {
  expect(writeTagTerms({ with: ['b', 'a', 'b'], without: ['d', 'c'] })).toBe('a+b~c~d');
  expect(writeTagTerms({ with: ['a'], without: [] })).toBe('a');
  expect(decodeURIComponent(writeTagTerms({ with: ['сети', 'a'], without: [] }))).toBe('a+сети');
});

test('a term can be dropped as long as one is left that must be there', () => {
  const terms = { with: ['a'], without: ['c'] };
  expect(dropTerm(terms, 'c')).toEqual({ with: ['a'], without: [] });
  expect(dropTerm(terms, 'a')).toBeUndefined();
});

test('a heading says what is wanted and what is not', () => {
  expect(describeTerms({ with: ['AWS'], without: ['Webinar'] })).toBe('AWS, not Webinar');
  expect(describeTerms({ with: ['AWS', 'Security'], without: ['Webinar', 'Podcast'] })).toBe(
    'AWS and Security, not Webinar or Podcast',
  );
  expect(describeTerms({ with: ['A', 'B', 'C'], without: [] })).toBe('A, B and C');
});
