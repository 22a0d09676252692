import { config, isGiven, provideSettings, type SettingName } from '../lib/config.ts';
import { closeDb, databaseUrl } from '../lib/db.ts';
import { until } from '../lib/embedded/process.ts';
import { type Claim, claimFolder, type Run, readRun } from '../lib/embedded/run-file.ts';
import { siteSecret } from '../lib/embedded/secret.ts';
import { type Needs, startServers } from '../lib/embedded/servers.ts';
import { TagwireError } from '../lib/errors.ts';
import { migrateAll } from './migrate-database.ts';

/** How long a command waits for `up` to finish starting, or for another command's servers. */
const WAIT_MS_MAX = 120_000;

const isUp = (run: Run) => run.what.startsWith('up');

/** Takes the addresses of a running `up`; what the environment sets stays. */
function adopt(run: Run): void {
  const found = Object.entries(run.settings ?? {}) as [SettingName, string][];
  provideSettings(Object.fromEntries(found.filter(([name]) => !isGiven(name))));
}

/** Takes the settings of an `up` that is running, if one is: for commands that need no server. */
export function adoptRunning(): void {
  const run = readRun(config().dataDir);
  if (run !== undefined && isUp(run)) adopt(run);
}

/** Waits for `up` to be ready (and adopts its addresses) or takes the data folder. */
async function adoptOrClaim(dataDir: string): Promise<Claim | undefined> {
  let claim: Claim | undefined;
  let holder: Run | undefined;
  const isDone = await until(() => {
    holder = readRun(dataDir);
    if (holder !== undefined) return isUp(holder) && holder.settings !== undefined;
    const outcome = claimFolder(dataDir, `bin/tagwire ${process.argv[2] ?? ''}`.trim());
    if (outcome.kind === 'claimed') claim = outcome.claim;
    return claim !== undefined;
  }, WAIT_MS_MAX);
  if (!isDone) {
    throw new TagwireError(
      `\`${holder?.what}\` (process ${holder?.pid}) has held ${dataDir} for too long.`,
      'Wait for it to end, or stop it.',
    );
  }
  if (claim === undefined && holder !== undefined) adopt(holder);
  return claim;
}

/** With an outside database nothing is started; `up` helps out only if it uses the same one. */
async function withOutsideDatabase<T>(databaseUrl: string, work: () => Promise<T>): Promise<T> {
  const run = readRun(config().dataDir);
  if (run?.settings?.DATABASE_URL === databaseUrl) adopt(run);
  await migrateAll(databaseUrl);
  return await work();
}

async function withOwnServers<T>(needs: Needs, work: () => Promise<T>): Promise<T> {
  const { dataDir } = config();
  const servers = await startServers(dataDir, needs, () => {});
  try {
    provideSettings({ ...servers.settings, SITE_SECRET: siteSecret(dataDir) });
    await migrateAll(databaseUrl());
    return await work();
  } finally {
    await closeDb();
    await servers.stop();
  }
}

/**
 * Runs a command's work with the servers that it needs: those in the environment, else those of
 * the running `up`, else embedded ones for the command's own duration (one command at a time).
 * The database is migrated and the settings are provided when `work` starts.
 * @throws TagwireError when a server cannot be had.
 */
export async function withServers<T>(needs: Needs, work: () => Promise<T>): Promise<T> {
  const outside = config().databaseUrl;
  let claim: Claim | undefined;
  try {
    if (outside !== undefined) return await withOutsideDatabase(outside, work);
    claim = await adoptOrClaim(config().dataDir);
    return await (claim === undefined ? work() : withOwnServers(needs, work));
  } finally {
    await closeDb();
    claim?.release();
  }
}
