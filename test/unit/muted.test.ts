import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  fromFragment,
  joinMuted,
  mutedOf,
  muteRule,
  tidy,
  toFragment,
} from '../../public/muted.js';

const nothing = { tags: [], sources: [], words: [] };
const post = (text: string, tags: string[] = [], source = 'pond') => ({
  tags,
  source,
  text: () => text,
});
const isMuted = (words: string[], text: string) => muteRule({ ...nothing, words }, '/')(post(text));

test.each([
  ['webinar', 'A Webinar on Monday', true],
  ['webinar', 'Webinars on Monday', false],
  ['café', 'The CAFE is open', true],
  ['c++', 'News of C++26 and C++', true],
  ['c++', 'The letter c', false],
  ['black friday', 'Black – Friday is near', true],
  ['black friday', 'Friday is black', false],
  ['広告', '今日の広告です', true],
  ['numa', 'pneumatic', false],
])('the words %s in “%s”: %s', (word, text, expected) => {
  expect(isMuted([word], text)).toBe(expected);
});

test('a tag or a source mutes its posts, but not in its own list', () => {
  const muted = { ...nothing, tags: ['aws'], sources: ['lake'] };
  const ofTag = post('x', ['s3', 'aws']);
  const ofSource = post('x', [], 'lake');
  for (const each of [ofTag, ofSource]) expect(muteRule(muted, '/')(each)).toBe(true);
  expect(muteRule(muted, '/')(post('x', ['s3']))).toBe(false);
  expect(muteRule(muted, '/tag/s3+aws/2026/05')(ofTag)).toBe(false);
  expect(muteRule(muted, '/tag/s3')(ofTag)).toBe(true);
  expect(muteRule(muted, '/source/lake')(ofSource)).toBe(false);
  expect(muteRule(muted, '/source/aws')(ofTag)).toBe(true);
});

test('a tag is known by its name, its slug or its address', () => {
  for (const text of [
    'Machine Learning',
    'machine-learning',
    'https://a.example/tag/machine-learning?x',
  ])
    expect(tidy('tags', text)).toBe('machine-learning');
  expect(tidy('sources', '/source/%D1%81%D0%B5%D1%82%D0%B8')).toBe('сети');
  expect(tidy('words', ' … ')).toBe('');
});

test('whatever a file holds, only short texts of the three kinds are taken', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      for (const entries of Object.values(mutedOf(value))) {
        for (const entry of entries) expect(entry.length).toBeLessThanOrEqual(100);
      }
    }),
  );
  expect(mutedOf({ tags: ['a', 1, null, 'a'], words: 'b', more: [] })).toEqual({
    ...nothing,
    tags: ['a'],
  });
  const many = Array.from({ length: 900 }, (_, n) => `w${n}`);
  expect(mutedOf({ words: many }).words).toHaveLength(500);
});

test('an address brings what was written into it', () => {
  const entries = fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { maxLength: 5 });
  fc.assert(
    fc.property(entries, entries, entries, (tags, sources, words) => {
      const muted = mutedOf({ tags, sources, words });
      expect(fromFragment(`#${toFragment(muted)}`)).toEqual(muted);
    }),
  );
  expect(joinMuted(fromFragment('#tag=a&word=b'), fromFragment('#tag=a&tag=c'))).toEqual({
    tags: ['a', 'c'],
    sources: [],
    words: ['b'],
  });
});
