import { createHmac, timingSafeEqual } from 'node:crypto';
import { keyFor } from '../keys.ts';

/** 96 bits: a guess at a thousand a second does not come to an end. */
const MAC_BYTES = 12;
/** As long as an address that may be fetched (lib/fetch/guard.ts). */
const ADDRESS_CHARACTERS_MAX = 2048;

const macOf = (address: string) =>
  createHmac('sha256', keyFor('picture')).update(address).digest().subarray(0, MAC_BYTES);

/**
 * Where our site has a picture: `/img/MAC/ADDRESS`, both base64url. Whoever is no page of ours can
 * make no such path, so that we fetch for our readers and for nobody else.
 * @returns undefined for what is no web address, or too long for one.
 */
export function picturePath(address: string): string | undefined {
  if (address.length > ADDRESS_CHARACTERS_MAX || !/^https?:\/\//iu.test(address)) return undefined;
  const encoded = Buffer.from(address).toString('base64url');
  return `/img/${macOf(address).toString('base64url')}/${encoded}`;
}

/** The address of a picture's path; undefined when picturePath did not make it. */
export function readPicturePath(mac: string, encoded: string): string | undefined {
  const address = Buffer.from(encoded, 'base64url').toString('utf8');
  const given = Buffer.from(mac, 'base64url');
  const expected = macOf(address);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  // Base64 has several spellings of one text: only one of them is an address of ours.
  return picturePath(address) === `/img/${mac}/${encoded}` ? address : undefined;
}
