import { tagSlug } from './tag.ts';

// Names that say nothing of a post. Few and sure: who looks for a tag that we hide finds nothing,
// so a name that says little (News, Events, Personal, Updates: the kind of a text) stays.

/** Why a name says nothing, as the log of tags has it. */
export type HiddenReason = 'no category' | 'a post like any other' | 'a date' | 'a number';

/**
 * What publishing systems write where the author chose nothing (WordPress in its languages, with
 * the variants of its forks), and what people make for the rest.
 */
const NO_CATEGORY = `
  Uncategorized, Uncategorised, Un-categorized, Not categorized, Unsorted, Untagged, No category,
  No categories, Without category, Default, Default category, General, Misc, Misc., Miscellaneous,
  Miscellany, Other, Others, Various, Sonstiges, Verschiedenes, Allgemein, Allgemeines,
  Nicht kategorisiert, Ohne Kategorie, Unkategorisiert, Non classé, Non classée, Non catégorisé,
  Sans catégorie, Général, Sin categoría, Sin categorizar, Sin clasificar, No categorizado, Varios,
  Sense categoria, Sen categoría, Sailkatu gabea, Senza categoria, Non categorizzato, Generale,
  Sem categoria, Não categorizado, Sem classificação, Geral, Diversos, Geen categorie, Algemeen,
  Niet gecategoriseerd, Ongecategoriseerd, Overig, Overige, Okategoriserade, Okategoriserad,
  Okategoriserat, Övrigt, Ukategorisert, Ukategoriseret, Ikke kategoriseret, Luokittelematon,
  Kategorioimaton, Yleinen, Sekalaista, Óflokkað, Bez kategorii, Nieskategoryzowane, Ogólne, Różne,
  Nezařazené, Nezařazeno, Bez kategorie, Obecné, Různé, Nezaradené, Nekategorizirano,
  Nekategorizovano, Nerazvrščeno, Neraspoređeno, Razno, Egyéb, Kategória nélkül,
  Nincs kategorizálva, Fără categorie, Necategorizat, Be kategorijos, Määratlemata,
  Χωρίς κατηγορία, Μη κατηγοριοποιημένο, Μη κατηγοριοποιημένα, Γενικά, Διάφορα, Без рубрики,
  Без категории, Разное, Общее, Прочее, Без категорії, Різне, Некатегоризирани, Без категория,
  Разни, Некатегоризовано, Genel, Kategorisiz, Kategorilenmemiş, Kategorize edilmemiş,
  Tak berkategori, Tanpa kategori, Chưa phân loại, Chưa được phân loại, ไม่มีหมวดหมู่,
  ไม่ได้จัดหมวดหมู่, ללא קטגוריה, כללי, غير مصنف, غير مصنّف, دسته‌بندی نشده, 未分類, 未分类, 未归类,
  默认分类, その他, カテゴリなし, 미분류`;

/** What every post of every feed is. */
const ANY_POST = `
  Blog, Blogs, Blog post, Blog posts, Blogpost, Blogposts, Blog entry, Blog entries, Weblog, Post,
  Posts, All, All posts, Article, Articles, Entry, Entries, Artikel, Beitrag, Beiträge, Blogbeitrag,
  Articolo, Articoli, Artículo, Artículos, Artigo, Artigos, Wpis, Wpisy, Блог, Статья, Статьи,
  ブログ, 記事, 博客, 블로그`;

const slugsOf = (names: string) => names.split(',').map((name) => tagSlug(name.trim()));

const SAYS_NOTHING: ReadonlyMap<string, HiddenReason> = new Map([
  ...slugsOf(NO_CATEGORY).map((slug) => [slug, 'no category'] as const),
  ...slugsOf(ANY_POST).map((slug) => [slug, 'a post like any other'] as const),
]);

/** The languages in which lib/ingest/dates.ts knows months, and a few that are written like them. */
const MONTH_LOCALES =
  'en de fr es it pt nl sv da nb fi pl cs sk hr sl hu ro el ru uk bg tr ca ja ko zh'.split(' ');

/** Greek months as they stand alone, which ICU does not give. */
const GREEK_MONTHS =
  'ιανουαριος φεβρουαριος μαρτιος απριλιος μαιος ιουνιος ιουλιος αυγουστος σεπτεμβριος ' +
  'οκτωβριος νοεμβριος δεκεμβριος';

const fold = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** Names of months in both of their forms (июнь, июня): whole ones, and the short English. */
function namesOfMonths(): Set<string> {
  const names = new Set(GREEK_MONTHS.split(' '));
  const add = (locale: string, options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
    for (let month = 0; month < 12; month++) {
      for (const { type, value } of format.formatToParts(Date.UTC(2020, month, 15))) {
        // Some write the number.
        if (type === 'month' && /\p{L}/u.test(value)) names.add(fold(value));
      }
    }
  };
  for (const locale of MONTH_LOCALES) {
    add(locale, { month: 'long' });
    add(locale, { month: 'long', day: 'numeric' });
  }
  add('en', { month: 'short' });
  return names;
}

let months: ReadonlySet<string> | undefined;
const isMonthName = (word: string) => {
  months ??= namesOfMonths();
  return months.has(word);
};

const YEAR_MIN = 1900;
const YEAR_MAX = 2100;

const isYear = (text: string | undefined) =>
  text !== undefined &&
  /^\d{4}$/u.test(text) &&
  Number(text) >= YEAR_MIN &&
  Number(text) <= YEAR_MAX;
const isUpTo = (text: string | undefined, max: number) =>
  text === undefined || (Number(text) >= 1 && Number(text) <= max);

/** `2018-06`, `2018/6/3`, `2018年6月`. */
function isIsoDate(text: string): boolean {
  const found =
    /^(\d{4})(?:[-/.\s]\s?|[年년]\s?)(\d{1,2})(?:(?:[-/.\s]\s?|[月월]\s?)(\d{1,2}))?[年月日년월일.]?$/u.exec(
      text,
    );
  return found !== null && isYear(found[1]) && isUpTo(found[2], 12) && isUpTo(found[3], 31);
}

/** `06/2018`, `3.6.2018`, `6-3-2018`. */
function isLocalDate(text: string): boolean {
  const found = /^(\d{1,2})([-/.\s])(?:(\d{1,2})\2)?(\d{4})$/u.exec(text);
  if (found === null || !isYear(found[4])) return false;
  const [, first, , second] = found;
  if (second === undefined) return isUpTo(first, 12);
  return isUpTo(first, 31) && isUpTo(second, 31) && (isUpTo(first, 12) || isUpTo(second, 12));
}

/** `June 2018`, `3 de junho de 2018`, `2018 Q3`, `2018年`. */
function isNamedDate(text: string): boolean {
  const words = fold(text)
    .replace(/(?<=\d)(?:st|nd|rd|th|年|년)(?!\p{L})/gu, '')
    .split(/[\s,.]+/u)
    .filter((word) => word !== '' && word !== 'de' && word !== 'of');
  const [years, others] = [words.filter(isYear), words.filter((word) => !isYear(word))];
  if (years.length !== 1 || others.length > 2) return false;
  const names = others.filter((word) => isMonthName(word) || /^q[1-4]$/u.test(word));
  const days = others.filter((word) => /^\d{1,2}$/u.test(word) && isUpTo(word, 31));
  return (
    names.length + days.length === others.length && names.length <= 1 && days.length <= names.length
  );
}

/**
 * Why a tag of this name is hidden by rule: it names no category, what every post is, a date or
 * a bare number. Undefined for all others. Pure, and quick enough for every new tag.
 */
export function whyHidden(name: string): HiddenReason | undefined {
  const text = name.normalize('NFKC').replace(/\s+/gu, ' ').trim();
  const known = SAYS_NOTHING.get(tagSlug(text));
  if (known !== undefined) return known;
  if (!/\d{4}|^\p{Nd}+$/u.test(text)) return undefined;
  if (isIsoDate(text) || isLocalDate(text) || isNamedDate(text)) return 'a date';
  return /^\p{Nd}+$/u.test(text) ? 'a number' : undefined;
}
