import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { shared } from '../../lib/serve/shared.ts';
import { PAGE, page, useFront } from '../support/front-site.ts';

// What readers get through the cache in front; what it keeps is in front-cache.test.ts.

const front = useFront();
const { request, requestKept } = front;

describe('an answer', () => {
  test('is compressed as asked, each form with a validator of its own', async () => {
    const plain = await requestKept('/tag/numa');
    const br = await request('/tag/numa', { headers: { 'accept-encoding': 'gzip, br' } });
    const gzip = await request('/tag/numa', { headers: { 'accept-encoding': 'gzip' } });
    expect(plain.body.toString()).toBe(PAGE);
    expect(brotliDecompressSync(br.body).toString()).toBe(PAGE);
    expect(gunzipSync(gzip.body).toString()).toBe(PAGE);
    expect(br.headers['content-encoding']).toBe('br');
    expect(gzip.headers['content-encoding']).toBe('gzip');
    expect(new Set([plain, br, gzip].map((reply) => reply.headers.etag)).size).toBe(3);
    for (const reply of [plain, br, gzip]) {
      expect(reply.headers.vary).toContain('accept-encoding');
      expect(reply.headers['content-length']).toBe(String(reply.body.length));
    }
  });

  test('that the reader has is 304, also the first time it is rendered', async () => {
    const { headers } = await request('/tag/numa', { headers: { 'accept-encoding': 'br' } });
    shared().cache.dropAll();
    for (const result of ['MISS', 'HIT']) {
      await expect
        .poll(async () => {
          const again = await request('/tag/numa', {
            headers: { 'accept-encoding': 'br', 'if-none-match': headers.etag ?? '' },
          });
          expect(again.status).toBe(304);
          expect(again.body.length).toBe(0);
          expect(again.headers.etag).toBe(headers.etag);
          return again.headers['x-tagwire-cache'];
        })
        .toBe(result);
    }
  });

  test('with a date is 304 for a reader who names no validator but the date it was given', async () => {
    const own = 'Sun, 03 Jun 2018 18:20:00 GMT';
    front.application = (req, res) => {
      res.setHeader('last-modified', own);
      page(req, res);
    };
    const since = (date: string) =>
      request('/tag/dated/feed.xml', { headers: { 'if-modified-since': date } });
    // Whoever gave this date out may have given it with another content.
    const first = await since(own);
    expect(first.status).toBe(200);
    const given = Date.parse(first.headers['last-modified'] ?? '');
    expect(given).toBeGreaterThan(Date.parse(own));
    expect((await since(new Date(given).toUTCString())).status).toBe(304);
    expect((await since(new Date(given - 1000).toUTCString())).status).toBe(200);
    expect((await since(own)).status).toBe(200);
    expect((await since('nonsense')).status).toBe(200);
  });

  test('to HEAD is the answer to GET without its body', async () => {
    const get = await requestKept('/tag/numa');
    const head = await request('/tag/numa', { method: 'HEAD' });
    expect(head.body.length).toBe(0);
    for (const name of ['content-length', 'content-type', 'etag', 'vary']) {
      expect(head.headers[name]).toBe(get.headers[name]);
    }
  });

  test('is a page without inline scripts, whose policy allows none', async () => {
    const stays =
      '<script src="/before-paint.js"></script><script type="application/ld+json">{}</script>';
    front.application = (_req, res) => {
      res.setHeader('content-type', 'text/html');
      res.end(
        '<link rel="preload" as="script" href="/_next/a.js"/><script src="/_next/a.js" async="">' +
          '</script><script>self.__next_f.push([1,"x"])</script>' +
          `${stays}<script>alert(1)</script><p>a<!-- -->b<!--$-->c<!--/$--></p>`,
      );
    };
    for (const path of ['/tag/numa', '/search?q=numa']) {
      const answer = await request(path);
      expect(answer.body.toString()).toBe(`${stays}<p>abc</p>`);
      const policy = String(answer.headers['content-security-policy']).split('; ');
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("default-src 'none'");
    }
  });

  test('says what every answer of an https site says', async () => {
    const { headers } = await request('/tag/numa');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'strict-origin-when-cross-origin',
      'cross-origin-opener-policy': 'same-origin',
      'strict-transport-security': 'max-age=31536000',
      'cache-control': 'public, max-age=0, must-revalidate',
    });
  });

  test('that only a browser could fill, to an unknown address, can be read without it', async () => {
    front.application = (req, res) => {
      res.setHeader('content-type', 'text/html');
      if (req.url === '/nothing-here') return res.end('<h1>Nothing</h1>');
      res.writeHead(404).end('<!DOCTYPE html><html id="__next_error__"><body></body></html>');
    };
    for (const path of ['/tag/none', '/tag/nobody', '/alerts/none', '/nothing-here']) {
      const reply = await request(path);
      expect([path, reply.status, reply.body.toString()]).toEqual([path, 404, '<h1>Nothing</h1>']);
    }
  });

  test('for one reader is rendered each time and kept by nobody', async () => {
    for (let n = 1; n <= 2; n += 1) {
      const { headers, body } = await request('/search?q=numa', {
        headers: { 'accept-encoding': 'gzip' },
      });
      expect(headers['x-tagwire-cache']).toBe('BYPASS');
      expect(headers['cache-control']).toBe('private, no-store');
      expect(gunzipSync(body).toString()).toBe(PAGE);
      expect(front.renders).toBe(n);
    }
  });
});

test('the routes for ourselves are not there for anybody who comes through a proxy', async () => {
  const path = '/api/internal/revalidate';
  const forwarded = { headers: { 'x-forwarded-for': '203.0.113.9' }, method: 'POST' };
  expect((await request(path, forwarded)).status).toBe(404);
  expect((await request(path, { method: 'POST' })).status).toBe(200);
});

test('the address of a reader is the peer’s, not what the reader claims', async () => {
  let seen: unknown;
  front.application = (req, res) => {
    seen = req.headers['x-forwarded-for'];
    res.end();
  };
  await request('/alerts', { headers: { 'x-forwarded-for': '203.0.113.9' } });
  expect(seen).toBe('127.0.0.1');
});

describe('an answer for one reader', () => {
  test('that says when it changed is not sent again to who has it', async () => {
    const changed = 'Mon, 04 Jun 2018 09:00:00 GMT';
    front.application = (_req, res) => {
      res.setHeader('content-type', 'application/rss+xml');
      res.setHeader('cache-control', 'public, max-age=60');
      res.setHeader('last-modified', changed);
      res.end('<rss/>');
    };
    const path = '/search/feed.xml?q=numa';
    const first = await request(path);
    expect([first.status, first.headers['x-tagwire-cache']]).toEqual([200, 'BYPASS']);
    expect(first.headers['cache-control']).toBe('public, max-age=60');
    const validators: Record<string, string>[] = [
      { 'if-none-match': first.headers.etag ?? '' },
      { 'if-modified-since': first.headers['last-modified'] ?? '' },
    ];
    for (const headers of validators) {
      const again = await request(path, { headers });
      expect([again.status, again.body.length]).toEqual([304, 0]);
    }
    expect(front.renders).toBe(3);
  });
});

test('a browser that opens a feed gets it as XML, which it can show, and a reader as a feed', async () => {
  front.application = (_req, res) => {
    shared().renders.getStore()?.add(['tag:numa']);
    res.setHeader('content-type', 'application/atom+xml; charset=utf-8').end('<feed/>');
  };
  const path = '/tag/numa/feed.atom';
  for (const [destination, type] of [
    ['document', 'application/xml; charset=utf-8'],
    ['empty', 'application/atom+xml; charset=utf-8'],
  ] as const) {
    const { headers } = await requestKept(path, { headers: { 'sec-fetch-dest': destination } });
    expect([headers['content-type'], headers.vary]).toEqual([type, 'sec-fetch-dest']);
    expect(headers['content-security-policy']).toContain("default-src 'none'; style-src 'self'");
  }
});

test('another content gets another time, though it says that it is older', async () => {
  const minutes = (count: number) => new Date(Date.now() - count * 60_000).toUTCString();
  let [body, modified] = ['all posts', minutes(5)];
  front.application = (_req, res) => {
    shared().renders.getStore()?.add(['tag:aged']);
    res.setHeader('content-type', 'application/rss+xml');
    res.setHeader('last-modified', modified);
    res.end(body);
  };
  const path = '/tag/aged/feed.xml';
  const ask = (since: unknown) =>
    request(path, { headers: { 'if-modified-since': String(since) } });
  const given = String((await requestKept(path)).headers['last-modified']);
  expect((await ask(given)).status).toBe(304);
  // Its newest post has left it.
  [body, modified] = ['one post less', minutes(9)];
  shared().cache.drop(['tag:aged']);
  const second = await ask(given);
  expect([second.status, second.body.toString()]).toEqual([200, 'one post less']);
  expect(second.headers['last-modified']).not.toBe(given);
  for (const never of [minutes(5), minutes(9)]) expect((await ask(never)).status).toBe(200);
});
