import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { fetchGuarded } from '../../lib/fetch/client.ts';
import { fetchFeed } from '../../lib/ingest/fetch-feed.ts';
import { BODY_BYTES_MAX } from '../../lib/model/fetch-policy.ts';
import { useFetchedSite } from '../support/fetched-site.ts';
import { type Answer, redirect, send, startLyingServer } from '../support/lying-server.ts';

const FEED = '<rss version="2.0"><channel><title>T</title></channel></rss>';

const packed = (coding: string, body: Buffer) => send(200, { 'content-encoding': coding }, body);

const ANSWERS: Record<string, Answer> = {
  '/feed': send(
    200,
    { 'content-type': 'application/rss+xml', etag: '"a"', 'cache-control': 'public, max-age=600' },
    FEED,
  ),
  '/conditional': (request, response) => {
    const known = request.headers['if-none-match'] === 'W/"odd, but opaque"';
    response.writeHead(known ? 304 : 200, { etag: 'W/"odd, but opaque"' }).end(known ? '' : FEED);
  },
  '/gzip': packed('gzip', zlib.gzipSync(FEED)),
  '/deflate': packed('deflate', zlib.deflateSync(FEED)),
  '/raw-deflate': packed('deflate', zlib.deflateRawSync(FEED)),
  '/br': packed('br', zlib.brotliCompressSync(FEED)),
  '/zstd': packed('zstd', zlib.zstdCompressSync(FEED)),
  '/broken-gzip': packed('gzip', zlib.gzipSync(FEED).subarray(0, 30)),
  '/not-gzip': packed('gzip', Buffer.from(FEED)),
  '/unknown-coding': packed('rot13', Buffer.from(FEED)),
  '/bomb': packed('gzip', zlib.gzipSync(Buffer.alloc(100 * 1024 * 1024))),
  '/endless': (_request, response) => {
    const chunk = Buffer.alloc(256 * 1024, 'x');
    const more = () => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  },
  '/drip': (_request, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(timer));
  },
  '/silent': () => {},
  '/hangs-up': (request) => request.socket.destroy(),
  '/short': (_request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write(FEED, () => response.destroy());
  },
  '/loop': redirect(302, '/loop'),
  '/gone': send(410),
  '/later': send(429, { 'retry-after': '120' }),
  '/later-by-date': (_request, response) =>
    response
      .writeHead(429, { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() })
      .end(),
  '/maintenance': send(503, { 'retry-after': '60' }),
  '/broken': send(500),
  '/secret': send(403),
};

const site = useFetchedSite(ANSWERS);
const { ask } = site;
const askFor = async (path: string) => {
  const outcome = await ask(path);
  return outcome.kind === 'modified' ? Buffer.from(outcome.body).toString() : outcome;
};

describe('a feed that is there', () => {
  test('comes with its validators, type and freshness', async () => {
    expect(await ask('/feed')).toMatchObject({
      kind: 'modified',
      contentType: 'application/rss+xml',
      validators: { etag: '"a"' },
      freshSeconds: 600,
      finalUrl: `${site.url}/feed`,
    });
  });

  test('is asked for by name, with an address where publishers read about us', async () => {
    await ask('/feed');
    expect(site.requests.at(-1)?.headers['user-agent']).toMatch(
      /^Tagwire\/\d+\.\d+\.\d+ \(\+https:\/\/wire\.example\/bot; ops@wire\.example(; \d+ feeds?)?\)$/u,
    );
  });

  test('is not sent again when nothing changed', async () => {
    const first = await ask('/conditional');
    expect(first).toMatchObject({ kind: 'modified' });
    const validators = first.kind === 'modified' ? first.validators : {};
    expect(await ask('/conditional', validators)).toMatchObject({
      kind: 'not-modified',
      validators,
      exchange: { status: 304, isConditional: true, wireBytes: 0 },
    });
  });

  test.each(['/gzip', '/deflate', '/raw-deflate', '/br', '/zstd'])(
    'is unpacked: %s',
    async (path) => {
      expect(await askFor(path)).toBe(FEED);
    },
  );
});

describe('what a fetch comes to', () => {
  const exchange = async (path: string) => (await ask(path)).exchange;

  test('is counted as it came and as it was unpacked', async () => {
    const sizes: [path: string, wireBytes: number][] = [
      ['/feed', FEED.length],
      ['/gzip', zlib.gzipSync(FEED).length],
      ['/raw-deflate', zlib.deflateRawSync(FEED).length],
      ['/br', zlib.brotliCompressSync(FEED).length],
      ['/zstd', zlib.zstdCompressSync(FEED).length],
    ];
    for (const [path, wireBytes] of sizes) {
      const bodyBytes = FEED.length;
      expect(await exchange(path), path).toMatchObject({ requests: 1, wireBytes, bodyBytes });
    }
  });

  test('is counted also when it fails', async () => {
    const bomb = await exchange('/bomb');
    expect(bomb.status).toBe(200);
    expect(bomb.bodyBytes).toBeGreaterThan(BODY_BYTES_MAX);
    expect(bomb.wireBytes).toBeLessThan(BODY_BYTES_MAX / 100);
    expect(await exchange('/hangs-up')).toMatchObject({ requests: 1, status: null, wireBytes: 0 });
    expect(await exchange('/short')).toMatchObject({ status: 200, wireBytes: FEED.length });
    expect(await exchange('/loop')).toMatchObject({ requests: 6, status: 302 });
  });

  test('can be the beginning of a body that is too long', async () => {
    const url = `${site.url}/endless`;
    const answer = await fetchGuarded({ url, bodyBytesMax: 1000, cutsBody: true });
    expect(answer).toMatchObject({ kind: 'answered', status: 200 });
    expect(answer.kind === 'answered' && answer.body.length).toBe(1000);
  });
});

describe('a server that lies', () => {
  test.each(['/broken-gzip', '/not-gzip', '/unknown-coding'])(
    'about its encoding: %s',
    async (path) => {
      expect(await ask(path)).toMatchObject({ kind: 'failed', error: 'encoding' });
    },
  );

  test.each(['/bomb', '/endless'])('about its size: %s', async (path) => {
    expect(await ask(path)).toMatchObject({
      kind: 'failed',
      error: 'too-large',
      message: expect.stringMatching(/127\.0\.0\.1:\d+: more than 8 MB/u),
    });
  });

  test('and packs eight megabytes exactly is believed', async () => {
    const body = zlib.gzipSync(Buffer.alloc(BODY_BYTES_MAX));
    const full = await startLyingServer({ '/': packed('gzip', body) });
    expect(await fetchGuarded({ url: `${full.url}/` })).toMatchObject({
      kind: 'answered',
      status: 200,
    });
    await full.stop();
  });

  test.each(['/drip', '/silent'])('about having an answer: %s', async (path) => {
    const answer = await fetchGuarded({ url: `${site.url}${path}`, deadlineMs: 300 });
    expect(answer).toMatchObject({
      kind: 'failed',
      error: 'timeout',
      message: expect.stringMatching(/not done after 0\.3 s/u),
    });
  });

  test.each(['/hangs-up', '/short'])('and hangs up: %s', async (path) => {
    expect(await ask(path)).toMatchObject({ kind: 'failed', error: 'connection' });
  });

  test('and is not there at all', async () => {
    const gone = await startLyingServer({});
    await gone.stop();
    expect(await fetchFeed(`${gone.url}/`, {})).toMatchObject({ kind: 'failed', error: 'refused' });
  });
});

describe('what a server asks of us', () => {
  test('a feed that is gone is gone', async () => {
    expect(await ask('/gone')).toMatchObject({
      kind: 'gone',
      message: expect.stringMatching(/410/u),
    });
  });

  test('Retry-After is read in both of its forms', async () => {
    expect(await ask('/later')).toMatchObject({
      kind: 'rate-limited',
      status: 429,
      retryAfterSeconds: 120,
    });
    const outcome = await ask('/later-by-date');
    const seconds = outcome.kind === 'rate-limited' ? (outcome.retryAfterSeconds ?? 0) : 0;
    expect(seconds).toBeGreaterThan(3500);
    expect(seconds).toBeLessThanOrEqual(3600);
    expect(await ask('/maintenance')).toMatchObject({
      kind: 'rate-limited',
      retryAfterSeconds: 60,
    });
  });

  test.each([
    ['/nothing', 404, /nothing at this address \(404\)/u],
    ['/secret', 403, /does not let us read it \(403\)/u],
    ['/broken', 500, /a fault of its own \(500\)/u],
  ])('%s is said in words', async (path, status, message) => {
    expect(await ask(path)).toMatchObject({
      kind: 'failed',
      error: 'http',
      status,
      message: expect.stringMatching(message),
    });
  });
});
