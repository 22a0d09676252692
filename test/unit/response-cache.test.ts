import { describe, expect, test } from 'vitest';
import { Entry, ResponseCache } from '../../lib/serve/response-cache.ts';

const entryOf = (text: string, status = 200, nowMs = 0) =>
  new Entry({ status, headers: { 'content-type': 'text/html' }, body: Buffer.from(text) }, nowMs);
const MINUTE_MS = 60_000;

describe('the response cache', () => {
  test('gives back what was put, until one of its tags is dropped', () => {
    const cache = new ResponseCache();
    const entry = entryOf('posts about numa');
    expect(cache.put('/tag/numa', entry, ['tag:numa', 'latest'], cache.generation)).toBe(true);
    cache.drop(['tag:kernel']);
    expect(cache.get('/tag/numa', 0)).toBe(entry);
    cache.drop(['latest']);
    expect(cache.get('/tag/numa', 0)).toBeUndefined();
    expect(cache.size).toEqual({ entries: 0, bytes: 0 });
  });

  test('refuses an answer whose render began before one of its tags was dropped', () => {
    const cache = new ResponseCache();
    const began = cache.generation;
    cache.drop(['tag:numa']);
    expect(cache.put('/tag/numa', entryOf('old'), ['tag:numa'], began)).toBe(false);
    expect(cache.put('/tag/kernel', entryOf('other'), ['tag:kernel'], began)).toBe(true);
    expect(cache.put('/tag/numa', entryOf('new'), ['tag:numa'], cache.generation)).toBe(true);
  });

  test('refuses every render that was in flight when everything was dropped', () => {
    const cache = new ResponseCache();
    const began = cache.generation;
    cache.dropAll();
    expect(cache.put('/', entryOf('old'), ['latest'], began)).toBe(false);
  });

  test('forgets an answer after five minutes, whatever was dropped', () => {
    const cache = new ResponseCache();
    cache.put('/', entryOf('posts'), ['latest'], 0);
    expect(cache.get('/', 5 * MINUTE_MS)).toBeDefined();
    expect(cache.get('/', 5 * MINUTE_MS + 1)).toBeUndefined();
  });

  test('makes room by forgetting what was asked for longest ago', () => {
    const cache = new ResponseCache(10_000);
    for (const key of ['/a', '/b', '/c']) cache.put(key, entryOf('x'.repeat(400)), ['latest'], 0);
    cache.get('/a', 0);
    for (const key of ['/d', '/e']) cache.put(key, entryOf('x'.repeat(400)), ['latest'], 0);
    expect(cache.get('/b', 0)).toBeUndefined();
    expect(cache.get('/a', 0)).toBeDefined();
    expect(cache.size.bytes).toBeLessThanOrEqual(10_000);
  });

  test('invented addresses push out no page', () => {
    const cache = new ResponseCache(10_000, 5000);
    cache.put('/', entryOf('posts'), ['latest'], 0);
    for (let n = 0; n < 100; n += 1) cache.put(`/tag/${n}`, entryOf('?', 404), [`tag:${n}`], 0);
    expect(cache.get('/', 0)).toBeDefined();
    expect(cache.get('/tag/99', 0)).toBeDefined();
    expect(cache.get('/tag/0', 0)).toBeUndefined();
  });

  test('a page that appears where none was replaces the answer that said so', () => {
    const cache = new ResponseCache();
    cache.put('/tag/numa', entryOf('not found', 404), ['tag:numa'], 0);
    cache.put('/tag/numa', entryOf('found'), ['tag:numa'], 0);
    expect(cache.get('/tag/numa', 0)?.answer.status).toBe(200);
    expect(cache.size.entries).toBe(1);
  });
});
