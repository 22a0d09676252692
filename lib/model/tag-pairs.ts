import { isEverydayWord } from './found-tags.ts';
import { asMeant, findLookalikes } from './query/lookalikes.ts';
import { isOneMistake } from './spelling.ts';
import { type TagName, tagSlug } from './tag.ts';

// Tags that may be one, by their names alone. Each rule gives keys, and tags with one key are
// compared with the largest of them: linear in the number of tags. Whether two really are one is
// asked of the company that they keep (tag-company.ts), and then of the operator.

export interface PairTag extends TagName {
  id: number;
  posts: number;
}

export type PairKind = 'spelling' | 'plural' | 'abbreviation' | 'prefix' | 'mistake';

/** Two tags that may be one; the larger takes the other in. */
export interface TagPair {
  from: PairTag;
  into: PairTag;
  kind: PairKind;
  /** Why, in words. */
  words: string;
  /** Being small is no reason to be the same: they must be seen in the same company. */
  needsCompany: boolean;
}

type Rule = (tags: readonly PairTag[]) => Iterable<TagPair>;

const wordsOf = (slug: string) => slug.split('-');
/** Numbers in their order: `web-2-0` and `web-20` are no spellings of each other. */
const digitsOf = (slug: string) => (slug.match(/\p{N}+/gu) ?? []).join(' ');

function pairOf(
  a: PairTag,
  b: PairTag,
  rest: Pick<TagPair, 'kind' | 'words'> & { needsCompany?: boolean },
): TagPair {
  const isLarger = a.posts > b.posts || (a.posts === b.posts && a.id < b.id);
  const [into, from] = isLarger ? [a, b] : [b, a];
  return { from, into, needsCompany: false, ...rest };
}

/** Groups of several tags with one key, each with its largest. */
function* groups(
  tags: readonly PairTag[],
  keyOf: (tag: PairTag) => string | undefined,
): Generator<{ largest: PairTag; others: PairTag[] }> {
  const byKey = new Map<string, PairTag[]>();
  for (const tag of tags) {
    const key = keyOf(tag);
    if (key === undefined) continue;
    const group = byKey.get(key);
    if (group) group.push(tag);
    else byKey.set(key, [tag]);
  }
  for (const group of byKey.values()) {
    if (group.length < 2) continue;
    const [largest, ...others] = group.sort((a, b) => b.posts - a.posts || a.id - b.id);
    if (largest) yield { largest, others };
  }
}

/** Words in `s` that are no plurals, or of another thing than the word without it. */
const NO_PLURALS: ReadonlySet<string> = new Set(
  `news windows aws ios macos tvos watchos dns tls css rss js https sms gps series species means
   physics mathematics maths ethics economics politics analytics graphics robotics genomics
   electronics logistics mechanics aerobics ops devops kubernetes jenkins postgres redis kudos
   sales goods arms glasses athens texas paris wales always perhaps`.split(/\s+/u),
);
const STEM_LETTERS_MIN = 3;

/**
 * What an English noun and its plural have in common: `query` of queries, `cach` of cache and
 * caches, `movy` of movie and movies. The plurals of French, Spanish and Portuguese nouns that end
 * in a vowel are made alike; other languages have none that is safe.
 */
export function stemOf(word: string): string {
  if (NO_PLURALS.has(word) || !/^[a-z]+$/u.test(word)) return word;
  const bare = /s$/u.test(word) && !/(?:ss|us|is|js)$/u.test(word) ? word.slice(0, -1) : word;
  const stem = bare.replace(/(?<=[^aeiou])ie$/u, 'y').replace(/(?<=[sxz]|ch|sh)e$/u, '');
  return stem.length < STEM_LETTERS_MIN ? word : stem;
}

/** British and American spellings of a longer word as one. */
const oneSpelling = (word: string) =>
  word.length < 6
    ? word
    : word
        .replace(/is(?=ation|ing$|ed$|er$|e$)/u, 'iz')
        .replace(/(?<=[a-z]{2})our(?=$|ed$|ing$|al$|able$)/u, 'or')
        .replace(/ogue$/u, 'og');

/** With letters of one alphabet where those of another were put in that look alike. */
const asSeen = (slug: string) => asMeant(slug, findLookalikes(slug));

function spellingKey(slug: string): string {
  return `${wordsOf(asSeen(slug)).map(oneSpelling).join('')}|${digitsOf(slug)}`;
}

function pluralKey(slug: string): string {
  const words = wordsOf(slug);
  return spellingKey([...words.slice(0, -1), stemOf(words.at(-1) ?? '')].join('-'));
}

function* spellings(tags: readonly PairTag[]): Generator<TagPair> {
  for (const { largest, others } of groups(tags, ({ slug }) => spellingKey(slug))) {
    for (const other of others) {
      const isSeen = [largest, other].every(({ slug }) => asSeen(slug) === slug);
      const words = isSeen ? 'the same letters' : 'letters of two alphabets that look alike';
      yield pairOf(largest, other, { kind: 'spelling', words });
    }
  }
}

function* plurals(tags: readonly PairTag[]): Generator<TagPair> {
  for (const { largest, others } of groups(tags, ({ slug }) => pluralKey(slug))) {
    const rest = { kind: 'plural', words: 'plural' } as const;
    for (const other of others) yield pairOf(largest, other, rest);
  }
}

const LINKING = new Set(['and', 'of', 'the', 'for', 'in', 'to', 'on', 'as', 'a']);
const INITIALS_MAX = 6;
/** Two letters stand for too many things. */
const SURE_INITIALS_MIN = 3;

function initialsOf(slug: string): string[] {
  const words = wordsOf(slug);
  if (words.length < 2 || words.length > INITIALS_MAX || !words.every((w) => /^\p{L}/u.test(w))) {
    return [];
  }
  const first = (chosen: string[]) => chosen.map((word) => [...word][0]).join('');
  const bare = words.filter((word) => !LINKING.has(word));
  return [...new Set([first(words), ...(bare.length > 1 ? [first(bare)] : [])])];
}

/** `k8s` for `kubernetes`. */
function numeronymOf(slug: string): string | undefined {
  if (!/^\p{L}{5,}$/u.test(slug)) return undefined;
  const letters = [...slug];
  return `${letters[0]}${letters.length - 2}${letters.at(-1)}`;
}

function* abbreviations(tags: readonly PairTag[]): Generator<TagPair> {
  const bySlug = new Map(tags.map((tag) => [tag.slug, tag]));
  for (const long of tags) {
    for (const initials of initialsOf(long.slug)) {
      const short = bySlug.get(initials);
      if (short === undefined) continue;
      const needsCompany = initials.length < SURE_INITIALS_MIN;
      yield pairOf(long, short, { kind: 'abbreviation', words: 'initials', needsCompany });
    }
    const short = bySlug.get(numeronymOf(long.slug) ?? '');
    if (short) yield pairOf(long, short, { kind: 'abbreviation', words: 'letters counted' });
    const [, name = '', inner = ''] = /^(.+?)\s*\(([^()]+)\)$/u.exec(long.name) ?? [];
    for (const part of [name, inner].filter((text) => text !== '')) {
      const other = bySlug.get(tagSlug(part));
      if (other && other !== long) {
        yield pairOf(long, other, { kind: 'abbreviation', words: 'a name with its abbreviation' });
      }
    }
  }
}

/** Makers whose names stand before those of what they make. One family is one maker. */
const MAKERS = new Map(
  `amazon-web-services amazon aws;google;microsoft ms;apple;facebook meta;apache;mozilla;ibm;oracle;
   adobe;gnu;hashicorp;red-hat redhat;canonical;jetbrains;atlassian;nvidia;the;`
    .split(/;\s*/u)
    .flatMap((family) => family.split(' ').map((name): [string, string] => [name, family])),
);
const ENDINGS = 'programming-language programming language lang js framework'.split(' ');
/** Written together, as in `golang` and `reactjs`. */
const JOINED_ENDING = /^(\p{L}{2,})(?:lang|js)$/u;

/** The bare name below a maker's, or before what is said of its kind. */
function bareNames(slug: string): { bare: string; maker: string }[] {
  const found: { bare: string; maker: string }[] = [];
  for (const [name, maker] of MAKERS) {
    if (name !== '' && slug.startsWith(`${name}-`)) {
      found.push({ bare: slug.slice(name.length + 1), maker });
    }
  }
  const ending = ENDINGS.find((each) => slug.endsWith(`-${each}`));
  const joined = JOINED_ENDING.exec(slug)?.[1];
  const bare = ending === undefined ? joined : slug.slice(0, -ending.length - 1);
  if (bare !== undefined) found.push({ bare, maker: 'kind' });
  return found;
}

function* prefixes(tags: readonly PairTag[]): Generator<TagPair> {
  const bySlug = new Map(tags.map((tag) => [tag.slug, tag]));
  const ofMaker = new Map<string, PairTag>();
  for (const long of [...tags].sort((a, b) => b.posts - a.posts || a.id - b.id)) {
    for (const { bare, maker } of bareNames(long.slug)) {
      const short = bySlug.get(bare);
      // `Apple Music` is no music.
      const needsCompany = isEverydayWord(bare) || !/[^aeiou]/u.test(bare);
      const rest = { kind: 'prefix', words: 'the name within the other', needsCompany } as const;
      if (short) yield pairOf(long, short, rest);
      const key = `${maker}|${bare}`;
      const first = ofMaker.get(key);
      if (first) yield pairOf(first, long, { ...rest, words: 'two names of one maker' });
      else ofMaker.set(key, long);
    }
  }
}

/** In shorter words one letter makes another word. */
const MISTAKEN_LETTERS_MIN = 7;
const SAME_FORM_WORDS_MAX = 20;

/**
 * One mistake within a long word. Not at its first letter (`emigration`, `immigration`), nor at
 * its last, where one word is made of another (`compile`, `compiler`, `compiled`).
 */
function isMistake(a: string, b: string): boolean {
  return a[0] === b[0] && a.at(-1) === b.at(-1) && isOneMistake(a, b);
}

/**
 * Long words with those that are one mistake away. Such words have a form in common when a letter
 * is left out of each, or of the longer one; so only those are compared that share such a form.
 */
function mistakenWords(words: Iterable<string>): Map<string, Set<string>> {
  const byForm = new Map<string, string[]>();
  const near = new Map<string, Set<string>>();
  const add = (a: string, b: string) => near.set(a, (near.get(a) ?? new Set()).add(b));
  for (const word of words) {
    const forms = new Set([word]);
    for (let i = 1; i < word.length - 1; i++) forms.add(word.slice(0, i) + word.slice(i + 1));
    for (const form of forms) {
      const others = byForm.get(form) ?? [];
      for (const other of others) {
        if (!isMistake(word, other)) continue;
        add(word, other);
        add(other, word);
      }
      // Words of one form beyond these are made up.
      if (others.length < SAME_FORM_WORDS_MAX) byForm.set(form, [...others, word]);
    }
  }
  return near;
}

function* mistakes(tags: readonly PairTag[]): Generator<TagPair> {
  const bySlug = new Map(tags.map((tag) => [tag.slug, tag]));
  const isLong = (word: string) => word.length >= MISTAKEN_LETTERS_MIN && /^\p{L}+$/u.test(word);
  const near = mistakenWords(new Set(tags.flatMap(({ slug }) => wordsOf(slug).filter(isLong))));
  for (const tag of tags) {
    const words = wordsOf(tag.slug);
    for (const [i, word] of words.entries()) {
      for (const meant of near.get(word) ?? []) {
        const other = bySlug.get(words.with(i, meant).join('-'));
        if (other) yield pairOf(tag, other, { kind: 'mistake', words: 'one letter' });
      }
    }
  }
}

/** The surest first: a pair that two rules give is the first one's. */
const RULES: readonly Rule[] = [spellings, plurals, abbreviations, prefixes, mistakes];

/** All pairs of tags that may be one, each once. */
export function pairTags(tags: readonly PairTag[]): TagPair[] {
  const pairs = new Map<string, TagPair>();
  for (const rule of RULES) {
    for (const pair of rule(tags)) {
      const key = pairKey(pair.from.slug, pair.into.slug);
      if (!pairs.has(key)) pairs.set(key, pair);
    }
  }
  return [...pairs.values()];
}

/** One name for a pair, whichever is the larger. No slug has a space in it. */
export const pairKey = (a: string, b: string) => (a < b ? `${a} ${b}` : `${b} ${a}`);
