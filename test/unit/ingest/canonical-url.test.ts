import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalUrl } from '../../../lib/ingest/canonical-url.ts';

describe('canonical URLs', () => {
  test.each([
    ['HTTP://Example.COM:80/', 'https://example.com/'],
    ['http://example.com/a/', 'https://example.com/a'],
    ['https://example.com/a/../b', 'https://example.com/b'],
    ['https://example.com/index.html', 'https://example.com/'],
    ['https://example.com/a?utm_source=rss&id=3&fbclid=x', 'https://example.com/a?id=3'],
    ['https://example.com/a?UTM_Medium=rss', 'https://example.com/a'],
    ['https://example.com/a#part', 'https://example.com/a'],
    ['https://example.com/#!/route', 'https://example.com/#!/route'],
    ['https://example.com/%7eada/%c3%a4', 'https://example.com/~ada/%C3%A4'],
    ['https://bücher.example/ä', 'https://xn--bcher-kva.example/%C3%A4'],
    ['https://www.youtube.com/watch?v=abc&feature=youtu.be', 'https://www.youtube.com/watch?v=abc'],
  ])('%s is %s', (given, expected) => {
    expect(canonicalUrl(given)).toBe(expected);
  });

  test.each([
    ['https://example.com/a?b=1&a=2', 'https://example.com/a?a=2&b=1'],
    ['https://www.example.com/a', 'https://example.com/a'],
    ['https://example.com/?p=1', 'https://example.com/?p=2'],
    ['https://example.com:8443/a', 'https://example.com/a'],
    ['https://example.com/a%2Fb', 'https://example.com/a/b'],
    ['https://example.com/A', 'https://example.com/a'],
  ])('%s and %s may be two pages', (one, other) => {
    expect(canonicalUrl(one)).not.toBe(canonicalUrl(other));
  });

  test('what is no web address comes back as it is', () => {
    for (const text of ['', 'urn:x:1', 'tag:a,2026:1', 'not an address']) {
      expect(canonicalUrl(text)).toBe(text);
    }
  });

  test('doing it twice changes nothing', () => {
    const url = fc.oneof(
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
      fc
        .array(fc.constantFrom('/', 'index.php', 'a', '?', '&', 'utm_x=1', '%2e', '%41', '#!'))
        .map((parts) => `http://example.com/${parts.join('')}`),
      fc.string(),
    );
    fc.assert(
      fc.property(url, fc.boolean(), (given, keep) => {
        const once = canonicalUrl(given, keep);
        expect(canonicalUrl(once, keep)).toBe(once);
      }),
    );
  });
});
