import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describePolicy } from '../../lib/model/policy/describe-policy.ts';
import { lackOf, meets, requiredNames } from '../../lib/model/policy/meets.ts';
import type { Attributes, Policy } from '../../lib/model/policy/policy.ts';
import { readPolicy } from '../../lib/model/policy/read-policy.ts';

const EXAMPLE =
  '{"tag": ["architecture"], "source": [{"anything-but": ["aws-news"]}], ' +
  '"words": [{"numeric": [">=", 300]}], "author": [{"prefix": "jeff"}], ' +
  '"enclosure": [{"exists": false}]}';

function read(text: string): Policy {
  const outcome = readPolicy(text);
  if (outcome.kind === 'invalid') throw new Error(`${outcome.message} at ${outcome.at}`);
  return outcome.policy;
}
const keyOf = (text: string) => {
  const outcome = readPolicy(text);
  return outcome.kind === 'policy' ? outcome.key : undefined;
};

const POST: Attributes = {
  tag: ['architecture', 'serverless'],
  source: ['aws-blog'],
  author: ['Jeff Barr', 'jeff-barr'],
  title: ['A new region'],
  words: [420],
};

describe('a policy', () => {
  test('is met by a post that meets each of its keys by one of their values', () => {
    const policy = read(EXAMPLE);
    expect(lackOf(policy, POST)).toBeUndefined();
    expect(lackOf(policy, { ...POST, words: [299] })).toBe('differs');
    expect(lackOf(policy, { ...POST, source: ['aws-blog', 'aws-news'] })).toBe('differs');
    expect(lackOf(policy, { ...POST, author: [] })).toBe('missing');
    expect(lackOf(policy, { ...POST, words: ['many'] })).toBe('invalid');
    expect(lackOf(policy, { ...POST, enclosure: ['audio/mpeg'] })).toBe('differs');
    expect(requiredNames(policy)).toEqual({ name: 'tag', slugs: ['architecture'] });
    expect(describePolicy(policy)).toBe(
      'posts tagged “architecture”, from anything but “aws-news”, of at least 300 words, ' +
        'by “jeff…”, and without an enclosure',
    );
  });

  test.each([
    ['{"title": [{"suffix": "region"}]}', true],
    ['{"title": [{"wildcard": "A*re*on"}]}', true],
    ['{"title": [{"wildcard": "A*region*region"}]}', false],
    ['{"title": [{"wildcard": "A new region"}]}', true],
    ['{"title": [{"equals-ignore-case": "a NEW region"}]}', true],
    ['{"title": [{"anything-but": {"prefix": "A "}}]}', false],
    ['{"title": [{"anything-but": {"suffix": ["x", "y"]}}]}', true],
    ['{"tag": [{"anything-but": {"wildcard": "server*"}}]}', false],
    ['{"words": [{"numeric": [">", 400, "<=", 420]}]}', true],
    ['{"words": [420]}', true],
    ['{"words": [{"numeric": ["=", 421]}]}', false],
    ['{"words": [null]}', false],
    ['{"language": [{"exists": false}, "en"]}', true],
    ['{"tag": ["serverless"], "$or": [{"words": [1]}, {"source": ["aws-blog"]}]}', true],
    ['{"$or": [{"words": [1]}, {"source": ["aws-news"]}]}', false],
  ])('%s holds of the post: %s', (text, expected) => {
    expect(meets(read(text), POST)).toBe(expected);
  });

  test('has one key for all its spellings', () => {
    const key = keyOf('{"tag":["a","b"],"source":["c"]}');
    expect(key).toBeDefined();
    expect(keyOf('{ "source" : ["c"], "tag": ["b", "a", "a"] }')).toBe(key);
    expect(keyOf('{"tag":["a"],"source":["c"]}')).not.toBe(key);
  });

  test.each([
    ['', 'The policy breaks off here.', 0],
    ['{"tag": ["a"]', 'A comma or } is expected here.', 13],
    ['{"tag": ["a",]}', 'A value is expected here', 13],
    ['{"tag": ["a]}', 'This text does not end', 9],
    ['{"tag": ["a"]} x', 'There is more after the end', 15],
    ['{"tag": ["a"], "tag": ["b"]}', 'stands here twice', 15],
    ['["a"]', 'A policy is an object', 0],
    ['{}', 'This asks for nothing', 0],
    ['{"tags": ["a"]}', 'Posts have no “tags”', 1],
    ['{"tag": "a"}', 'are a list', 8],
    ['{"tag": []}', 'are a list', 8],
    ['{"tag": ["Machine Learning"]}', '"machine-learning" instead of', 9],
    ['{"words": ["300"]}', 'is a number', 11],
    ['{"title": [3]}', 'is a text', 11],
    ['{"words": [{"numeric": ["over", 3]}]}', 'One of "="', 24],
    ['{"words": [{"numeric": ["<", 3, ">", 1]}]}', 'its lower end first', 23],
    ['{"words": [{"numeric": [">", 3, "<", 1]}]}', 'No number lies', 23],
    ['{"title": [{"like": "x"}]}', '“like” is unknown', 12],
    ['{"title": [{"wildcard": "a*b*c*d*e"}]}', '3 stars at most', 24],
    ['{"title": [{"exists": "no"}]}', 'true or false', 22],
    ['{"$or": [{"tag": ["a"]}]}', 'two or more', 8],
    [
      '{"tag":["a"],"source":["a"],"title":["a"],"author":["a"],"words":[1],"year":[1]}',
      '5 keys at most',
      69,
    ],
    ['['.repeat(30), 'deeper than', 13],
    [' '.repeat(5000), '4096 characters', 4096],
  ])('%s is refused with the place of the fault', (text, message, at) => {
    const outcome = readPolicy(text);
    expect(outcome).toMatchObject({ kind: 'invalid', at });
    expect(outcome.kind === 'invalid' && outcome.message).toContain(message);
  });

  test('that makes more than 150 combinations is refused', () => {
    const list = (n: number) => JSON.stringify(Array.from({ length: n }, (_, i) => `t${i}`));
    expect(readPolicy(`{"tag": ${list(15)}, "source": ${list(10)}}`).kind).toBe('policy');
    expect(readPolicy(`{"tag": ${list(16)}, "source": ${list(10)}}`)).toMatchObject({
      kind: 'invalid',
      message: 'With this key its values make 160 combinations; 150 are allowed.',
      at: list(16).length + 10,
    });
  });
});

/** The same rules once more, straight from JSON and with regular expressions. */
function naive(policy: Record<string, unknown>, post: Attributes): boolean {
  const one = (value: unknown, rule: unknown): boolean => {
    if (typeof rule !== 'object' || rule === null) return value === rule;
    const [[name, told]] = Object.entries(rule) as [[string, unknown]];
    if (name === 'prefix') return new RegExp(`^${quote(told)}`, 'su').test(String(value));
    if (name === 'suffix') return new RegExp(`${quote(told)}$`, 'su').test(String(value));
    if (name === 'wildcard') {
      const parts = String(told).split('*').map(quote);
      return new RegExp(`^${parts.join('.*')}$`, 'su').test(String(value));
    }
    if (name === 'exists') return told === true;
    const [low, from, high, to] = told as [string, number, string?, number?];
    const number = value as number;
    const lower = low === '>' ? number > from : number >= from;
    return (
      lower && (high === undefined || (high === '<' ? number < Number(to) : number <= Number(to)))
    );
  };
  return Object.entries(policy).every(([name, rules]) => {
    if (name === '$or') return (rules as Record<string, unknown>[]).some((p) => naive(p, post));
    const values = post[name as 'tag'] ?? [];
    return (rules as unknown[]).some((rule) => {
      const but = (rule as { 'anything-but'?: unknown[] })['anything-but'];
      if (values.length === 0) return (rule as { exists?: boolean }).exists === false;
      if (but) return !values.some((value) => but.some((each) => one(value, each)));
      return values.some((value) => one(value, rule));
    });
  });
}
const quote = (text: unknown) => String(text).replace(/[*+?.^$()[\]{}|\\]/gu, '\\$&');

const slug = fc.stringMatching(/^[ab]{1,3}$/u);
const textRule = fc.oneof(
  slug,
  fc.record({ prefix: slug }),
  fc.record({ suffix: slug }),
  fc.record({ wildcard: fc.stringMatching(/^[ab]{0,2}\*[ab]{0,2}\*?[ab]$/u) }),
);
const rules = fc.array(
  fc.oneof(
    textRule,
    fc.record({ exists: fc.boolean() }),
    fc.record({ 'anything-but': fc.array(textRule, { minLength: 1, maxLength: 2 }) }),
  ),
  { minLength: 1, maxLength: 3 },
);
const bounds = fc.tuple(
  fc.constantFrom('>', '>='),
  fc.integer({ min: 0, max: 4 }),
  fc.constantFrom('<', '<='),
  fc.integer({ min: 4, max: 9 }),
);
const numbers = fc.array(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.record({ numeric: bounds })), {
  minLength: 1,
  maxLength: 2,
});
const keys = fc
  .record({ tag: rules, words: numbers }, { requiredKeys: [] })
  .filter((policy) => Object.keys(policy).length > 0);
const policies = fc.oneof(keys, fc.record({ source: rules, $or: fc.tuple(keys, keys) }));
const posts = fc.record({
  tag: fc.array(slug, { maxLength: 3 }),
  source: fc.array(slug, { maxLength: 2 }),
  words: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 1 }),
});

describe('any policy', () => {
  test('is met where a second, naive reading of it is met', () => {
    fc.assert(
      fc.property(policies, posts, (policy, post) => {
        const outcome = readPolicy(JSON.stringify(policy));
        fc.pre(outcome.kind === 'policy');
        expect(meets(outcome.policy, post)).toBe(naive(policy, post));
      }),
    );
  });

  test('that names tags or sources it needs is met by no post without one of them', () => {
    fc.assert(
      fc.property(policies, posts, (given, post) => {
        const policy = read(JSON.stringify(given));
        const needed = requiredNames(policy);
        if (needed === undefined || !meets(policy, post)) return;
        expect(post[needed.name].some((each) => needed.slugs.includes(each))).toBe(true);
      }),
    );
  });

  test('whatever it is given, reading gives a policy or a place within the text', () => {
    const scraps = fc.array(
      fc.constantFrom('{', '}', '[', ']', '"tag"', '"', ':', ',', '1', 'null', '\\', ' ', '💥'),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          scraps.map((each) => each.join('')),
        ),
        (text) => {
          const outcome = readPolicy(text);
          if (outcome.kind === 'policy') return;
          expect(outcome.at).toBeGreaterThanOrEqual(0);
          expect(outcome.at).toBeLessThanOrEqual(text.length);
        },
      ),
    );
  });
});
