import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { everythingTag } from '../cache-tags.ts';

export const EVERYTHING_TAG = everythingTag();
/** The route, reached over loopback only, where Next lets tags expire. */
export const REVALIDATE_PATH = '/api/internal/revalidate';
/** More tags than this in one call are sent in several. */
export const REVALIDATE_TAGS_MAX = 500;
const KEY_BYTES = 32;

/** Signs the body of a call to REVALIDATE_PATH, with a key of its own made from the secret. */
export function signRevalidation(body: string, siteSecret: string): string {
  const key = hkdfSync('sha256', siteSecret, '', 'tagwire revalidate', KEY_BYTES);
  return createHmac('sha256', Buffer.from(key)).update(body).digest('base64url');
}

/** Compares in constant time. */
export function isRevalidation(body: string, signature: string, siteSecret: string): boolean {
  const expected = Buffer.from(signRevalidation(body, siteSecret));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
