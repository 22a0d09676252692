import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { whyHidden } from '../../lib/model/hidden-names.ts';

describe('a name that says nothing is hidden', () => {
  test.each([
    'Uncategorized',
    'uncategorised',
    'Allgemein',
    'Non classé',
    'Non classe',
    'Sin categoría',
    'Senza categoria',
    'Sem categoria',
    'Geen categorie',
    'Okategoriserade',
    'Ukategorisert',
    'Ikke kategoriseret',
    'Bez kategorii',
    'Nezařazené',
    'Без рубрики',
    '未分類',
    '未分类',
    '미분류',
    'GENERAL',
    'Misc.',
    'Other',
    'Default',
  ])('%s names no category', (name) => {
    expect(whyHidden(name)).toBe('no category');
  });

  test.each(['Blog', 'Posts', 'Articles', 'Blog post', 'ブログ'])('%s is what all are', (name) => {
    expect(whyHidden(name)).toBe('a post like any other');
  });

  test.each([
    '2018',
    '2018-06',
    '2018/6/3',
    '06/2018',
    '3.6.2018',
    'June 2018',
    'Jun 2018',
    'june, 2018',
    '2018 June',
    '1st June 2018',
    'Juin 2018',
    'März 2019',
    'Junio de 2018',
    '3 de junho de 2018',
    'июнь 2018',
    'июня 2018',
    'Ιούνιος 2018',
    'Kesäkuu 2018',
    'Q3 2018',
    '2018年',
    '2018年6月',
    '2018년 6월',
    '２０１８',
  ])('%s is a date', (name) => {
    expect(whyHidden(name)).toBe('a date');
  });

  test.each(['42', '007', '12345'])('%s is a bare number', (name) => {
    expect(whyHidden(name)).toBe('a number');
  });
});

describe('a name that says something stays', () => {
  test.each([
    'News',
    'Announcements',
    'Personal',
    'General relativity',
    'Blogging',
    'Post-quantum cryptography',
    'May',
    'Market 2018',
    'Octopus 2020',
    'FOSDEM 2018',
    'Ubuntu 18.04',
    '2018-19',
    '13/2018',
    '40.6.2018',
    '2038 problem',
    '9/11',
    '24/7',
    'Web 2.0',
    'Python 3.11',
    '5G',
    'C',
    '802.11',
    '3D',
    '0x10',
    '',
  ])('%s', (name) => {
    expect(whyHidden(name)).toBeUndefined();
  });

  test('whatever has two words that are no dates', () => {
    const word = fc.stringMatching(/^[a-z]{14,20}$/u);
    fc.assert(
      fc.property(word, word, fc.nat(), (one, two, number) => {
        expect(whyHidden(`${one} ${two}`)).toBeUndefined();
        expect(whyHidden(`${one} ${number}`)).toBeUndefined();
      }),
    );
  });

  test('whatever is made of parts of dates is told in some way', () => {
    const part = fc.constantFrom(
      ...'2018 06 31 99 12345 / - . , June de of Q3 1st 年 6月 년 é 🎉 ٣ ２ x'.split(' '),
      ' ',
      '',
    );
    const reasons = [undefined, 'a date', 'a number', 'no category', 'a post like any other'];
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        expect(reasons).toContain(whyHidden(parts.join('')));
      }),
    );
  });
});

test('any day of any year that has one is a date, however it is written', () => {
  const noInvalidDate = {
    noInvalidDate: true,
    min: new Date('1971-01-01'),
    max: new Date('2100-01-01'),
  };
  const locale = fc.constantFrom('en', 'de', 'fr', 'es', 'it', 'nl', 'sv', 'pl', 'ru', 'el', 'pt');
  fc.assert(
    fc.property(fc.date(noInvalidDate), locale, (date, language) => {
      const iso = date.toISOString();
      const month = (options: Intl.DateTimeFormatOptions) =>
        new Intl.DateTimeFormat(language, { timeZone: 'UTC', ...options }).format(date);
      expect(whyHidden(iso.slice(0, 10))).toBe('a date');
      expect(whyHidden(iso.slice(0, 7))).toBe('a date');
      expect(whyHidden(`${month({ month: 'long' })} ${iso.slice(0, 4)}`)).toBe('a date');
    }),
  );
});
