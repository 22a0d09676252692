import path from 'node:path';
import { config, ROOT } from '../lib/config.ts';
import { hasSite, NEXT } from '../lib/embedded/build-site.ts';
import { isFree } from '../lib/embedded/ports.ts';
import { TagwireError } from '../lib/errors.ts';

// Loaded before Next: the response cache in front of it.
const REGISTER = path.join(ROOT, 'lib/serve/register.ts');

/** The arguments with which Node serves the built site on this port. */
export function siteArguments(port: number): string[] {
  return ['--import', REGISTER, NEXT, 'start', '-p', String(port), '-H', config().bind];
}

/** @throws TagwireError when the site has not been built. */
export function requireSite(): void {
  if (hasSite()) return;
  throw new TagwireError('The site has not been built.', 'Run `npm run build` first.');
}

/** @throws TagwireError when something listens on the port already. */
export async function requireFree(port: number): Promise<void> {
  if (await isFree(port, config().bind)) return;
  throw new TagwireError(
    `Port ${port} is taken: another program listens there.`,
    'Stop it, or name another port in PORT (0 takes a free one).',
  );
}
