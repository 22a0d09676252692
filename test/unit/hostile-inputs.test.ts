import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readEmailAddress } from '../../lib/alerts/email-address.ts';
import { readPolicy } from '../../lib/model/policy/read-policy.ts';
import { asMeant, findLookalikes } from '../../lib/model/query/lookalikes.ts';
import { parseQuery } from '../../lib/model/query/parse-query.ts';
import { planSearch } from '../../lib/model/query/plan-search.ts';
import { dropUnseen, findUnseen } from '../../lib/model/unseen.ts';
import { readWebhookAddress } from '../../lib/model/webhook.ts';

describe('an address', () => {
  test.each([
    'a@example.org\r\nBcc: b@example.org',
    'a@example.org\nb@example.org',
    'a@example.org, b@example.org',
    'a@example.org;b@example.org',
    '<a@example.org>',
    'Ada <a@example.org>',
    '"a b"@example.org',
    'a\u0000@example.org',
    'a\u200bb@example.org',
    '\u202ea@example.org',
    'а@example.org',
    'a@example.org?bcc=b@example.org',
    'a%40example.org@',
    'a@[127.0.0.1]',
    'a@localhost',
    'a@exa mple.org',
    `${'a'.repeat(250)}@example.org`,
    `${'a@'.repeat(30_000)}example.org`,
    `${'é'.repeat(60_000)}@é.example`,
  ])('that is more than one is none: %j', (text) => {
    expect(readEmailAddress(text)).toBeUndefined();
  });

  test.each([
    // With a Cyrillic a, which shows in every mail.
    ['ada@exаmple.org', 'ada@xn--exmple-4nf.org'],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@exam\u00adple.org', 'ada@example.org'],
    ['ada@ｅxample。org', 'ada@example.org'],
  ])('has its domain in ASCII, so that no other looks like it: %s', (text, email) => {
    expect(readEmailAddress(text)?.email).toBe(email);
  });

  test('of an endpoint has no line ends, and its host in ASCII', () => {
    expect(readWebhookAddress('https://exаmple.org/a\r\nX-Evil: 1')).toMatchObject({
      host: 'xn--exmple-4nf.org',
      url: 'https://xn--exmple-4nf.org/aX-Evil:%201',
    });
    expect(readWebhookAddress('https://a\u202eb.example/').kind).toBe('invalid');
    expect(readWebhookAddress(`https://a.example/${'x'.repeat(10_000)}`).kind).toBe('invalid');
  });
});

describe('a character that nobody sees', () => {
  test.each([
    ['ker\u00adnel', 3, 'a soft hyphen (U+00AD)'],
    ['a ker\u200bnel', 5, 'a space without width (U+200B)'],
    ['ker\u200dnel', 3, 'a sign that joins letters (U+200D)'],
    ['kernel\u200c aws', 6, 'a sign that parts letters (U+200C)'],
    ['C++\u200f', 3, 'a mark of writing direction (U+200F)'],
    ['\u202elenrek', 0, 'a sign that turns the writing direction (U+202E)'],
    ['a\u2067b', 1, 'a sign that turns the writing direction (U+2067)'],
    ['a \ufeffb', 2, 'a byte order mark (U+FEFF)'],
    ['tag:"machine\u2060 learning"', 12, 'a sign that joins words (U+2060)'],
    ['a\u3164b', 1, 'the character U+3164'],
    ['a\u{e0041}', 1, 'the character U+E0041'],
  ])('is refused in a query, with its place and name: %j', (text, at, called) => {
    expect(findUnseen(text)).toEqual({ at, called });
    expect(parseQuery(text)).toMatchObject({ at, message: expect.stringContaining(called) });
    // A search looks for the rest, and says so.
    expect(planSearch(text)).toMatchObject({ kind: 'plan', fault: { at } });
    const policy = readPolicy(JSON.stringify({ title: [{ prefix: text }] }));
    expect(policy).toMatchObject({ at: 20, message: expect.stringContaining(called) });
  });

  test.each([
    'ភាសា\u200bខ្មែរ',
    'می‌خواهم',
    'क्‍ष',
    '👩‍👩‍👧 family',
    '🧑🏽‍🚀 mission',
    'naïve',
    '東京',
    '❤️ rust',
  ])('may join letters and signs where they need it: %s', (text) => {
    expect(findUnseen(text)).toBeUndefined();
    expect(dropUnseen(text)).toBe(text);
  });

  test('leaves no other when it is taken out', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(findUnseen(dropUnseen(dropUnseen(text)))).toBeUndefined();
      }),
    );
  });
});

describe('a word with letters of two alphabets that look alike', () => {
  test.each([
    ['аws', 'aws', 'Cyrillic', ['а']],
    ['kubernеtеs', 'kubernetes', 'Cyrillic', ['е']],
    ['Τesla', 'Tesla', 'Greek', ['Τ']],
    ['Пpивет', 'Привет', 'Latin', ['p']],
  ] as const)('%s is %s', (word, meant, alphabet, letters) => {
    expect(findLookalikes(`tag:${word} -x`)).toEqual([{ word, meant, alphabet, letters }]);
    expect(asMeant(`tag:${word} -x`, findLookalikes(word))).toBe(`tag:${meant} -x`);
  });

  test.each([
    'aws',
    'привет',
    'μTorrent',
    'Δt',
    'Δp',
    'USB-порт',
    'IP адрес',
    '東京Tower',
    'naïve',
  ])('is no other: %s', (word) => expect(findLookalikes(word)).toEqual([]));
});

describe('a policy that is too much', () => {
  const list = (count: number) => JSON.stringify(Array.from({ length: count }, (_, i) => `t${i}`));
  test.each([
    ['is long', `{"tag": ${list(2000)}}`, 4096],
    ['has many values', `{"tag": ${list(200)}}`, `{"tag": ${list(150)}`.length],
    ['is deep', `{"$or": [${'{"$or": ['.repeat(50)}`, 62],
    ['has deep lists', `{"tag": ${'['.repeat(100)}`, 20],
    [
      'has many keys',
      '{"tag": ["a"], "$or": [{"title": ["b"], "year": [1], "words": [1]}, {"author": ["c"], "url": ["d"]}]}',
      86,
    ],
    ['has many stars', `{"title": [{"wildcard": "${'a*'.repeat(100)}"}]}`, 24],
    ['has a number without an end', `{"words": [1${'0'.repeat(400)}]}`, 11],
    ['has half a character', '{"title": ["\\ud800"]}', 11],
    ['has a character of zero', '{"title": [{"suffix": "\\u0000"}]}', 22],
    ['names a prototype', '{"__proto__": ["a"]}', 1],
    ['names a method', '{"constructor": ["a"]}', 1],
    ['asks for a regular expression', '{"title": [{"regex": "(x+x+)+y"}]}', 12],
  ])('is refused with its place when it %s', (_, text, at) => {
    expect(readPolicy(text)).toMatchObject({ kind: 'invalid', at, message: /^.{15,200}$/u });
  });
});
