import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isEqualTitle, isSameStory, isSameTitle } from '../../lib/model/same-story.ts';

const titled = (title: string) => ({ title, text: '' });

describe('titles', () => {
  test('are equal whatever their signs, spaces and case', () => {
    expect(isEqualTitle(titled('Kernel 4.17: released!'), titled('KERNEL 4.17 – Released'))).toBe(
      true,
    );
    expect(isEqualTitle(titled('Kernel 4.17'), titled('Kernel 4.18'))).toBe(false);
  });

  test('of signs alone are equal only to themselves', () => {
    expect(isEqualTitle(titled('🎉'), titled('🎉'))).toBe(true);
    expect(isEqualTitle(titled('🎉'), titled('🔥'))).toBe(false);
    expect(isEqualTitle(titled(''), titled('…'))).toBe(false);
  });

  test('that were lightly edited are the same', () => {
    const before = 'How we moved our queues to a new storage engine';
    expect(
      isSameTitle(titled(before), titled('How we moved the queues to a new storage engine')),
    ).toBe(true);
  });

  test('with other numbers in them are not the same, however many words they share', () => {
    const week = (n: number) => `What happened in the project this week, number ${n} of the year`;
    expect(isSameTitle(titled(week(12)), titled(week(13)))).toBe(false);
  });

  test('say the same of each other, and of themselves', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(isSameTitle(titled(a), titled(a))).toBe(true);
        expect(isSameTitle(titled(a), titled(b))).toBe(isSameTitle(titled(b), titled(a)));
        expect(isSameStory({ title: a, text: b }, { title: a, text: b })).toBe(true);
      }),
    );
  });
});

describe('two items with one address', () => {
  const full = `${'The pump of the pond was replaced on Monday by two helpers with a long ladder and '.repeat(3)}it runs again.`;

  test('are one story when one is an excerpt of the other', () => {
    expect(
      isSameStory(
        { title: 'The pond', text: full },
        { title: 'New pump', text: full.slice(0, 90) },
      ),
    ).toBe(true);
  });

  test('are one story when one has no text', () => {
    expect(isSameStory({ title: 'A', text: '' }, { title: 'B', text: full })).toBe(true);
  });

  test('are two stories when neither title nor text agree', () => {
    const other = 'A comment on it: I would have drained the water first, and called a friend.';
    expect(
      isSameStory({ title: 'The pond', text: full }, { title: 'Linked: ponds', text: other }),
    ).toBe(false);
  });
});
