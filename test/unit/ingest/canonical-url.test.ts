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
    [
      'https://www.google.com/url?sa=t&url=https%3A%2F%2Fexample.com%2Fa%3Futm_x%3D1',
      'https://example.com/a',
    ],
    ['https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.com%2Fa&h=AT0', 'https://example.com/a'],
    [
      'https://go.theregister.com/feed/www.theregister.com/2026/05/01/a/',
      'https://www.theregister.com/2026/05/01/a',
    ],
    ['https://example-com.cdn.ampproject.org/c/s/example.com/a/amp/', 'https://example.com/a'],
    ['https://www.google.com/amp/s/example.com/a.amp.html', 'https://example.com/a.html'],
    ['https://amp.example.com/a', 'https://www.example.com/a'],
    ['https://example.com/a/?amp=1', 'https://example.com/a'],
    ['https://example.com/2026/a/amp', 'https://example.com/2026/a'],
    ['https://youtu.be/dQw4w9WgXcQ?si=x', 'https://www.youtube.com/watch?v=dQw4w9WgXcQ'],
    ['https://arxiv.org/pdf/2101.00001v2.pdf', 'https://arxiv.org/abs/2101.00001v2'],
    [
      'https://datatracker.ietf.org/doc/html/rfc9110#section-8',
      'https://www.rfc-editor.org/rfc/rfc9110',
    ],
    ['https://tools.ietf.org/html/rfc9110', 'https://www.rfc-editor.org/rfc/rfc9110'],
    ['https://www.rfc-editor.org/rfc/rfc9110.html', 'https://www.rfc-editor.org/rfc/rfc9110'],
    ['https://lwn.net/Articles/1000001/rss', 'https://lwn.net/Articles/1000001'],
    ['https://name.blogspot.de/2026/05/a.html?m=1', 'https://name.blogspot.com/2026/05/a.html'],
    ['https://en.m.wikipedia.org/wiki/NUMA', 'https://en.wikipedia.org/wiki/NUMA'],
    ['https://open.substack.com/pub/name/p/a-post?r=1', 'https://name.substack.com/p/a-post'],
    ['https://medium.com/@name/a-story-0123456789ab', 'https://medium.com/p/0123456789ab'],
    ['https://name.medium.com/a-story-0123456789ab', 'https://medium.com/p/0123456789ab'],
  ])('%s leads to %s', (given, expected) => {
    expect(canonicalUrl(given)).toBe(expected);
  });

  test('a redirector that names no web address is an address like any other', () => {
    const given = 'https://www.google.com/url?q=javascript%3Aalert(1)';
    expect(canonicalUrl(given)).toBe(given);
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
      fc
        .tuple(
          fc.constantFrom(
            'amp.dev',
            'amp.a.example',
            'a-b.cdn.ampproject.org',
            'medium.com',
            'www.google.com',
            'm.youtube.com',
            'x.com',
            'old.reddit.com',
            'a.blogspot.de',
            'datatracker.ietf.org',
            'lwn.net',
            'go.theregister.com',
            'arxiv.org',
          ),
          fc.array(
            fc.constantFrom(
              '/amp',
              '/c/s/',
              '/url',
              '/rfc/',
              'rfc9110',
              '/pdf/',
              'a.example/',
              '/Articles/1/rss',
              '/feed/',
              '-0123456789ab',
              '?q=https://amp.a.example/amp',
              '&amp=1',
            ),
          ),
        )
        .map(([host, parts]) => `https://${host}/${parts.join('')}`),
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
