import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOneMistake, nearSlugs } from '../../lib/model/spelling.ts';
import { tagSlug } from '../../lib/model/tag.ts';
import { type Company, judgePair } from '../../lib/model/tag-company.ts';
import { type PairTag, pairTags, stemOf } from '../../lib/model/tag-pairs.ts';

const tagsOf = (names: string[]): PairTag[] =>
  names.map((name, i) => ({ id: i + 1, slug: tagSlug(name), name, posts: names.length - i }));

/** Pairs as `from > into: kind`. */
const pairs = (...names: string[]) =>
  pairTags(tagsOf(names)).map(({ from, into, kind }) => `${from.name} > ${into.name}: ${kind}`);

describe('tags that may be one', () => {
  test.each([
    ['Webdev', 'Web Dev', 'spelling'],
    ['Open source', 'OpenSource', 'spelling'],
    ['Postgres', 'Post-gres', 'spelling'],
    ['Node.js', 'NodeJS', 'spelling'],
    ['Organization', 'Organisation', 'spelling'],
    // The second has a Cyrillic letter, or is Cyrillic with a Latin one.
    ['AWS', '\u0410WS', 'spelling'],
    ['Россия', 'Pоссия', 'spelling'],
    ['Containers', 'Container', 'plural'],
    ['Library', 'Libraries', 'plural'],
    ['Open sources', 'opensource', 'plural'],
    ['Patches', 'Patch', 'plural'],
    ['Photo', 'Photos', 'plural'],
    ['Cache', 'Caches', 'plural'],
    ['Movies', 'Movie', 'plural'],
    ['AWS', 'Amazon Web Services', 'abbreviation'],
    ['Internet of Things', 'IoT', 'abbreviation'],
    ['Machine learning', 'ML', 'abbreviation'],
    ['Kubernetes', 'K8s', 'abbreviation'],
    ['Kubernetes', 'Kubernetes (K8s)', 'abbreviation'],
    ['S3', 'Amazon Simple Storage Service (S3)', 'abbreviation'],
    ['S3', 'Amazon S3', 'prefix'],
    ['Amazon S3', 'AWS S3', 'prefix'],
    ['Kafka', 'Apache Kafka', 'prefix'],
    ['Rust', 'Rust programming language', 'prefix'],
    ['Go', 'golang', 'prefix'],
    ['PostgreSQL', 'PostgerSQL', 'mistake'],
    ['Authentication', 'Authentification', 'none'],
    ['Accessibility', 'Accesibility', 'mistake'],
    ['Machine learning', 'Machine leanring', 'mistake'],
  ])('%s and %s: %s', (into, from, kind) => {
    expect(pairs(into, from)).toEqual(kind === 'none' ? [] : [`${from} > ${into}: ${kind}`]);
  });

  test.each([
    ['cats', 'bats'],
    ['CSS', 'CS'],
    ['News', 'New'],
    ['Windows', 'Window'],
    ['AWS', 'AW'],
    ['Web 2.0', 'Web 20'],
    ['Python 3.11', 'Python 31.1'],
    ['Python 2', 'Python 3'],
    ['Release 2018', 'Releases 2019'],
    ['EC2', 'EC3'],
    ['Vitamin C', 'Vitamin D'],
    ['Emigration', 'Immigration'],
    ['Compiler', 'Compiled'],
    ['Compile', 'Compiler'],
    ['Data science', 'Science'],
    ['Status', 'Statu'],
    ['C', 'C++'],
    ['C++', 'C#'],
    ['Java', 'JavaScript'],
  ])('%s and %s are two', (one, other) => {
    expect(pairs(one, other)).toEqual([]);
  });

  test('the larger takes in all the others', () => {
    expect(pairs('Webdev', 'Web dev', 'web-devs', 'WebDevs').sort()).toEqual([
      'Web dev > Webdev: spelling',
      'WebDevs > Webdev: plural',
      'WebDevs > web-devs: spelling',
      'web-devs > Webdev: plural',
    ]);
  });

  test('no tag is paired with itself, and no pair comes twice', () => {
    const word = fc.constantFrom(
      'aws',
      'amazon',
      'web',
      'services',
      'service',
      's3',
      'learning',
      'lerning',
    );
    const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.uniqueArray(name, { selector: tagSlug, maxLength: 40 }), (names) => {
        const found = pairTags(tagsOf(names));
        const keys = found.map(({ from, into }) => [from.slug, into.slug].sort().join(' '));
        expect(new Set(keys).size).toBe(keys.length);
        for (const { from, into } of found) {
          expect(from.slug).not.toBe(into.slug);
          expect(into.posts).toBeGreaterThanOrEqual(from.posts);
        }
      }),
    );
  });

  test('twice as many tags take no more than some three times the comparisons', () => {
    const many = (count: number) =>
      tagsOf(
        Array.from({ length: count }, (_, i) => `Subject number ${i.toString(36)} and matter`),
      );
    let looked = 0;
    const counted = (tags: PairTag[]) =>
      tags.map((tag) =>
        Object.defineProperty({ ...tag }, 'slug', {
          get: () => {
            looked += 1;
            return tag.slug;
          },
        }),
      );
    pairTags(counted(many(1_000)));
    const few = looked;
    looked = 0;
    pairTags(counted(many(2_000)));
    expect(looked).toBeLessThan(few * 3);
  });
});

test.each([
  ['boxes', 'box'],
  ['classes', 'class'],
  ['caches', 'cache'],
  ['databases', 'database'],
  ['queries', 'query'],
  ['movies', 'movie'],
  ['heroes', 'heroe'],
  ['videos', 'video'],
  ['keys', 'key'],
])('%s is the plural of %s', (word, singular) => {
  expect(stemOf(word)).toBe(stemOf(singular));
});

test.each(['bus', 'analysis', 'kubernetes', 'gas', 'сети', 'aws'])('%s is no plural', (word) => {
  expect(stemOf(word)).toBe(word);
});

describe('a pair is proposed', () => {
  const [pair] = pairTags(tagsOf(['Container', 'Containers']));
  if (pair === undefined) throw new Error('no pair');
  const company = (given: Partial<Company>): Company => ({
    fromSources: 16,
    intoSources: 15,
    bothSources: 0,
    fromNeighbours: 10,
    intoNeighbours: 10,
    sharedNeighbours: 0,
    ...given,
  });
  const large = { ...pair, from: { ...pair.from, posts: 40 }, into: { ...pair.into, posts: 90 } };

  test('when the sources of the one use the other too', () => {
    expect(judgePair(large, company({ bothSources: 14 }))?.reason).toBe(
      'plural; 14 of 17 sources use both',
    );
  });

  test('when the same tags stand beside them', () => {
    expect(judgePair(large, company({ sharedNeighbours: 5 }))?.reason).toBe(
      'plural; 5 tags of 10 beside them the same',
    );
  });

  test('when one is tiny, unless the rule is weak', () => {
    const tiny = { ...large, from: { ...pair.from, posts: 1 } };
    expect(judgePair(tiny, company({}))?.reason).toBe('plural; the smaller has 1 post');
    expect(judgePair({ ...tiny, needsCompany: true }, company({}))).toBeUndefined();
  });

  test('not when they are strangers', () => {
    expect(judgePair(large, company({ bothSources: 3, sharedNeighbours: 1 }))).toBeUndefined();
  });

  test('the earlier the surer it is, and the more posts it concerns', () => {
    const scoreOf = (given: typeof large, by: Partial<Company>) =>
      judgePair(given, company(by))?.score ?? 0;
    const close = scoreOf(large, { bothSources: 14, sharedNeighbours: 9 });
    expect(close).toBeGreaterThan(scoreOf(large, { bothSources: 8 }));
    expect(close).toBeGreaterThan(
      scoreOf({ ...large, kind: 'mistake' }, { bothSources: 14, sharedNeighbours: 9 }),
    );
  });
});

describe('a mistyped name', () => {
  test('is one mistake apart by a letter more, less, other or turned', () => {
    for (const [a, b] of [
      ['linux', 'linx'],
      ['linux', 'linuux'],
      ['linux', 'lanux'],
      ['linux', 'lniux'],
    ] as const) {
      expect([isOneMistake(a, b), isOneMistake(b, a)]).toEqual([true, true]);
    }
    for (const [a, b] of [
      ['linux', 'linux'],
      ['linux', 'lxnui'],
      ['linux', 'lin'],
      ['', 'ab'],
    ] as const) {
      expect(isOneMistake(a, b)).toBe(false);
    }
  });

  test('is so both ways, and for any single change', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 1 }),
        (text, at, sign) => {
          const place = at % (text.length + 1);
          const longer = text.slice(0, place) + sign + text.slice(place);
          expect(isOneMistake(text, longer)).toBe(true);
          expect(isOneMistake(longer, text)).toBe(true);
        },
      ),
    );
  });

  test('leads to the likeliest names', () => {
    const known = tagsOf(['Kubernetes', 'Linux', 'Web Dev', 'Amazon Web Services', 'Java']);
    const near = (name: string) => nearSlugs(tagSlug(name), known, 3).map(({ name: one }) => one);
    expect(near('Kuberntes')).toEqual(['Kubernetes']);
    expect(near('webdev')).toEqual(['Web Dev']);
    expect(near('amazon services')).toEqual(['Amazon Web Services']);
    expect(near('zzz')).toEqual([]);
  });
});
