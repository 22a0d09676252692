import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dbPool, transaction } from '../../lib/db.ts';
import { picturePath } from '../../lib/pictures/picture-address.ts';
import { writeCacheEvents } from '../../lib/store/cache-events.ts';
import { useDatabase } from '../support/database.ts';
import { type LyingServer, send, startLyingServer } from '../support/lying-server.ts';
import { makeFeed, makePost } from '../support/make.ts';
import { type Site, startSite } from '../support/site.ts';

useDatabase();

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwire-pictures-site-'));
let photo: Buffer;
let origin: LyingServer;
let sites: { proxy: Site; beside: Site; direct: Site; off: Site };

beforeAll(async () => {
  const pixels = { width: 600, height: 400, channels: 3 as const };
  // Noise, so that it does not compress away.
  photo = await sharp(createNoise(pixels.width * pixels.height * 3), { raw: pixels })
    .png()
    .toBuffer();
  origin = await startLyingServer({
    '/photo.png': send(200, { 'content-type': 'text/plain' }, photo),
    '/late.png': send(200, {}, photo),
    '/drawing.svg': send(200, { 'content-type': 'text/html' }, SVG),
    '/page.png': send(200, { 'content-type': 'image/png' }, '<html>'),
    '*': send(404),
  });
  const feedId = await makeFeed('Pictures');
  await makePost({
    feedId,
    title: 'With a picture',
    html: `<p>Look: <img src="${origin.url}/photo.png" alt="A &quot;photo&quot;" /></p><p><img src="${origin.url}/photo.png" alt="" /></p>`,
  });
  const settings = { FETCH_ALLOW: '127.0.0.0/8', TAGWIRE_DATA: dataDir };
  // The first one builds the site.
  const proxy = await startSite(settings);
  const [beside, direct, off] = await Promise.all([
    startSite(settings),
    startSite({ ...settings, PICTURES: 'direct' }),
    startSite({ ...settings, PICTURES: 'off' }),
  ]);
  sites = { proxy, beside, direct, off };
});
afterAll(async () => {
  await Promise.all(Object.values(sites ?? {}).map((site) => site.stop()));
  await origin?.stop();
  fs.rmSync(dataDir, { recursive: true, force: true });
});

/** Bytes that look random and are the same each time. */
function createNoise(bytes: number): Buffer {
  const parts: Buffer[] = [];
  for (let n = 0; n * 32 < bytes; n++) {
    parts.push(createHash('sha256').update(String(n)).digest());
  }
  return Buffer.concat(parts).subarray(0, bytes);
}

const asked = (place: string) => origin.requests.filter((request) => request.path === place).length;
const pathOf = (place: string) => picturePath(origin.url + place) ?? '';
const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

/** One number of /metrics. */
async function metric(site: Site, name: string): Promise<number> {
  const text = await (await site.get('/metrics')).text();
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

test('a picture that readers of two processes want at once is whole for each of them', async () => {
  const wishes = Array.from({ length: 8 }, (_, n) =>
    (n % 2 === 0 ? sites.proxy : sites.beside).get(pathOf('/photo.png')),
  );
  for (const answer of await Promise.all(wishes)) {
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect((await bytesOf(answer)).equals(photo)).toBe(true);
  }
  // Each process asks once at most: they share the folder, and nothing else.
  expect(asked('/photo.png')).toBeLessThanOrEqual(2);
  const files = fs
    .readdirSync(path.join(dataDir, 'pictures'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile());
  expect(files.map((entry) => entry.name)).toEqual([
    createHash('sha256').update(`${origin.url}/photo.png`).digest('hex'),
  ]);
  await sites.beside.get(pathOf('/photo.png'));
  expect(asked('/photo.png')).toBeLessThanOrEqual(2);
});

describe('a picture', () => {
  const get = (headers: Record<string, string> = {}, method = 'GET') =>
    sites.proxy.get(pathOf('/photo.png'), { headers, method });
  const headersOf = (answer: Response) => Object.fromEntries(answer.headers);

  test('is told of without being sent', async () => {
    const head = await get({}, 'HEAD');
    expect(headersOf(head)).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(photo.length),
      'accept-ranges': 'bytes',
      'cache-control': 'public, max-age=2592000, immutable',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    });
    expect(await head.text()).toBe('');
    const whole = await get();
    for (const name of ['content-type', 'content-length', 'etag', 'cache-control']) {
      expect([name, whole.headers.get(name)]).toEqual([name, head.headers.get(name)]);
    }
    expect((await bytesOf(whole)).equals(photo)).toBe(true);
  });

  test('is not sent to who has it, and neither is a part of it', async () => {
    const etag = (await get({}, 'HEAD')).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/u);
    for (const has of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await get({ 'if-none-match': has, range: 'bytes=0-9' });
      expect([has, answer.status, answer.headers.get('etag')]).toEqual([has, 304, etag]);
      expect(answer.headers.get('cache-control')).toContain('immutable');
      expect(await answer.text()).toBe('');
    }
    expect((await get({ 'if-none-match': '"other"' })).status).toBe(200);
    // Whichever process is asked.
    const beside = await sites.beside.get(pathOf('/photo.png'), { method: 'HEAD' });
    expect(beside.headers.get('etag')).toBe(etag);
  });

  test('comes in parts, if they are of what the reader has', async () => {
    const etag = (await get({}, 'HEAD')).headers.get('etag') ?? '';
    const size = photo.length;
    const parts: [Record<string, string>, number, number][] = [
      [{ range: 'bytes=1-3' }, 1, 3],
      [{ range: 'bytes=100-' }, 100, size - 1],
      [{ range: 'bytes=-70000', 'if-range': etag }, size - 70_000, size - 1],
    ];
    for (const [headers, first, last] of parts) {
      const answer = await get(headers);
      expect([answer.status, headersOf(answer)]).toMatchObject([
        206,
        {
          etag,
          'content-type': 'image/png',
          'content-range': `bytes ${first}-${last}/${size}`,
          'content-length': String(last + 1 - first),
          'content-security-policy': expect.stringContaining('sandbox'),
        },
      ]);
      expect((await bytesOf(answer)).equals(photo.subarray(first, last + 1))).toBe(true);
    }
    const other = await get({ range: 'bytes=1-3', 'if-range': '"other"' });
    expect([other.status, (await bytesOf(other)).length]).toEqual([200, size]);
    const beyond = await get({ range: `bytes=${size}-` });
    expect(beyond.status).toBe(416);
    expect(beyond.headers.get('content-range')).toBe(`bytes */${size}`);
    expect(beyond.headers.get('cache-control')).toBe('no-store');
    const head = await get({ range: 'bytes=1-3' }, 'HEAD');
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(size)]);
  });

  test('that is a drawing may run and load nothing, wherever it is opened', async () => {
    const answer = await sites.proxy.get(pathOf('/drawing.svg'));
    expect(headersOf(answer)).toMatchObject({
      'content-type': 'image/svg+xml',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'x-content-type-options': 'nosniff',
    });
    expect(await answer.text()).toBe(SVG);
  });

  test('that is none is refused as such, and its refusal is guarded too', async () => {
    const answer = await sites.proxy.get(pathOf('/page.png'));
    expect([answer.status, headersOf(answer)]).toMatchObject([
      404,
      {
        'content-type': 'application/problem+json',
        'cache-control': 'public, max-age=600',
        'content-security-policy': expect.stringContaining('sandbox'),
      },
    ]);
    expect(await answer.text()).not.toContain('html');
  });
});

test('readers who go away in the middle leave no picture open', async () => {
  const open = () => metric(sites.beside, 'process_open_fds');
  const before = await open();
  const readers = Array.from({ length: 40 }, async (_, n) => {
    const reader = new AbortController();
    const wish = fetch(sites.beside.url + pathOf('/photo.png'), { signal: reader.signal });
    // Some go at once, some with the head of the answer, some with its first bytes.
    if (n % 3 === 0) setImmediate(() => reader.abort());
    const answer = await wish.catch(() => undefined);
    if (n % 3 === 1) await answer?.body?.getReader().read();
    reader.abort();
  });
  await Promise.all(readers);
  await expect.poll(open, { timeout: 5000 }).toBeLessThan(before + 10);
});

test('what became of pictures is counted', async () => {
  const site = sites.proxy;
  const read = async () => ({
    disk: await metric(site, 'tagwire_pictures_total{answer="disk"}'),
    web: await metric(site, 'tagwire_pictures_total{answer="web"}'),
    sent: await metric(site, 'tagwire_picture_bytes_total'),
    kept: await metric(site, 'tagwire_pictures_kept_bytes'),
    refused: await metric(site, 'tagwire_picture_refusals_total{reason="http"}'),
  });
  const before = await read();
  expect(before.web).toBeGreaterThan(0);
  expect(before.kept).toBeGreaterThan(photo.length);
  expect(before.kept).toBeLessThan(photo.length + 2000);
  await (await site.get(pathOf('/photo.png'))).arrayBuffer();
  await (await site.get(pathOf('/photo.png'), { headers: { range: 'bytes=0-9' } })).arrayBuffer();
  for (let again = 0; again < 2; again++) await site.get(pathOf('/nothing.png'));
  expect(await read()).toEqual({
    disk: before.disk + 2,
    web: before.web,
    sent: before.sent + photo.length + 10,
    kept: before.kept,
    refused: before.refused + 1,
  });
  expect(await metric(site, 'tagwire_picture_refusals_total{reason="not-a-picture"}')).toBe(1);
  expect(await metric(site, 'tagwire_picture_refusals_total{reason="timeout"}')).toBe(0);
});

test('pages of every process leave room for a picture once somebody has looked at it', async () => {
  const place = '/late.png';
  const html = `<p><img src="${origin.url}${place}" alt="" width="300" /></p><figure><img src="${origin.url}/gone.png" alt="" /></figure>`;
  const feedId = await makeFeed('Late pictures');
  await makePost({ feedId, title: 'With a late picture', html });
  await transaction((tx) => writeCacheEvents(tx, ['source:late-pictures', 'latest']));
  const { proxy, beside, direct } = sites;
  const imagesOf = async (site: Site) => {
    const page = await (await site.get('/source/late-pictures')).text();
    return [...page.matchAll(/<img[^<>]*>/gu)].map(([tag]) =>
      tag.replace(/ (?:src|alt|loading)="[^"]*"/gu, '').replace(/\s*\/?>$/u, '>'),
    );
  };
  const unknown = ['<img class="unsized" width="300">', '<img class="unsized">'];
  for (const site of [proxy, beside]) {
    await expect.poll(() => imagesOf(site), { timeout: 5000 }).toEqual(unknown);
  }
  const kept = (await beside.get('/source/late-pictures')).headers.get('x-tagwire-cache');
  expect(kept).toBe('HIT');
  await (await proxy.get(pathOf(place))).arrayBuffer();
  await proxy.get(pathOf('/gone.png'));
  // Half as large as the picture is, as its publisher wants it, and of its form.
  for (const site of [proxy, beside]) {
    await expect
      .poll(() => imagesOf(site), { timeout: 5000 })
      .toEqual(['<img width="300" height="200">', '<img>']);
  }
  const { rows } = await dbPool().query(`SELECT id FROM posts WHERE title = 'With a late picture'`);
  const post = await (await beside.get(`/post/${rows[0].id}/with-a-late-picture`)).text();
  expect(post).toContain('width="300" height="200"');
  // What the publisher said goes into feeds, and is all that is known where nothing comes through us.
  const feed = await (await proxy.get('/source/late-pictures/feed.json')).text();
  expect(feed).toContain('width=\\"300\\"');
  expect(feed).not.toContain('height');
  expect(await imagesOf(direct)).toEqual(['<img width="300">', '<img>']);
});

describe('PICTURES', () => {
  const policyOf = (answer: Response) => answer.headers.get('content-security-policy') ?? '';

  test('proxy has pages send readers to us alone', async () => {
    const home = await sites.proxy.get('/');
    expect(policyOf(home)).toContain("img-src 'self' data:;");
    const html = await home.text();
    expect(html).toContain(`src="${pathOf('/photo.png')}"`);
    expect(html).not.toContain(origin.url);
  });

  test('direct has pages send them where the post has its pictures, and us fetch none', async () => {
    const home = await sites.direct.get('/');
    expect(policyOf(home)).toContain("img-src 'self' data: https: http:;");
    const html = await home.text();
    expect(html).toContain(`src="${origin.url}/photo.png"`);
    expect(html).not.toContain('/img/');
    expect((await sites.direct.get(pathOf('/photo.png'))).status).toBe(404);
  });

  test('off has pages say in words what a picture shows', async () => {
    const home = await sites.off.get('/');
    expect(policyOf(home)).toContain("img-src 'self' data:;");
    const html = await home.text();
    expect(html).not.toContain('<img');
    expect(html).not.toContain(origin.url);
    expect(html).toContain('Look: <span class="no-picture">Picture: A &quot;photo&quot;</span>');
    expect((await sites.off.get(pathOf('/photo.png'))).status).toBe(404);
  });

  test.each(['proxy', 'direct', 'off'] as const)(
    '%s leaves pictures in feeds as their publisher has them',
    async (setting) => {
      for (const place of ['/feed.xml', '/feed.atom', '/feed.json']) {
        const text = await (await sites[setting].get(place)).text();
        expect([place, text.includes(`${origin.url}/photo.png`)]).toEqual([place, true]);
        expect([place, text.includes('/img/')]).toEqual([place, false]);
      }
    },
  );
});
