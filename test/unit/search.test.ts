import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MARK_END, MARK_START } from '../../lib/model/marked-text.ts';
import { type PostToIndex, SEARCHED_TEXT_CHARACTERS_MAX } from '../../lib/model/search.ts';
import { toDocument, toMarkedText } from '../../lib/search/document.ts';
import { filtersOf } from '../../lib/search/search-documents.ts';

const post: PostToIndex = {
  id: 7,
  changedAt: new Date('2026-05-02T00:00:00Z'),
  isWithdrawn: false,
  title: 'Rethinking NUMA',
  text: 'Memory is near or far.',
  tags: [{ slug: 'kernel', name: 'Kernel' }],
  authors: ['A. Byline'],
  source: { slug: 'kernel-week', title: 'Kernel Week' },
  alsoIn: ['link-blog'],
  language: 'en',
  sortAt: new Date('2026-05-01T10:00:00.750Z'),
};

describe('a post as a document', () => {
  test('has names to search in and slugs to filter by', () => {
    expect(toDocument(post)).toEqual({
      id: 7,
      title: 'Rethinking NUMA',
      text: 'Memory is near or far.',
      tags: ['Kernel'],
      tagSlugs: ['kernel'],
      authors: ['A. Byline'],
      source: 'Kernel Week',
      sourceSlug: ['kernel-week', 'link-blog'],
      language: 'en',
      sortAt: 1_777_629_600,
      year: 2026,
    });
  });

  test('is cut at the limit without leaving half a character', () => {
    const text = `${'x'.repeat(SEARCHED_TEXT_CHARACTERS_MAX - 1)}😀 and more`;
    const cut = toDocument({ ...post, text }).text;
    expect(cut).toHaveLength(SEARCHED_TEXT_CHARACTERS_MAX);
    expect(cut.isWellFormed()).toBe(true);
  });

  test('holds no marks of its own', () => {
    const text = `${MARK_START}forged${MARK_END}`;
    expect(toDocument({ ...post, title: text, text })).toMatchObject({
      title: 'forged',
      text: 'forged',
    });
  });
});

describe('marked text', () => {
  test('is split into what matched and what did not', () => {
    expect(toMarkedText(`a ${MARK_START}b${MARK_END} c`)).toEqual([
      { text: 'a ', isMatch: false },
      { text: 'b', isMatch: true },
      { text: ' c', isMatch: false },
    ]);
  });

  test.each([
    ['Hybrid \uE000Clou\uE001d?', ['Cloud']],
    ['\uE000naï\uE001ve-ish', ['naïve']],
    ['分散\uE000系统\uE001的设计', ['系统']],
  ])('marks whole words where spaces part them: %s', (highlighted, marked) => {
    const matches = toMarkedText(highlighted).filter((piece) => piece.isMatch);
    expect(matches.map((piece) => piece.text)).toEqual(marked);
  });

  test('loses marks and nothing else, however they stand', () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom(MARK_START, MARK_END, '<', '&'));
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const marked = toMarkedText(pieces.join(''));
        const wanted = pieces.join('').replaceAll(MARK_START, '').replaceAll(MARK_END, '');
        expect(marked.map((each) => each.text).join('')).toBe(wanted);
        expect(marked.every((each) => each.text !== '')).toBe(true);
      }),
    );
  });
});

describe('filters', () => {
  test('take both days in', () => {
    expect(filtersOf({ q: '', from: '2026-05-10', to: '2026-05-10' })).toEqual({
      kind: 'filters',
      filters: ['sortAt >= 1778371200', 'sortAt < 1778457600'],
    });
  });

  test.each(['tomorrow', '2026-02-31', '2026-5-1', '2026-13-01'])('refuse %s as a day', (day) => {
    expect(filtersOf({ q: '', from: day })).toEqual({
      kind: 'invalid',
      message: `“${day}” is no day: write it like 2026-05-31.`,
    });
  });

  test('refuse days in the wrong order', () => {
    expect(filtersOf({ q: '', from: '2026-05-02', to: '2026-05-01' })).toEqual({
      kind: 'invalid',
      message: 'No day is after 2026-05-02 and before 2026-05-01.',
    });
  });

  test('quote what comes from outside', () => {
    expect(filtersOf({ q: '', tag: '" OR id > 0 OR "\\' })).toEqual({
      kind: 'filters',
      filters: ['tagSlugs = "\\" OR id > 0 OR \\"\\\\"'],
    });
  });
});
