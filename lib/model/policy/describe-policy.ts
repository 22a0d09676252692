import type { AttributeName, Condition, Policy, TextTest } from './policy.ts';

const SUBJECTS: Record<AttributeName, [is: string, none: string, any: string]> = {
  tag: ['tagged', 'without tags', 'with a tag'],
  source: ['from', 'without a source', 'with a source'],
  author: ['by', 'without an author', 'with an author'],
  title: ['titled', 'without a title', 'with a title'],
  url: ['at', 'without an address', 'with an address'],
  language: ['in the language', 'without a language', 'with a language'],
  enclosure: ['with an enclosure of type', 'without an enclosure', 'with an enclosure'],
  published: ['published', 'without a date', 'with a date'],
  year: ['of the year', 'without a date', 'with a date'],
  words: ['of words', 'without words', 'with words'],
};

const SIGNS = {
  '=': '',
  '<': 'less than ',
  '<=': 'at most ',
  '>': 'more than ',
  '>=': 'at least ',
};
/** Texts that are only partly given, with a mark where the rest may be. */
const TESTS: Record<TextTest, (text: string) => string> = {
  prefix: (text) => `${text}…`,
  suffix: (text) => `…${text}`,
  wildcard: (text) => text.replaceAll('*', '…'),
  'equals-ignore-case': (text) => text.toLowerCase(),
};

const orList = new Intl.ListFormat('en', { type: 'disjunction' });
const andList = new Intl.ListFormat('en', { type: 'conjunction' });

function sayCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'equals':
      return typeof condition.value === 'string' ? `“${condition.value}”` : `${condition.value}`;
    case 'numeric':
      return condition.ranges.map(([sign, limit]) => `${SIGNS[sign]}${limit}`).join(' and ');
    case 'anything-but':
      return `anything but ${orList.format(condition.conditions.map(sayCondition))}`;
    case 'exists':
      return '';
    default:
      return `“${TESTS[condition.kind](condition.text)}”`;
  }
}

function sayKey({ name, conditions }: Policy['keys'][number]): string {
  const [is, none, any] = SUBJECTS[name];
  const said = conditions.filter((each) => each.kind !== 'exists').map(sayCondition);
  const exists = conditions.flatMap((each) => (each.kind === 'exists' ? [each.exists] : []));
  const values = said.length === 0 ? [] : [sayValues(name, is, orList.format(said))];
  return orList.format([...values, ...new Set(exists.map((there) => (there ? any : none)))]);
}

const sayValues = (name: AttributeName, is: string, values: string) =>
  name === 'words' ? `of ${values} words` : `${is} ${values}`;

/** A policy as words for people, without a full stop: “posts tagged “a”, of at least 300 words”. */
export function describePolicy(policy: Policy): string {
  return `posts ${sayParts(policy)}`;
}

function sayParts({ keys, anyOf }: Policy): string {
  const choice = anyOf.length === 0 ? [] : [`either ${anyOf.map(sayParts).join(', or ')}`];
  return andList.format([...keys.map(sayKey), ...choice]);
}
