import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { closeFetchConnections } from '../../lib/fetch/client.ts';
import { picturePath, readPicturePath } from '../../lib/pictures/picture-address.ts';
import {
  countKeptBytes,
  dropPicture,
  keepPicture,
  makeRoom,
  openKeptPicture,
  pictureKey,
} from '../../lib/pictures/picture-cache.ts';
import {
  describePicture,
  type OpenPicture,
  type PictureFacts,
} from '../../lib/pictures/picture-file.ts';
import { pictureType } from '../../lib/pictures/picture-type.ts';
import { usePictures } from '../support/open-pictures.ts';

// No database here, but servers: a picture's own.

const getPicture = usePictures();
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

/** A part of a picture, or the whole, as it is sent. */
async function read(picture: OpenPicture, first = 0, last = picture.facts.bytes - 1) {
  let counted = 0;
  const stream = picture.stream({ first, last }, (bytes) => {
    counted += bytes;
  });
  const bytes = Buffer.from(await new Response(stream).arrayBuffer());
  expect(counted).toBe(bytes.length);
  return bytes;
}

/** A picture that is known, or an error. */
function factsOf(bytes: Uint8Array): PictureFacts {
  const facts = describePicture(bytes);
  if (typeof facts === 'string') throw new Error(facts);
  return facts;
}

/** Whether a picture is kept. */
async function isKept(key: string): Promise<boolean> {
  const picture = await openKeptPicture(key);
  await picture?.close();
  return picture !== undefined;
}

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
      picture: { facts: { type: 'image/png', size: { width: 1, height: 1 } } },
    });
    const again = await getPicture(address);
    if (again.kind !== 'found') throw new Error(again.kind);
    expect(again.from).toBe('disk');
    expect((await read(again.picture)).equals(PNG)).toBe(true);
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

  test('of an inner address is never asked for', async () => {
    provideSettings({ FETCH_ALLOW: '' });
    expect((await getPicture(fresh())).kind).toBe('missing');
    expect(requests).toEqual([]);
  });

  test('is shown also where the disk does not take it', async () => {
    const file = path.join(dataDir, 'no-folder');
    fs.writeFileSync(file, '');
    provideSettings({ TAGWIRE_DATA: file });
    const outcome = await getPicture(fresh());
    if (outcome.kind !== 'found') throw new Error(outcome.kind);
    expect(outcome.from).toBe('web');
    expect((await read(outcome.picture, 1, 3)).toString()).toBe('PNG');
  });

  test('is sent in parts that are read one after the other, and closed by whoever stops', async () => {
    const large = Buffer.concat([PNG, Buffer.alloc(1_000_000, 7)]);
    answer = (_, res) => res.end(large);
    const address = fresh();
    const outcomes = [await getPicture(address), await getPicture(address)];
    const pictures = outcomes.flatMap((each) => (each.kind === 'found' ? [each.picture] : []));
    const [one, other] = pictures;
    if (!one || !other) throw new Error('not found');
    expect((await read(one, 60, 700_000)).equals(large.subarray(60, 700_001))).toBe(true);
    let counted = 0;
    const reader = other
      .stream({ first: 0, last: large.length - 1 }, (bytes) => {
        counted += bytes;
      })
      .getReader();
    await reader.read();
    expect(counted).toBeLessThan(large.length / 4);
    await reader.cancel();
  });

  test('that somebody reads stays whole when it is dropped, or fetched anew', async () => {
    const address = fresh();
    const outcome = await getPicture(address);
    if (outcome.kind !== 'found') throw new Error(outcome.kind);
    expect(await dropPicture(address)).toBe(true);
    expect((await read(outcome.picture)).equals(PNG)).toBe(true);
  });

  test.each([
    ['that lost its end', (file: Buffer) => file.subarray(0, -1)],
    ['of nothing', () => Buffer.alloc(0)],
    ['of an earlier version', () => PNG],
  ])('is fetched anew in the place of a file %s', async (_, harm) => {
    const address = fresh();
    await getPicture(address);
    const key = pictureKey(address);
    const file = path.join(dataDir, 'pictures', key.slice(0, 2), key);
    fs.writeFileSync(file, harm(fs.readFileSync(file)));
    const again = await getPicture(address);
    if (again.kind !== 'found') throw new Error(again.kind);
    expect(again.from).toBe('web');
    expect((await read(again.picture)).equals(PNG)).toBe(true);
    expect(await getPicture(address)).toMatchObject({ from: 'disk' });
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
  const keep = (key: string, kilobytes: number) => {
    const bytes = Buffer.concat([PNG, Buffer.alloc(kilobytes * 1024)]);
    return keepPicture(key, bytes, factsOf(bytes));
  };
  for (const [n, key] of keys.entries()) {
    await keep(key, 200);
    const file = path.join(dataDir, 'small', 'pictures', key.slice(0, 2), key);
    if (!fs.existsSync(file)) continue;
    const used = new Date(Date.now() - (10 - n) * day);
    fs.utimesSync(file, used, used);
  }
  // Looking at one makes it young.
  const [, , , , old = ''] = keys;
  expect(await isKept(old)).toBe(true);
  await keep(pictureKey('https://example.org/last'), 300);
  await makeRoom();
  const kept = await Promise.all(keys.map(isKept));
  expect([kept[0], kept[4], kept[7]]).toEqual([false, true, true]);
  const bytes = await countKeptBytes();
  expect(bytes).toBeLessThan(1024 * 1024);
  expect(bytes).toBeGreaterThan(kept.filter(Boolean).length * 200 * 1024);
});
