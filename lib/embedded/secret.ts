import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { config } from '../config.ts';
import { TagwireError } from '../errors.ts';

const SECRET_BYTES = 32;

/**
 * The secret that links in mails are signed with: SITE_SECRET, else the one in `dataDir`, made
 * there on first use (0600). With an outside database it must be set, because a second machine
 * with a secret of its own would refuse the links of the first.
 * @throws TagwireError when it must be set and is not.
 */
export function siteSecret(dataDir: string): string {
  const { siteSecret: given, databaseUrl } = config();
  if (given !== undefined) return given;
  if (databaseUrl !== undefined) {
    throw new TagwireError(
      'DATABASE_URL is set but SITE_SECRET is not: every machine that uses this database must ' +
        'sign links in mails with the same secret.',
      'Set SITE_SECRET to 32 characters or more, for example from `openssl rand -hex 32`.',
    );
  }
  const file = path.join(dataDir, 'secret');
  try {
    fs.mkdirSync(dataDir, { recursive: true });
    fs.writeFileSync(file, randomBytes(SECRET_BYTES).toString('hex'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return fs.readFileSync(file, 'utf8').trim();
}
