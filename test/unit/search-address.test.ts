import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SearchQuery } from '../../lib/model/search.ts';
import {
  changeSearch,
  isBlank,
  readSearchAddress,
  searchPath,
} from '../../lib/model/search-address.ts';

const read = (path: string) => {
  const parameters = new URL(path, 'https://site.example').searchParams;
  return readSearchAddress(Object.fromEntries(parameters));
};

describe('the address of a search', () => {
  test('has each thing in its place and leaves out what is not set', () => {
    const query: SearchQuery = { to: '2026-05-31', q: 'far memory', tag: 'c-plus-plus', page: 2 };
    expect(searchPath(query)).toBe('/search?q=far+memory&tag=c-plus-plus&to=2026-05-31&page=2');
    expect(searchPath({ q: '', page: 1 })).toBe('/search');
  });

  test('reads back as what it was made from', () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .map((s) => s.trim())
      .filter(Boolean);
    const query = fc.record(
      {
        q: text,
        tag: text,
        source: text,
        author: text,
        lang: text,
        year: text,
        order: fc.constant('newest' as const),
        view: fc.constantFrom('headlines' as const, 'full' as const),
        page: fc.integer({ min: 2, max: 1000 }),
      },
      { requiredKeys: ['q'] },
    );
    fc.assert(
      fc.property(query, (asked) => {
        expect(read(searchPath(asked))).toEqual({ ...asked });
      }),
    );
  });

  test('takes the first of a repeated parameter and forgets what makes no sense', () => {
    expect(
      readSearchAddress({
        q: ['numa', 'x'],
        page: '-1',
        order: 'random',
        view: 'excerpts',
        tag: ' ',
      }),
    ).toEqual({ q: 'numa' });
    expect(readSearchAddress({ q: 'numa', page: '1e9' })).toEqual({ q: 'numa' });
  });

  test('starts from the first page when it is narrowed, and takes filters away', () => {
    const query: SearchQuery = { q: 'numa', tag: 'kernel', page: 3 };
    expect(searchPath(changeSearch(query, { source: 'lwn' }))).toBe(
      '/search?q=numa&tag=kernel&source=lwn',
    );
    expect(searchPath(changeSearch(query, { tag: undefined }))).toBe('/search?q=numa');
  });

  test('is blank when it asks for nothing', () => {
    expect(isBlank({ q: '', page: 2 })).toBe(true);
    expect(isBlank({ q: '', tag: 'kernel' })).toBe(false);
  });
});
