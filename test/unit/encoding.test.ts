import { describe, expect, test } from 'vitest';
import { chooseEncoding, matchesEtag } from '../../lib/serve/encoding.ts';

test.each([
  [undefined, 'identity'],
  ['', 'identity'],
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip', 'gzip'],
  ['br;q=0, gzip', 'gzip'],
  ['br;q=0.2, gzip;q=0.8', 'gzip'],
  ['*', 'br'],
  ['*;q=0', 'identity'],
  ['GZIP;Q=1', 'gzip'],
])('Accept-Encoding %j is answered with %s', (header, encoding) => {
  expect(chooseEncoding(header)).toBe(encoding);
});

describe('If-None-Match', () => {
  test('names a validator alone, in a list, weakly, or with a star', () => {
    for (const header of ['"a-br"', '"x", "a-br"', 'W/"a-br"', '*']) {
      expect(matchesEtag(header, '"a-br"')).toBe(true);
    }
  });

  test('does not match the validator of another encoding', () => {
    expect(matchesEtag('"a-gzip"', '"a-br"')).toBe(false);
    expect(matchesEtag('a-br', '"a-br"')).toBe(false);
  });
});
