import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../lib/embedded/ports.ts';
import { type Site, startSite } from '../support/site.ts';

let site: Site;

beforeAll(async () => {
  // Nothing listens there.
  const port = await freePort();
  site = await startSite({
    DATABASE_URL: `postgresql://tagwire@127.0.0.1:${port}/tagwire`,
    SITE_SECRET: 'a secret for tests that is long enough',
    LOG_LEVEL: 'silent',
  });
});
afterAll(() => site.stop());

test.each(['/', '/tag/linux', '/post/1/x', '/sources', '/alerts?query=kernel'])(
  '%s says that it cannot be made just now, in the look of the site, and is not kept',
  async (path) => {
    for (let i = 0; i < 2; i++) {
      const answer = await site.get(path);
      expect(answer.status).toBe(500);
      expect(answer.headers.get('x-tagwire-cache')).not.toBe('HIT');
      const html = await answer.text();
      expect(html).toContain('lang="en"');
      expect(html).toContain('This page could not be made just now');
      expect(html).toContain('href="/tags"');
    }
  },
);

test.each(['/feed.xml', '/tag/linux/feed.json', '/sitemap.xml', '/sources.opml'])(
  '%s answers a program with the details of the problem',
  async (path) => {
    const answer = await site.get(path);
    expect(answer.status).toBe(500);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ status: 500, title: expect.any(String) });
  },
);

test('the process lives, and says that it is not ready', async () => {
  expect((await site.get('/healthz')).status).toBe(200);
  const ready = await site.get('/readyz');
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ status: 'not ready' });
});

test('the page for errors is nothing by itself', async () => {
  expect((await site.get('/not-just-now')).status).toBe(404);
});
