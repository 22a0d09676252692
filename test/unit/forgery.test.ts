import { expect, test } from 'vitest';
import { isForged } from '../../lib/serve/forgery.ts';

const SITE = 'https://planet.example';
const post = (origin: string | null, secFetchSite: string | null, path = '/alerts') => ({
  method: 'POST',
  path,
  origin,
  secFetchSite,
});

test('a form of ours is taken from browsers that say either header or both', () => {
  expect(isForged(post(SITE, 'same-origin'), SITE)).toBe(false);
  expect(isForged(post(SITE, null), SITE)).toBe(false);
  expect(isForged(post(null, 'same-origin'), SITE)).toBe(false);
});

test.each([
  ['https://evil.example', 'cross-site'],
  ['https://evil.example', null],
  ['https://other.planet.example', 'same-site'],
  ['http://planet.example', null],
  ['null', null],
  ['null', 'cross-site'],
  [SITE, 'cross-site'],
  [null, 'cross-site'],
  [null, null],
])('Origin %s with Sec-Fetch-Site %s is refused', (origin, secFetchSite) => {
  expect(isForged(post(origin, secFetchSite), SITE)).toBe(true);
});

test('a site on this machine goes by all names of this machine, on its own port', () => {
  const local = 'http://127.0.0.1:4000';
  expect(isForged(post('http://localhost:4000', null), local)).toBe(false);
  expect(isForged(post('http://[::1]:4000', null), local)).toBe(false);
  expect(isForged(post('http://localhost:4001', null), local)).toBe(true);
});

test('reading is never refused', () => {
  for (const method of ['GET', 'HEAD', 'OPTIONS']) {
    expect(isForged({ ...post('https://evil.example', 'cross-site'), method }, SITE)).toBe(false);
  }
});

test('a hub brings its news without an origin: its signature is its authority', () => {
  expect(isForged(post(null, null, '/websub/TOKEN'), SITE)).toBe(false);
  expect(isForged(post(null, null, '/websubs'), SITE)).toBe(true);
});

test('a mailbox unsubscribes in one click, without an origin', () => {
  expect(isForged(post(null, null, '/alerts/unsubscribe/TOKEN'), SITE)).toBe(false);
  expect(isForged(post(null, null, '/alerts/unsubscribed'), SITE)).toBe(true);
});
