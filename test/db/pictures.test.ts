import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { closeFetchConnections } from '../../lib/fetch/client.ts';
import { getPicture, PICTURE_BYTES_MAX } from '../../lib/pictures/get-picture.ts';
import { picturePath, readPicturePath } from '../../lib/pictures/picture-address.ts';
import {
  dropPicture,
  keepPicture,
  makeRoom,
  pictureKey,
  readKeptPicture,
} from '../../lib/pictures/picture-cache.ts';
import { pictureType } from '../../lib/pictures/picture-type.ts';

// No database here, but servers: a picture's own.

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwire-pictures-'));
let server: http.Server;
let base: string;
let requests: http.IncomingMessage[] = [];
let answer: (req: http.IncomingMessage, res: http.ServerResponse) => void;

beforeAll(async () => {
  server = http.createServer((req, res) => {
    requests.push(req);
    answer(req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  requests = [];
  answer = (_, res) => res.end(PNG);
  provideSettings({
    SITE_SECRET: 'a secret for tests that is long enough',
    FETCH_ALLOW: '127.0.0.0/8',
    TAGWIRE_DATA: dataDir,
    PICTURES_CACHE_MB: '64',
    LOG_LEVEL: 'silent',
  });
});
afterAll(async () => {
  await closeFetchConnections();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  fs.rmSync(dataDir, { recursive: true });
});

let number = 0;
const fresh = () => {
  number += 1;
  return `${base}/picture-${number}.png`;
};

describe('the path of a picture', () => {
  test('leads to its address, whatever that holds, and to nothing without our signature', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (address) => {
        const [, , mac = '', encoded = ''] = picturePath(address)?.split('/') ?? [];
        expect(readPicturePath(mac, encoded)).toBe(address);
        const other = Buffer.from(`${address}x`).toString('base64url');
        expect(readPicturePath(mac, other)).toBeUndefined();
        expect(readPicturePath(`${mac.slice(0, -1)}!`, encoded)).toBeUndefined();
        expect(readPicturePath(mac, `${encoded}=`)).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    'javascript:alert(1)',
    'data:image/png;base64,x',
    '/relative.png',
    '',
    `https://x.example/${'a'.repeat(3000)}`,
  ])('is none for %s', (address) => expect(picturePath(address)).toBeUndefined());
});

test.each([
  ['image/png', PNG],
  ['image/jpeg', Buffer.from([0xff, 0xd8, 0xff, 0xe0])],
  ['image/gif', Buffer.from('GIF89a…')],
  ['image/webp', Buffer.from('RIFF\x10\0\0\0WEBPVP8 ', 'latin1')],
  ['image/avif', Buffer.from('\0\0\0\x20ftypavif', 'latin1')],
  ['image/svg+xml', Buffer.from('<?xml version="1.0"?>\n<!-- a --><!-- b -->\n<svg xmlns="…">')],
  [undefined, Buffer.from('<html><svg>')],
  [undefined, Buffer.from('<!-- <svg> -->'.repeat(120))],
  [undefined, Buffer.from('')],
  [undefined, Buffer.from('%PDF-1.7')],
])('a picture is known by its bytes: %s', (type, bytes) => {
  expect(pictureType(bytes)).toBe(type);
});

describe('a picture', () => {
  test('is fetched once, without a word about its reader, and then comes from disk', async () => {
    const address = fresh();
    expect(await getPicture(address)).toMatchObject({
      kind: 'found',
      from: 'web',
      type: 'image/png',
    });
    const again = await getPicture(address);
    expect(again).toMatchObject({ kind: 'found', from: 'disk' });
    expect(again.kind === 'found' && Buffer.compare(again.bytes, PNG)).toBe(0);
    expect(requests).toHaveLength(1);
    expect(requests[0]?.headers.cookie).toBeUndefined();
    expect(requests[0]?.headers.referer).toBeUndefined();
    expect(requests[0]?.headers['user-agent']).toContain('Tagwire');
  });

  test('that many want at once is fetched once', async () => {
    const address = fresh();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => getPicture(address)));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['found']));
    expect(requests).toHaveLength(1);
  });

  test('asks at most three at once of one host', async () => {
    let [now, most] = [0, 0];
    answer = (_, res) => {
      now += 1;
      most = Math.max(most, now);
      setImmediate(() => {
        now -= 1;
        res.end(PNG);
      });
    };
    await Promise.all(Array.from({ length: 15 }, () => getPicture(fresh())));
    expect(requests).toHaveLength(15);
    expect(most).toBeLessThanOrEqual(3);
  });

  test.each<[string, typeof answer]>([
    [
      'a page that says that it is a picture',
      (_, res) => res.setHeader('content-type', 'image/png').end('<html>'),
    ],
    ['404', (_, res) => res.writeHead(404).end()],
    ['nothing', (_, res) => res.end()],
    [
      'more than is taken',
      (_, res) => res.end(Buffer.concat([PNG, Buffer.alloc(PICTURE_BYTES_MAX)])),
    ],
    [
      'more than is taken, compressed',
      (_, res) =>
        res
          .setHeader('content-encoding', 'gzip')
          .end(gzipSync(Buffer.concat([PNG, Buffer.alloc(PICTURE_BYTES_MAX)]))),
    ],
    [
      'a redirect to an inner address',
      (_, res) => res.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    ],
    ['an end without an answer', (req) => req.socket.destroy()],
  ])('is missing when its server gives %s, and not asked for again soon', async (_, gives) => {
    answer = gives;
    const address = fresh();
    expect((await getPicture(address)).kind).toBe('missing');
    const asked = requests.length;
    expect((await getPicture(address)).kind).toBe('missing');
    expect(requests).toHaveLength(asked);
  });

  test('of an inner address is never asked for', async () => {
    provideSettings({ FETCH_ALLOW: '' });
    expect((await getPicture(fresh())).kind).toBe('missing');
    expect(requests).toEqual([]);
  });

  test('is shown also where the disk does not take it', async () => {
    const file = path.join(dataDir, 'no-folder');
    fs.writeFileSync(file, '');
    provideSettings({ TAGWIRE_DATA: file });
    expect(await getPicture(fresh())).toMatchObject({ kind: 'found', from: 'web' });
  });

  test('is dropped when the operator wants it', async () => {
    const address = fresh();
    await getPicture(address);
    expect(await dropPicture(address)).toBe(true);
    expect(await dropPicture(address)).toBe(false);
    expect(await getPicture(address)).toMatchObject({ from: 'web' });
  });
});

test('the folder keeps within its room by giving up what was not looked at for longest', async () => {
  provideSettings({ PICTURES_CACHE_MB: '1', TAGWIRE_DATA: path.join(dataDir, 'small') });
  const keys = Array.from({ length: 8 }, (_, n) => pictureKey(`https://example.org/${n}`));
  const day = 24 * 3_600_000;
  for (const [n, key] of keys.entries()) {
    await keepPicture(key, Buffer.concat([PNG, Buffer.alloc(200 * 1024)]));
    const file = path.join(dataDir, 'small', 'pictures', key.slice(0, 2), key);
    if (!fs.existsSync(file)) continue;
    const used = new Date(Date.now() - (10 - n) * day);
    fs.utimesSync(file, used, used);
  }
  // Looking at one makes it young.
  const [, , , , old = ''] = keys;
  expect(await readKeptPicture(old)).toBeDefined();
  await keepPicture(pictureKey('https://example.org/last'), Buffer.alloc(300 * 1024));
  await makeRoom();
  const kept = await Promise.all(keys.map((key) => readKeptPicture(key)));
  expect(kept[0]).toBeUndefined();
  expect(kept[4]).toBeDefined();
  expect(kept[7]).toBeDefined();
  const bytes = kept.reduce((sum, each) => sum + (each?.length ?? 0), 0);
  expect(bytes).toBeLessThan(1024 * 1024);
  expect(bytes).toBeGreaterThan(0);
});
