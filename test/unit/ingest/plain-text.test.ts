import { describe, expect, test } from 'vitest';
import { countWords, htmlToText, oneLine, summarise } from '../../../lib/ingest/plain-text.ts';

describe('plain text', () => {
  test('has a line for each block', () => {
    expect(htmlToText('<h2>A&amp;B</h2><p>one\ntwo <b>three</b></p><ul><li>x<li>y</ul>')).toBe(
      'A&B\none two three\nx\ny',
    );
  });

  test('leaves out what nobody sees', () => {
    expect(htmlToText('a<script>b</script><style>c</style>d')).toBe('ad');
  });

  test('a word is one word wherever its publisher lets it be broken', () => {
    expect(
      htmlToText('<p>data&shy;base, data<wbr>base, data&#8203;base, \ufeffdata\u2060base'),
    ).toBe('database, database, database, database');
    expect(oneLine('Data\u00adbases')).toBe('Databases');
    // Khmer has no spaces: this one parts its words.
    expect(htmlToText('ភាសា\u200bខ្មែរ')).toBe('ភាសា\u200bខ្មែរ');
  });

  test('a title or a name leaves the direction of what follows it alone', () => {
    expect(oneLine('invoice \u202egpj.exe \u2067ב\u2069')).toBe('invoice gpj.exe ב');
    // Marks that only set their neighbours right stay.
    expect(oneLine('C++\u200f ב')).toBe('C++\u200f ב');
  });

  test('words are counted in scripts with and without spaces', () => {
    expect(countWords('Three little words – and "two"')).toBe(5);
    expect(countWords('日本語の単語')).toBeGreaterThan(1);
  });

  test('a summary begins at the first real paragraph', () => {
    const real = 'word '.repeat(30).trim();
    expect(summarise(`By Ada\nPhoto: a cat\n${real}\nmore`, 1000)).toBe(`${real} more`);
  });

  test('a summary without such a paragraph begins at the start', () => {
    expect(summarise('Short\nand sweet', 1000)).toBe('Short and sweet');
  });

  test('a summary ends at the end of a word', () => {
    expect(summarise('alpha beta gamma delta', 12)).toBe('alpha beta…');
    expect(summarise('漢'.repeat(50), 10)).toBe(`${'漢'.repeat(9)}…`);
  });
});
