import { describe, expect, test } from 'vitest';
import { authorQuery, searchAlertQuery, tagsQuery } from '../../lib/model/query/alert-queries.ts';
import { planSearch } from '../../lib/model/query/plan-search.ts';
import { writeQuery } from '../../lib/model/query/tree.ts';
import { filtersOf } from '../../lib/search/search-documents.ts';

const plan = (text: string) => {
  const planned = planSearch(text);
  if (planned.kind === 'invalid') throw new Error(planned.message);
  return planned;
};

describe('a search is answered by the search server', () => {
  test.each([
    ['', '', []],
    ['Far  Memory', 'far memory', []],
    ['zeta alpha "far memory" -numa -"cold war"', 'zeta alpha "far memory" -numa -"cold war"', []],
    ['memory -std::vector', 'memory -"std::vector"', []],
    ['kernel tag:Linux -source:lwn', 'kernel', ['tag:linux', '-source:lwn']],
    ['(tag:a OR -(tag:b lang:de)) x', 'x', ['tag:a OR -(tag:b lang:de)']],
    ['author:"Jeff Barr"', '', ['author:"jeff barr"']],
    ['a b (c d)', 'a b c d', []],
  ])('where it can do so as it is meant: %s', (text, q, filters) => {
    const { index, beyond } = plan(text);
    expect(index && { q: index.q, filters: index.filters.map(writeQuery) }).toEqual({ q, filters });
    expect(beyond).toEqual([]);
  });

  test('with days for the whole of it, the narrower of two', () => {
    expect(plan('x after:2025 after:2026-02 before:2027 before:2026-05-09')).toMatchObject({
      index: { q: 'x', filters: [] },
      after: '2026-02-01',
      before: '2026-05-09',
      tree: { kind: 'word', text: 'x' },
    });
    expect(plan('after:2026').tree).toBeUndefined();
  });

  test('as plain words, where its signs make no query', () => {
    expect(plan('call foo() 5" disk & -x')).toMatchObject({
      index: { q: 'call foo 5 disk x', filters: [] },
      fault: { at: 12, message: expect.stringContaining('not closed') },
    });
  });

  test('in filters of its own language', () => {
    const { index } = plan('-tag:a (source:b OR lang:pt) author:c after:2026-02');
    const filters = { q: '', fields: index?.filters ?? [], after: '2026-02-01' };
    expect(filtersOf(filters)).toEqual({
      kind: 'filters',
      filters: [
        'NOT (tagSlugs = "a")',
        '(sourceSlug = "b") OR (language = "pt" OR language STARTS WITH "pt-")',
        'authors = "c"',
        'sortAt >= 1769904000',
      ],
    });
  });
});

describe('a search is answered by Postgres', () => {
  test.each([
    ['a OR b', ['OR']],
    ['x (a OR b) ker*', ['OR', 'beginnings of words']],
    ['x -(a b)', ['brackets']],
    ['x -(-y)', ['brackets']],
    ['=word', ['=words']],
    ['title:x -title:y', ['title:']],
    ['tag:kube*', ['beginnings of words']],
    ['tag:a OR x', ['OR']],
    ['a b c d e f g h i j k', ['more than 10 words']],
  ])('where only that can: %s', (text, beyond) => {
    expect(plan(text)).toMatchObject({ index: undefined, beyond });
  });
});

test.each([
  ['kernel after:2026-13', 13, 'no day'],
  ['x (after:2026 OR y)', 3, 'whole search'],
  ['-before:2026 x', 1, 'whole search'],
  ['x lang:', 7, 'Nothing stands after'],
])('a field without sense is refused at its place: %s', (text, at, words) => {
  expect(planSearch(text)).toMatchObject({
    kind: 'invalid',
    at,
    message: expect.stringContaining(words),
  });
});

test.each(['-', '*', '" "', '( )'])('what has no word in it is refused: %s', (text) => {
  expect(planSearch(text).kind).toBe('invalid');
});

describe('an alert for what a page lists', () => {
  test('names tags and authors by fields', () => {
    expect(tagsQuery({ with: ['a', 'b'], without: ['c'] })).toBe('tag:a tag:b -tag:c');
    expect(authorQuery('Jeff "JB" Barr', 'aws')).toBe('author:"Jeff JB Barr" source:aws');
    expect(authorQuery('\u{1f600}', 'aws')).toBe('source:aws');
  });

  test.each([
    [{ q: 'Kernel', tag: 'linux', source: 'lwn' }, 'Kernel tag:linux source:lwn'],
    [{ q: 'a', author: 'Jane "J" Roe', lang: 'de', year: '2026' }, 'a author:"Jane J Roe" lang:de'],
    [{ q: 'a OR B', tag: 'c' }, '(a OR B) tag:c'],
    [{ q: 'a OR b' }, 'a OR b'],
    [{ q: 'B after:2026 (c OR d) -e' }, 'b (c OR d) -e'],
    [{ q: '', tag: 'linux', from: '2026-01-01' }, 'tag:linux'],
    [{ q: 'after:2026' }, undefined],
    [{ q: '-a' }, undefined],
    [{ q: '-a', source: 'b' }, '-a source:b'],
  ])('says what a search says, without its days: %j', (query, alert) => {
    expect(searchAlertQuery(query)).toBe(alert);
  });
});
