import { hkdfSync } from 'node:crypto';
import { config } from './config.ts';
import { TagwireError } from './errors.ts';

const KEY_BYTES = 32;

/** Of one SITE_SECRET, by use: making one takes longer than all that is signed with it. */
let made: { secret: string; keys: Map<string, Buffer> } | undefined;

/** A key of its own for each use, from SITE_SECRET (HKDF, RFC 5869). @throws TagwireError without. */
export function keyFor(use: string): Buffer {
  const { siteSecret: secret } = config();
  if (secret === undefined) {
    throw new TagwireError(
      'SITE_SECRET is not set, so links and addresses of pictures cannot be signed or checked.',
      'Set it to at least 32 characters by chance, the same for web and worker.',
    );
  }
  if (made?.secret !== secret) made = { secret, keys: new Map() };
  const key =
    made.keys.get(use) ?? Buffer.from(hkdfSync('sha256', secret, '', `tagwire ${use}`, KEY_BYTES));
  made.keys.set(use, key);
  return key;
}
