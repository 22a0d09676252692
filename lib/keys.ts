import { hkdfSync } from 'node:crypto';
import { config } from './config.ts';
import { TagwireError } from './errors.ts';

const KEY_BYTES = 32;

/** A key of its own for each use, from SITE_SECRET (HKDF, RFC 5869). @throws TagwireError without. */
export function keyFor(use: string): Buffer {
  const { siteSecret } = config();
  if (siteSecret === undefined) {
    throw new TagwireError(
      'SITE_SECRET is not set, so links and addresses of pictures cannot be signed or checked.',
      'Set it to at least 32 characters by chance, the same for web and worker.',
    );
  }
  return Buffer.from(hkdfSync('sha256', siteSecret, '', `tagwire ${use}`, KEY_BYTES));
}
