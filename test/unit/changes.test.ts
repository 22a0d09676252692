import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareTexts } from '../../lib/queries/changes.ts';

describe('two states of a text', () => {
  test('differ in words, with what stayed around them', () => {
    const before = 'First paragraph.\nThe queue is slow.\nLast paragraph.';
    const after = 'First paragraph.\nThe queue is fast.\nLast paragraph.';
    expect(compareTexts(before, after)).toEqual([
      { unchanged: 1 },
      {
        runs: [
          { kind: 'same', text: 'The queue is ' },
          { kind: 'removed', text: 'slow' },
          { kind: 'added', text: 'fast' },
          { kind: 'same', text: '.' },
        ],
      },
      { unchanged: 1 },
    ]);
  });

  test('differ in whole paragraphs', () => {
    expect(compareTexts('One.\nTwo.', 'One.\nUpdate: more.\nTwo.')).toEqual([
      { unchanged: 1 },
      { runs: [{ kind: 'added', text: 'Update: more.' }] },
      { unchanged: 1 },
    ]);
    expect(compareTexts('One.\nTwo.', 'One.')).toEqual([
      { unchanged: 1 },
      { runs: [{ kind: 'removed', text: 'Two.' }] },
    ]);
  });

  test('that have nothing in common stand one behind the other', () => {
    expect(compareTexts('alpha beta gamma', 'one two three')).toEqual([
      { runs: [{ kind: 'removed', text: 'alpha beta gamma' }] },
      { runs: [{ kind: 'added', text: 'one two three' }] },
    ]);
  });

  test('give both back: what stayed and went is the one, what stayed and came the other', () => {
    const text = fc
      .array(fc.array(fc.constantFrom('a', 'b', 'c d', 'e'), { minLength: 1, maxLength: 5 }), {
        maxLength: 6,
      })
      .map((lines) => lines.map((words) => words.join(' ')));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const parts = compareTexts(before.join('\n'), after.join('\n'));
        const wordsOf = (kind: 'added' | 'removed') =>
          parts
            .flatMap((part) => ('runs' in part ? part.runs : []))
            .filter((run) => run.kind === kind || run.kind === 'same')
            .flatMap((run) => run.text.split(/\s+/u).filter((word) => word !== ''))
            .join('');
        const unchanged = parts.reduce(
          (n, part) => n + ('unchanged' in part ? part.unchanged : 0),
          0,
        );
        const rest = (lines: string[], words: string) =>
          lines.join('').replaceAll(/\s/gu, '').length - words.length;
        // Paragraphs that are only counted are missing on both sides alike.
        expect(rest(before, wordsOf('removed'))).toBe(rest(after, wordsOf('added')));
        if (unchanged === 0) expect(rest(before, wordsOf('removed'))).toBe(0);
      }),
    );
  });
});
