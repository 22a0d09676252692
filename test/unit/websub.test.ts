import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { hubSecret, makeToken, readToken, tokenUrl } from '../../lib/alerts/tokens.ts';
import { listOf } from '../../lib/cache-tags.ts';
import { provideSettings } from '../../lib/config.ts';
import {
  isPushed,
  isSameTopic,
  isSigned,
  leaseMs,
  offerOf,
  oneSentence,
  renewalAt,
  retryAt,
} from '../../lib/model/websub.ts';

const NOW = new Date('2026-03-01T00:00:00Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const ago = (ms: number) => new Date(NOW.getTime() - ms);
const bytes = (text: string) => new TextEncoder().encode(text);

describe('a signature', () => {
  const body = bytes('The quick brown fox jumps over the lazy dog');
  /** Of these words under the key `key`, as they are printed in many places. */
  const KNOWN = [
    'sha1=de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9',
    'sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8',
    'sha384=d7f4727e2c0b39ae0f1e40cc96f60242d5b7801841cea6fc592c5d3e1ae50700582a96cf35e1e554995fe4e03381c237',
    'sha512=b42af09057bac1e2d41708e48a902e09b5ff7f12ab428a4fe86653c73dd248fb82f948a549f7b791a5b41915ee4d1ec3935357e4e2317250d0372afa2ebeeb3a',
  ];

  test.each(KNOWN)('%s is known', (header) => {
    expect(isSigned(header, body, 'key')).toBe(true);
    expect(isSigned(header.toUpperCase(), body, 'key')).toBe(true);
    expect(isSigned(header, body, 'kex')).toBe(false);
    expect(isSigned(header, bytes('The quick brown fox'), 'key')).toBe(false);
    expect(isSigned(header.slice(0, -1), body, 'key')).toBe(false);
  });

  test.each([
    null,
    '',
    'sha256',
    'sha256=',
    'sha256=zz',
    `md5=${createHmac('md5', 'key').update(body).digest('hex')}`,
    `sha256=${createHmac('sha1', 'key').update(body).digest('hex')}`,
    `sha256=${createHmac('sha512', 'key').update(body).digest('hex')}`,
  ])('%s is none', (header) => {
    expect(isSigned(header, body, 'key')).toBe(false);
  });

  test('is good for nothing but its bytes and secret, whatever these are', () => {
    const method = fc.constantFrom('sha1', 'sha256', 'sha384', 'sha512');
    fc.assert(
      fc.property(method, fc.uint8Array(), fc.string(), fc.string(), (name, data, key, other) => {
        const header = `${name}=${createHmac(name, key).update(data).digest('hex')}`;
        expect(isSigned(header, data, key)).toBe(true);
        expect(isSigned(header, data, other)).toBe(other === key);
        expect(isSigned(header, Buffer.concat([data, bytes('x')]), key)).toBe(false);
      }),
    );
  });
});

describe('the address that a hub calls', () => {
  beforeAll(() =>
    provideSettings({
      SITE_SECRET: 'a secret for tests that is long enough',
      SITE_URL: 'https://planet.example',
    }),
  );

  test('is a key for this subscription, and for nothing else', () => {
    const claim = { id: 7, version: 1 };
    const token = makeToken('websub', claim);
    expect(tokenUrl('websub', claim)).toBe(`https://planet.example/websub/${token}`);
    expect(readToken('websub', token)).toEqual(claim);
    expect(readToken('manage', token)).toBeUndefined();
    expect(readToken('websub', makeToken('manage', claim))).toBeUndefined();
    expect(readToken('websub', token.replace('7.', '8.'))).toBeUndefined();
  });

  test('comes with a secret of its own, of a length that hubs take', () => {
    expect(hubSecret(7)).toBe(hubSecret(7));
    expect(hubSecret(7)).not.toBe(hubSecret(8));
    expect(hubSecret(7)).toMatch(/^[0-9a-f]{64}$/u);
  });
});

describe('a lease', () => {
  test('is what the hub grants, up to a month; ten days where it says nothing', () => {
    expect(leaseMs('86400')).toBe(DAY_MS);
    for (const nothing of [null, '', '0', '-5', 'forever', '1e9']) {
      expect(leaseMs(nothing)).toBe(10 * DAY_MS);
    }
    expect(leaseMs('999999999999')).toBe(30 * DAY_MS);
  });

  test('is renewed at its half, a tenth of that sooner or later, never within ten minutes', () => {
    const pause = (lease: number, random: number) =>
      renewalAt(NOW, lease, random).getTime() - NOW.getTime();
    expect(pause(10 * DAY_MS, 0.5)).toBe(5 * DAY_MS);
    expect(pause(10 * DAY_MS, 0)).toBeCloseTo(4.5 * DAY_MS);
    expect(pause(10 * DAY_MS, 1)).toBeCloseTo(5.5 * DAY_MS);
    expect(pause(1000, 0)).toBe(10 * MINUTE_MS);
  });

  test('that is not granted is asked for after an hour, then twice as long, up to a week', () => {
    const hours = [0, 1, 2, 3, 7, 8, 1000].map(
      (attempts) => (retryAt(NOW, attempts, 0.5).getTime() - NOW.getTime()) / HOUR_MS,
    );
    expect(hours).toEqual([1, 2, 4, 8, 128, 168, 168]);
  });
});

describe('news may be expected to come by itself', () => {
  const state = (changes = {}) => ({
    leaseUntil: new Date(NOW.getTime() + DAY_MS),
    pushedAt: ago(DAY_MS),
    missedAt: null,
    ...changes,
  });

  test('while the lease holds and a push has come within thirty days', () => {
    expect(isPushed(state(), NOW)).toBe(true);
    expect(isPushed(state({ pushedAt: ago(29 * DAY_MS) }), NOW)).toBe(true);
  });

  test.each([
    ['there is no subscription', null],
    ['the lease ran out', state({ leaseUntil: NOW })],
    ['no push has come', state({ pushedAt: null })],
    ['none has come for long', state({ pushedAt: ago(30 * DAY_MS) })],
    ['a poll has found more since', state({ missedAt: ago(HOUR_MS) })],
    ['a poll has found more at that moment', state({ missedAt: ago(DAY_MS) })],
  ])('but not when %s', (_, given) => {
    expect(isPushed(given, NOW)).toBe(false);
  });

  test('and again when a push comes after that', () => {
    expect(isPushed(state({ missedAt: ago(2 * DAY_MS) }), NOW)).toBe(true);
  });
});

describe('what a feed offers', () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => `https://${name}.example/`) as [
    string,
    string,
    string,
    string,
  ];

  test('is in its headers, else in its document; three hubs at most, each once', () => {
    expect(offerOf({ hubs: [a] }, { hubs: [b], self: c })).toEqual({ hubs: [a], topic: c });
    expect(offerOf({ hubs: [], self: d }, { hubs: [b], self: c })).toEqual({ hubs: [b], topic: d });
    expect(offerOf({ hubs: [] }, { hubs: [a, a, b, c, d] })).toEqual({
      hubs: [a, b, c],
      topic: null,
    });
  });

  test('is nothing without a hub', () => {
    expect(offerOf({ hubs: [], self: a }, { self: b })).toEqual({ hubs: [], topic: null });
  });
});

test('a topic is the same however a hub writes it, and another one is not', () => {
  expect(isSameTopic('https://A.example', 'https://a.example/')).toBe(true);
  expect(isSameTopic('https://a.example/%7Ex', 'https://a.example/%7Ex')).toBe(true);
  expect(isSameTopic('https://a.example/y', 'https://a.example/x')).toBe(false);
  expect(isSameTopic('http://a.example/', 'https://a.example/')).toBe(false);
  expect(isSameTopic('no address', 'neither')).toBe(false);
  expect(isSameTopic(null, 'https://a.example/')).toBe(false);
});

test('a hub’s own words become part of a sentence', () => {
  expect(oneSentence(' no\r\nsuch\ttopic\u0000\u001b[31m ')).toBe('no such topic [31m');
  expect(oneSentence('x'.repeat(1000))).toHaveLength(200);
});

test('cache tags of lists name them, and no other does', () => {
  expect(listOf('latest')).toEqual({ scope: 'latest', slug: '' });
  expect(listOf('tag:c-plus-plus')).toEqual({ scope: 'tag', slug: 'c-plus-plus' });
  expect(listOf('author:ada')).toEqual({ scope: 'author', slug: 'ada' });
  for (const tag of ['tags', 'sources', 'post:7', 'everything', 'tag:', 'latest:x']) {
    expect(listOf(tag)).toBeUndefined();
  }
});
