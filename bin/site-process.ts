import path from 'node:path';
import { config, ROOT } from '../lib/config.ts';
import { hasSite, NEXT } from '../lib/embedded/build-site.ts';
import { whyNotFree } from '../lib/embedded/ports.ts';
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

/**
 * Makes sure that the site can listen where BIND and PORT say.
 * @returns whether the port is free; if not, another program listens there.
 * @throws TagwireError when this machine or user can never listen there.
 */
export async function isPortFree(port: number): Promise<boolean> {
  const { bind } = config();
  const why = await whyNotFree(port, bind);
  switch (why) {
    case undefined:
      return true;
    case 'EADDRINUSE':
      return false;
    case 'EACCES':
      throw new TagwireError(
        `This user may not listen on port ${port}: most systems keep those below 1024 for root.`,
        'Name a higher one in PORT, and let a reverse proxy pass requests on.',
      );
    default:
      throw new TagwireError(
        `The site cannot listen on ${bind}: this machine has no such address (${why}).`,
        'Name one of its own in BIND, or 0.0.0.0 for all of them.',
      );
  }
}

/** @throws TagwireError when the site cannot listen on this port. */
export async function requireFree(port: number): Promise<void> {
  if (await isPortFree(port)) return;
  throw new TagwireError(
    `Port ${port} is taken: another program listens there.`,
    'Stop it, or name another port in PORT (0 takes a free one).',
  );
}
