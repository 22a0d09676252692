import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFeedAddress } from '../../lib/model/feed-address.ts';

test.each([
  ['https://lwn.net/headlines/newrss', 'https://lwn.net/headlines/newrss'],
  ['  HTTP://LWN.net ', 'http://lwn.net/'],
  ['lwn.net', 'https://lwn.net/'],
  ['lwn.net:8443/a?b#c', 'https://lwn.net:8443/a?b#c'],
  ['bücher.example/feed', 'https://xn--bcher-kva.example/feed'],
])('an address of a feed or site: %s', (typed, stored) => {
  expect(readFeedAddress(typed)).toBe(stored);
});

test.each([
  '',
  'lwn',
  'not an address',
  'javascript:alert(1)',
  'ftp://lwn.net/feed',
  'mailto:ada@lwn.net',
  'file:///etc/passwd',
  'https://',
])('none: %s', (typed) => {
  expect(readFeedAddress(typed)).toBeUndefined();
});

test('none: an address over 2000 characters', () => {
  expect(readFeedAddress(`https://lwn.net/${'a'.repeat(2000)}`)).toBeUndefined();
});

test('what comes of anything typed is an address of the web, and stays itself', () => {
  const label = fc.string({ unit: fc.constantFrom(...'aZ0-ü_%@'), maxLength: 6 });
  const host = fc.array(label, { maxLength: 4 }).map((labels) => labels.join('.'));
  const place = fc.tuple(host, fc.string()).map(([name, path]) => `https://${name}/${path}`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), host, place), (typed) => {
      const url = readFeedAddress(typed);
      if (url === undefined) return;
      expect(new URL(url).protocol).toMatch(/^https?:$/u);
      expect(readFeedAddress(url)).toBe(url);
    }),
  );
});
