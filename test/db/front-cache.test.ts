import http from 'node:http';
import { describe, expect, test } from 'vitest';
import { shared } from '../../lib/serve/shared.ts';
import { PAGE, page, useFront } from '../support/front-site.ts';

// What the cache in front keeps; what it answers is in front-answers.test.ts.

const front = useFront();
const { request, requestKept } = front;

describe('the cache in front', () => {
  test('renders a page once, and again after its tag was dropped', async () => {
    expect((await request('/tag/numa')).headers['x-tagwire-cache']).toBe('MISS');
    await requestKept('/tag/numa');
    expect(front.renders).toBe(1);
    shared().cache.drop(['tag:kernel']);
    expect((await request('/tag/numa')).headers['x-tagwire-cache']).toBe('HIT');
    shared().cache.drop(['tag:numa']);
    expect((await request('/tag/numa')).headers['x-tagwire-cache']).toBe('MISS');
    expect(front.renders).toBe(2);
  });

  test('a kept answer varies by its compression, and not by headers of Next, hit for hit', async () => {
    front.application = (req, res) => {
      res.setHeader('vary', ['rsc', 'next-url']);
      page(req, res);
    };
    for (let hit = 0; hit < 3; hit++) {
      const { headers } = await requestKept('/tag/numa');
      expect(headers.vary).toBe('accept-encoding');
    }
  });

  test('a stampede renders once', async () => {
    const release = Promise.withResolvers<void>();
    front.application = async (req, res) => {
      await release.promise;
      page(req, res);
    };
    const readers = Array.from({ length: 50 }, () => request('/tag/numa'));
    await expect.poll(() => front.renders).toBe(1);
    release.resolve();
    const bodies = new Set((await Promise.all(readers)).map((reply) => reply.body.toString()));
    expect([...bodies]).toEqual([PAGE]);
    expect(front.renders).toBe(1);
  });

  test('whoever comes after an invalidation gets a render that began after it', async () => {
    const first = Promise.withResolvers<void>();
    front.application = async (_req, res) => {
      const text = `render ${front.renders}`;
      if (front.renders === 1) await first.promise;
      shared().renders.getStore()?.add(['tag:numa']);
      res.setHeader('content-type', 'text/html');
      res.end(text);
    };
    const { overtaken } = shared().counters;
    const before = request('/tag/numa');
    await expect.poll(() => front.renders).toBe(1);
    shared().cache.drop(['tag:numa']);
    expect((await request('/tag/numa')).body.toString()).toBe('render 2');
    first.resolve();
    expect((await before).body.toString()).toBe('render 1');
    expect((await requestKept('/tag/numa')).body.toString()).toBe('render 2');
    expect(shared().counters.overtaken).toBe(overtaken + 1);
  });

  test('a page whose tags are not known is not kept', async () => {
    front.application = (_req, res) => res.setHeader('content-type', 'text/html').end('who knows');
    const { untagged } = shared().counters;
    await request('/about');
    await expect.poll(() => shared().counters.untagged).toBe(untagged + 1);
    expect((await request('/about')).headers['x-tagwire-cache']).toBe('MISS');
  });

  test('an error, a redirect and an answer with a cookie are given but not kept', async () => {
    for (const [status, headers] of [
      [500, {}],
      [308, { location: '/tag/numa' }],
      [200, { 'set-cookie': 'a=b' }],
    ] as const) {
      front.application = (_req, res) => {
        shared().renders.getStore()?.add(['tag:numa']);
        res.writeHead(status, headers).end('once');
      };
      expect((await request('/tag/other')).status).toBe(status);
      expect((await request('/tag/other')).headers['x-tagwire-cache']).toBe('MISS');
    }
  });

  test('nothing that a reader sends but the address reaches a shared render', async () => {
    let seen: http.IncomingHttpHeaders = {};
    let url: string | undefined;
    front.application = (req, res) => {
      seen = req.headers;
      url = req.url;
      page(req, res);
    };
    await request('/tag/numa?view=excerpts&evil=1', {
      headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'user-agent': 'evil' },
    });
    expect(JSON.stringify(seen)).not.toContain('evil');
    expect(seen.host).toBe('planet.example');
    expect(url).toBe('/tag/numa?view=excerpts');
  });

  test('a reader who goes away does not take the page from the others', async () => {
    const release = Promise.withResolvers<void>();
    front.application = async (req, res) => {
      await release.promise;
      page(req, res);
    };
    const impatient = http.get({
      host: '127.0.0.1',
      port: front.port,
      path: '/tag/numa',
      agent: false,
    });
    impatient.on('error', () => {});
    await expect.poll(() => front.renders).toBe(1);
    const patient = request('/tag/numa');
    impatient.destroy();
    release.resolve();
    expect((await patient).body.toString()).toBe(PAGE);
    expect(front.renders).toBe(1);
  });
});
