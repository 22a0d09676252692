import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { withdrawPost } from '../../lib/store/withdrawals.ts';
import { useDatabase } from '../support/database.ts';
import { makeKernelPosts } from '../support/kernel-posts.ts';
import { makePost } from '../support/make.ts';
import { type Site, startSite } from '../support/site.ts';

useDatabase();
const PASSWORD = 'correct horse battery';
const GIF = Buffer.from('R0lGODlhAQABAAAAACwAAAAAAQABAAA=', 'base64');
let site: Site;
let pictures: http.Server;
let pictureUrl: string;
let dataDir: string;

beforeAll(async () => {
  const feedId = await makeKernelPosts();
  pictures = http.createServer((_, res) => res.end(GIF));
  await new Promise<void>((resolve) => pictures.listen(0, '127.0.0.1', resolve));
  pictureUrl = `http://127.0.0.1:${(pictures.address() as AddressInfo).port}/a.gif?b=1&c=2`;
  const html = `<p><img src="${pictureUrl.replaceAll('&', '&amp;')}" alt="A dot" width="9" /></p>`;
  await makePost({ feedId, title: 'With a picture', html });
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwire-site-'));
  site = await startSite({
    ADMIN_PASSWORD: PASSWORD,
    FETCH_ALLOW: '127.0.0.0/8',
    TAGWIRE_DATA: dataDir,
  });
});
afterAll(async () => {
  await site.stop();
  pictures.close();
  fs.rmSync(dataDir, { recursive: true });
});

const authorization = (password: string) =>
  `Basic ${Buffer.from(`operator:${password}`).toString('base64')}`;

describe('for programs', () => {
  test('/healthz and /readyz say how things are', async () => {
    expect(await (await site.get('/healthz')).json()).toEqual({ status: 'ok' });
    const ready = await site.get('/readyz');
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ database: 'ok', migrations: 'ok' });
  });

  test('/metrics counts, for this machine and nobody behind a proxy', async () => {
    const text = await (await site.get('/metrics')).text();
    expect(text).toContain('tagwire_queue_rows{queue="toIndex"}');
    expect(text).toMatch(/tagwire_answers_total\{cache="HIT"\} \d+/u);
    expect(text).toMatch(/tagwire_alert_posts_published_total \d+/u);
    expect(text).toMatch(/tagwire_alert_pairs_total\{outcome="filtered_missing"\} \d+/u);
    const proxied = { headers: { 'x-forwarded-for': '127.0.0.1' } };
    expect((await site.get('/metrics', proxied)).status).toBe(401);
  });

  test('/robots.txt, /sitemap.xml, /opensearch.xml and /sources.opml are there', async () => {
    expect(await (await site.get('/robots.txt')).text()).toContain(`${site.url}/sitemap.xml`);
    const sitemap = await (await site.get('/sitemap/lists.xml')).text();
    expect(sitemap).toContain(
      `<url><loc>${site.url}/tag/numa</loc><lastmod>2026-05-10T00:00:00.000Z</lastmod></url>`,
    );
    expect(await (await site.get('/opensearch.xml')).text()).toContain('q={searchTerms}');
    const opml = await (await site.get('/sources.opml')).text();
    expect(opml).toContain('Kernel &amp; Friends');
  });
});

describe('the operator', () => {
  const ask = (path: string, body?: URLSearchParams) =>
    site.get(path, {
      method: 'POST',
      headers: { authorization: authorization(PASSWORD), origin: site.url },
      ...(body ? { body } : {}),
    });
  const statusOf = async (url: string) => {
    const { rows } = await dbPool().query(
      'SELECT id, status, next_check_at <= now() AS due FROM feeds WHERE url = $1',
      [url],
    );
    return rows[0];
  };

  test('adds a feed, pauses it, and has it polled again', async () => {
    const url = 'https://new.example/feed.xml';
    const added = await ask('/admin/feeds/add', new URLSearchParams({ url }));
    expect(added.status).toBe(303);
    expect(added.headers.get('location')).toBe('/admin/feeds?done=added');
    const { id } = await statusOf(url);
    await ask(`/admin/feeds/${id}/pause`);
    expect((await statusOf(url)).status).toBe('paused');
    await ask(`/admin/feeds/${id}/resume`);
    expect(await statusOf(url)).toMatchObject({ status: 'active', due: true });
  });

  test('is told what is no feed’s address', async () => {
    for (const url of ['', 'javascript:alert(1)', 'not an address']) {
      const answer = await ask('/admin/feeds/add', new URLSearchParams({ url }));
      expect(answer.headers.get('location')).toBe('/admin/feeds?done=refused');
    }
  });

  test('is refused without the password, also in the name of a form of ours', async () => {
    const headers = { origin: site.url };
    expect((await site.get('/admin/feeds/add', { method: 'POST', headers })).status).toBe(401);
  });
});

describe('the guard', () => {
  test('refuses a form that another site sent', async () => {
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    const answer = await site.get('/alerts', { method: 'POST', headers });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('did not come from a page of this site');
  });

  test('shows the operator’s pages to who knows the password', async () => {
    const get = (headers = {}) => site.get('/admin', { headers });
    expect((await get()).headers.get('www-authenticate')).toContain('Basic realm=');
    expect((await get({ authorization: authorization('wrong one') })).status).toBe(401);
    const answer = await get({ authorization: authorization(PASSWORD) });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toContain('no-store');
    expect(await answer.text()).toContain('Kernel &amp; Friends');
  });
});

test('a picture of a post comes through the site, and from nowhere else', async () => {
  const home = await (await site.get('/')).text();
  expect(home).not.toContain(pictureUrl.split('?')[0]);
  const [tag = ''] = /<img[^>]*>/u.exec(home) ?? [];
  expect(tag).toContain('alt="A dot" width="9"');
  const src = /src="([^"]*)"/u.exec(tag)?.[1] ?? '';
  const answer = await site.get(src);
  expect(answer.status).toBe(200);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'image/gif',
    'cache-control': 'public, max-age=2592000, immutable',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  });
  expect(Buffer.from(await answer.arrayBuffer()).equals(GIF)).toBe(true);
  const etag = answer.headers.get('etag') ?? '';
  expect((await site.get(src, { headers: { 'if-none-match': etag } })).status).toBe(304);
  expect((await site.get(src.replace('/img/', '/img/x'))).status).toBe(404);
  expect((await site.get(`/img/${'A'.repeat(16)}/aHR0cDovL3guZXhhbXBsZS8`)).status).toBe(404);
  // Programs get it where it is.
  expect(await (await site.get('/feed.xml')).text()).toContain(
    pictureUrl.replaceAll('&', '&amp;amp;').split('?')[0],
  );
});

test('every list and post has a card of its own in its head, which goes when the post does', async () => {
  const cardOf = async (path: string) => {
    const html = await (await site.get(path)).text();
    const meta = (name: string) =>
      new RegExp(`<meta (?:property|name)="${name}" content="([^"]*)"`, 'u').exec(html)?.[1];
    expect(meta('twitter:card')).toBe('summary_large_image');
    expect([meta('og:image:width'), meta('og:image:height')]).toEqual(['1200', '630']);
    expect(meta('og:image:alt')).toBeTruthy();
    return meta('og:image')?.replace(site.url, '') ?? '';
  };
  const { rows } = await dbPool().query(`SELECT id FROM posts WHERE title = 'With a picture'`);
  const id: number = rows[0].id;
  const cards = {
    '/': '/card/site/all.png',
    '/about': '/card/site/all.png',
    '/tag/numa': '/card/tag/numa.png',
    [`/tag/${encodeURIComponent('ядро')}`]: `/card/tag/${encodeURIComponent('ядро')}.png`,
    '/tag/numa+c++': '/card/site/all.png',
    '/source/kernel-and-friends': '/card/source/kernel-and-friends.png',
    [`/post/${id}/with-a-picture`]: `/card/post/${id}.png`,
  };
  const seen = new Set<string>();
  for (const [path, card] of Object.entries(cards)) {
    expect([path, await cardOf(path)]).toEqual([path, card]);
    const answer = await site.get(card);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect([card, answer.status, answer.headers.get('content-type')]).toEqual([
      card,
      200,
      'image/png',
    ]);
    expect(bytes.subarray(16, 24).toString('hex')).toBe('000004b000000276');
    seen.add(bytes.toString('base64'));
    const etag = answer.headers.get('etag') ?? '';
    const again = await site.get(card, { headers: { 'if-none-match': etag } });
    expect([again.status, again.headers.get('x-tagwire-cache')]).toEqual([304, 'HIT']);
  }
  expect(seen.size).toBe(5);
  for (const path of [
    'tag/nobody.png',
    'post/0.png',
    'post/x.png',
    'site/x.png',
    'tag/numa',
    'x/y.png',
    'tag/%ff.png',
  ]) {
    expect([path, (await site.get(`/card/${path}`)).status]).toEqual([path, 404]);
  }
  expect(await withdrawPost(id)).toBe(true);
  const cardStatus = async () => (await site.get(`/card/post/${id}.png`)).status;
  await expect.poll(cardStatus, { timeout: 5000 }).toBe(410);
});
