import { Command } from 'commander';
import { config } from '../../lib/config.ts';
import { migrateAll } from '../migrate-database.ts';
import { withServers } from '../servers.ts';

const say = (text: string) => process.stderr.write(`tagwire: ${text}\n`);

/** @returns how many migrations were applied now; unknown for a database that was just made. */
async function migrate(): Promise<string> {
  const { databaseUrl } = config();
  if (databaseUrl === undefined) {
    // withServers migrates what it starts or finds.
    await withServers({ database: true }, async () => {});
    return 'the embedded database is up to date';
  }
  const applied = await migrateAll(databaseUrl);
  if (applied === 0) return 'the database was up to date already';
  return `${applied} ${applied === 1 ? 'migration' : 'migrations'} applied`;
}

export const command = new Command('migrate')
  .description('bring the database up to date: our tables and the job queue')
  .addHelpText(
    'after',
    '\nExample:\n  $ DATABASE_URL=postgresql://tagwire@db.internal/tagwire bin/tagwire migrate',
  )
  .action(async () => {
    const started = Date.now();
    say('migrating …');
    const outcome = await migrate();
    say(`${outcome} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  });
