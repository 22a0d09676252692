import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { routeOf } from '../../lib/serve/cache-key.ts';

const keyOf = (target: string, headers = {}) => {
  const route = routeOf('GET', target, headers);
  return route.kind === 'shared' ? route.key : route.kind;
};

describe('what an answer is kept by', () => {
  test('unknown query parameters do not multiply the cache', () => {
    expect(keyOf('/tag/numa?utm_source=mail&x=1')).toBe('/tag/numa');
    expect(keyOf('/tag/numa?view=excerpts&before=abc&fbclid=1')).toBe(
      '/tag/numa?before=abc&view=excerpts',
    );
    expect(keyOf('/tag/numa?view=full')).toBe('/tag/numa');
    expect(keyOf('/tag/numa?view=nonsense&before=A!')).toBe('/tag/numa');
    expect(keyOf('/tag/numa?before=abc&before=def')).toBe('/tag/numa?before=abc');
  });

  test('any query of unknown parameters has the key of the bare address', () => {
    fc.assert(
      fc.property(fc.webQueryParameters(), (query) => {
        const given = new URLSearchParams(query);
        fc.pre(!given.has('view') && !given.has('before') && query.length < 900);
        expect(keyOf(`/tag/numa?${query}`)).toBe('/tag/numa');
      }),
    );
  });

  test.each([
    '/admin',
    '/admin/feeds',
    '/alerts?query=numa',
    '/search?q=numa',
    '/search/feed.xml?q=numa',
    '/api/v1/posts',
    '/readyz',
    '/websub/1.websub.1.mac?hub.mode=subscribe&hub.challenge=x',
    '//evil.example/tag/numa',
    `/tag/${'x'.repeat(1000)}`,
  ])('%s is answered for this reader only', (target) => {
    expect(keyOf(target)).toBe('own');
  });

  test('a request with a cookie, credentials or Next’s own headers is for this reader only', () => {
    expect(keyOf('/tag/numa', { cookie: 'a=b' })).toBe('own');
    expect(keyOf('/tag/numa', { authorization: 'Basic eA==' })).toBe('own');
    expect(keyOf('/tag/numa', { rsc: '1' })).toBe('own');
  });

  test('a POST is never shared', () => {
    expect(routeOf('POST', '/tag/numa', {}).kind).toBe('own');
  });

  test('names that only begin like a private path are shared', () => {
    expect(keyOf('/searching')).toBe('/searching');
    expect(keyOf('/tag/admin')).toBe('/tag/admin');
  });
});
