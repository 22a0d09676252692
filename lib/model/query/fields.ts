import { slugOf } from '../slug.ts';
import { tagSlug } from '../tag.ts';
import {
  checkPrefix,
  cutStar,
  type Fault,
  type FieldName,
  fault,
  foldText,
  HAS_WORD,
  type Leaf,
} from './token.ts';

/** Before the colon; any other name is a word like all others (`std::vector`, `10:30`). */
const NAMED = /^(tag|source|author|title|lang|before|after):(.*)$/isu;

const EXAMPLES = {
  tag: 'tag:linux or tag:"machine learning"',
  source: 'source:lwn-net or source:"LWN.net"',
  author: 'author:corbet or author:"Jonathan Corbet"',
  title: 'title:kernel or title:"data dictionary"',
  lang: 'lang:en or lang:pt-br',
  before: 'before:2026-05-31, before:2026-05 or before:2026',
  after: 'after:2026-05-31, after:2026-05 or after:2026',
} as const;

/** What can stand before a colon. */
type Name = keyof typeof EXAMPLES;

/** The name of a field at the beginning of a word, and what follows its colon. */
export function cutField(raw: string): { name: Name; rest: string } | undefined {
  const [, name, rest] = NAMED.exec(raw) ?? [];
  if (name === undefined || rest === undefined) return undefined;
  return { name: name.toLowerCase() as Name, rest };
}

const refused = (at: number, message: string): Fault => ({ ...fault(at, message), isField: true });

/**
 * Reads the value of a field.
 * @param value what stands after the colon, without its quotation marks.
 * @param at where it stands in the query.
 */
export function readField(
  name: Name,
  value: string,
  { at, isQuoted }: { at: number; isQuoted: boolean },
): Leaf | Fault {
  if (value.trim() === '') {
    return refused(at, `Nothing stands after ${name}: – write it like ${EXAMPLES[name]}.`);
  }
  if (name === 'before' || name === 'after') return readDate(name, value.trim(), at);
  if (name === 'lang') return readLanguage(value.trim(), at);
  const cut = isQuoted ? { text: value, isPrefix: false } : cutStar(value, at);
  if ('kind' in cut) return { ...cut, isField: true };
  const text = foldValue(name, cut.text);
  if (!HAS_WORD.test(text)) {
    return refused(at, `“${value}” has no letter or digit in it: write it like ${EXAMPLES[name]}.`);
  }
  const tooShort = cut.isPrefix ? checkPrefix(text, at) : undefined;
  if (tooShort) return { ...tooShort, isField: true };
  return { kind: 'field', name, text, isPrefix: cut.isPrefix };
}

function foldValue(name: Exclude<FieldName, 'lang'>, value: string): string {
  if (name === 'tag') return tagSlug(value);
  return name === 'source' ? slugOf(value) : foldText(value);
}

/** BCP 47, as posts have it. */
function readLanguage(value: string, at: number): Leaf | Fault {
  const text = value.toLowerCase().replaceAll('_', '-');
  if (!/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/u.test(text)) {
    return refused(at, `“${value}” is no code of a language: write it like ${EXAMPLES.lang}.`);
  }
  return { kind: 'field', name: 'lang', text, isPrefix: false };
}

function readDate(side: 'before' | 'after', value: string, at: number): Leaf | Fault {
  const [, year, month = '01', day = '01'] =
    /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/u.exec(value) ?? [];
  const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const ms = Date.parse(`${text}T00:00:00Z`);
  // The 31st of a shorter month is read as a day of the next one.
  if (year === '0000' || Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(text)) {
    return refused(at, `“${value}” is no day, month or year: write it like ${EXAMPLES[side]}.`);
  }
  return { kind: 'date', side, day: text };
}
