import { spawn } from 'node:child_process';
import { Command } from 'commander';
import { childEnvironment, config, isUnderNpm, ROOT } from '../../lib/config.ts';
import { databaseUrl } from '../../lib/db.ts';
import { freePort } from '../../lib/embedded/ports.ts';
import { ended, stopChild } from '../../lib/embedded/process.ts';
import { siteSecret } from '../../lib/embedded/secret.ts';
import { guard } from '../../lib/embedded/watchdog.ts';
import { TagwireError } from '../../lib/errors.ts';
import { requireDatabase } from '../migrate-database.ts';
import { requireFree, requireSite, siteArguments } from '../site-process.ts';
import { listenForHalt } from '../up/halt.ts';

const STOP_MS_MAX = 30_000;

async function web(): Promise<void> {
  requireSite();
  // Before anything listens or waits: what is missing ends the command.
  const secret = siteSecret(config().dataDir);
  await requireDatabase(databaseUrl());
  const { port: given, bind } = config();
  const port = given === 0 ? await freePort() : given;
  await requireFree(port);
  const halt = listenForHalt(isUnderNpm());
  const child = spawn(process.execPath, siteArguments(port), {
    cwd: ROOT,
    stdio: ['ignore', process.stderr, 'inherit'],
    detached: true,
    env: childEnvironment({
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      PORT: String(port),
      SITE_SECRET: secret,
    }),
  });
  guard(child, 'TERM');
  process.stderr.write(`tagwire: the site is on http://${bind}:${port}\n`);
  const over = ended(child).then((how) => ({ kind: 'crashed' as const, how }));
  const first = await Promise.race([over, halt.reason]);
  halt.dispose();
  if (first.kind === 'asked') {
    await stopChild(child, 'SIGTERM', STOP_MS_MAX);
    process.exit(0);
  }
  throw new TagwireError(`The site has ended (${'how' in first ? first.how : first.words}).`);
}

export const command = new Command('web')
  .description('serve the built site alone, as in production: needs DATABASE_URL')
  .addHelpText(
    'after',
    '\nExample:\n  $ DATABASE_URL=postgresql://tagwire@db.internal/tagwire SITE_SECRET=… PORT=8080 \\\n' +
      '      bin/tagwire web',
  )
  .action(web);
