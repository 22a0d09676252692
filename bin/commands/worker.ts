import { Command } from 'commander';
import { config, preferProduction, provideSettings } from '../../lib/config.ts';
import { databaseUrl } from '../../lib/db.ts';
import { siteSecret } from '../../lib/embedded/secret.ts';
import { requireDatabase } from '../migrate-database.ts';

export const command = new Command('worker')
  .description('poll feeds, index posts, match alerts and send mail, until stopped')
  .addHelpText(
    'after',
    `
Needs DATABASE_URL; MEILI_URL and SMTP_URL for search and mail. Run as many as you like, on as
many machines as you like. WORKER_PORT gives it /healthz and /metrics.

Example:
  $ DATABASE_URL=postgresql://tagwire@db/tagwire SITE_SECRET=… bin/tagwire worker`,
  )
  .action(async () => {
    await requireDatabase(databaseUrl());
    provideSettings({ SITE_SECRET: siteSecret(config().dataDir) });
    preferProduction(); // mails are written with React
    await import('../../workers/main.ts');
  });
