import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { PICTURE_BYTES_MAX, PICTURE_FETCH_MS_MAX } from '../../lib/pictures/get-picture.ts';
import { PIXELS_MAX } from '../../lib/pictures/picture-file.ts';
import {
  type Answer,
  packed,
  raw,
  redirect,
  send,
  useLyingServer,
} from '../support/lying-server.ts';
import { usePictures } from '../support/open-pictures.ts';

// No database here, but servers of pictures that mean no good.

const pond = useLyingServer();
const getPicture = usePictures();
const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwire-hostile-pictures-'));

beforeAll(() => {
  provideSettings({
    SITE_SECRET: 'a secret for tests that is long enough',
    TAGWIRE_DATA: dataDir,
    PICTURES_CACHE_MB: '64',
    LOG_LEVEL: 'silent',
  });
});
beforeEach(() => provideSettings({ FETCH_ALLOW: '127.0.0.0/8' }));
afterAll(() => fs.rmSync(dataDir, { recursive: true, force: true }));

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), content]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A whole PNG of one colour in one bit, with only the first rows of it: its head says the rest. */
function png(width: number, height: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.writeUInt8(1, 8);
  const rows = Buffer.alloc(Math.min(height, 600) * (1 + Math.ceil(width / 8)));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const DOT = png(1, 1);
const TOO_MUCH = Buffer.concat([DOT, Buffer.alloc(PICTURE_BYTES_MAX)]);
let number = 0;
const fresh = () => {
  number += 1;
  return `/picture-${number}.png`;
};

/** What becomes of a picture whose server answers so; nothing that was refused may be kept. */
async function outcomeOf(answer: Answer, fetchMs = PICTURE_FETCH_MS_MAX) {
  const at = fresh();
  pond.answer(at, answer);
  const first = await getPicture(pond.at(at), fetchMs);
  if (first.kind !== 'missing') return first;
  const asked = pond.requests.length;
  expect(await getPicture(pond.at(at))).toEqual({ ...first, isNew: false });
  expect(pond.requests).toHaveLength(asked);
  return first;
}

const found = (type: string) => ({ kind: 'found', picture: { facts: { type } } });

describe('a picture is missing, and not asked for again soon, when its server gives', () => {
  test.each<[string, Answer, string]>([
    [
      'a page that it calls a picture',
      send(200, { 'content-type': 'image/png' }, '<html>'),
      'not-a-picture',
    ],
    ['404', send(404), 'http'],
    ['a part that nobody asked for', send(206, {}, DOT), 'http'],
    ['nothing', send(200), 'not-a-picture'],
    ['a PNG that has only its first bytes', send(200, {}, DOT.subarray(0, 12)), 'not-a-picture'],
    ['more than is taken', send(200, {}, TOO_MUCH), 'too-large'],
    ['more than is taken, compressed', packed('gzip', TOO_MUCH), 'too-large'],
    ['zeros without end in a few bytes', packed('br', Buffer.alloc(50_000_000)), 'too-large'],
    ['something compressed that breaks off', packed('gzip', TOO_MUCH, 2000), 'encoding'],
    ['a redirect to a cloud’s metadata', redirect(302, 'http://169.254.169.254/'), 'blocked'],
    ['redirects in a circle', redirect(302, '?again'), 'too-many-redirects'],
    [
      'less than it said',
      raw(`HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n${'x'.repeat(90)}`),
      'connection',
    ],
    ['an end without an answer', (request) => request.socket.destroy(), 'connection'],
  ])('%s', async (_, answer, reason) => {
    expect(await outcomeOf(answer)).toMatchObject({ kind: 'missing', reason, isNew: true });
  });

  test('a picture for a giant: it would fill its reader’s memory', async () => {
    const bomb = png(60_000, 60_000);
    expect(bomb.length).toBeLessThan(20_000);
    expect(await outcomeOf(send(200, {}, bomb))).toMatchObject({ reason: 'too-many-pixels' });
    const long = png(10, PIXELS_MAX / 10);
    expect(await outcomeOf(send(200, {}, long))).toMatchObject(found('image/png'));
  });

  test('a redirect to this machine', async () => {
    // Only the server of pictures is let in; what else listens here is not asked.
    provideSettings({ FETCH_ALLOW: '127.0.0.1/32' });
    const port = new URL(pond.at('/')).port;
    for (const host of ['127.0.0.2', 'localhost', '[::1]', '[::ffff:127.0.0.3]']) {
      pond.names.set('localhost', ['127.0.0.2']);
      const outcome = await outcomeOf(redirect(302, `http://${host}:${port}/inner.png`));
      expect([host, outcome]).toMatchObject([host, { kind: 'missing', reason: 'blocked' }]);
    }
    expect(pond.requests.map((request) => request.path)).not.toContain('/inner.png');
  });

  test('one byte after the other without an end: its time ends all the same', async () => {
    let isLeft = false;
    const outcome = await outcomeOf((request, response) => {
      response.writeHead(200, { 'content-type': 'image/png' });
      // Each byte comes long before a connection counts as idle, and all are few.
      let sent = 0;
      const timer = setInterval(() => {
        response.write(DOT.subarray(sent % DOT.length, (sent % DOT.length) + 1));
        sent += 1;
      }, 5);
      response.on('close', () => {
        clearInterval(timer);
        isLeft = true;
      });
      request.on('error', () => {});
    }, 300);
    expect(outcome).toMatchObject({ kind: 'missing', reason: 'timeout' });
    expect(outcome).toMatchObject({ why: expect.stringContaining('not done after 0.3 s') });
    await expect.poll(() => isLeft, { timeout: 5000 }).toBe(true);
  });
});

describe('what a picture is, its bytes say', () => {
  test('whatever its server calls it', async () => {
    for (const type of ['text/html', 'image/jpeg', 'application/octet-stream', '']) {
      const outcome = await outcomeOf(send(200, { 'content-type': type }, DOT));
      expect(outcome).toMatchObject(found('image/png'));
    }
  });

  test('a page that is dressed up as a GIF is none', async () => {
    const both = Buffer.concat([
      Buffer.from('GIF89a/*'),
      Buffer.from('<script>alert(1)</script>*/=1'),
    ]);
    expect(await outcomeOf(send(200, { 'content-type': 'text/html' }, both))).toMatchObject({
      kind: 'missing',
    });
  });

  test('entities of an SVG, which could multiply without end, are not passed on', async () => {
    const laughs = `<!DOCTYPE svg [<!ENTITY a "${'ha'.repeat(9)}"><!ENTITY b "&a;&a;&a;">]>
      <svg xmlns="http://www.w3.org/2000/svg"><text>&b;</text></svg>`;
    expect(await outcomeOf(send(200, {}, laughs))).toMatchObject({ reason: 'not-a-picture' });
    const typed = `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 5 4"/>`;
    expect(await outcomeOf(send(200, {}, typed))).toMatchObject(found('image/svg+xml'));
  });
});

test('what was refused is not kept', () => {
  const files = fs
    .readdirSync(path.join(dataDir, 'pictures'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => fs.readFileSync(path.join(entry.parentPath, entry.name)));
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const begin = file.indexOf('\n') + 1;
    expect(file.toString('utf8', 0, begin)).toMatch(/^tagwire picture 1 \{"type":"image\//u);
    expect(file.length - begin).toBeLessThan(PICTURE_BYTES_MAX);
  }
});
