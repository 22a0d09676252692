import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { Command } from 'commander';
import { config, isUnderNpm, provideSettings } from '../../lib/config.ts';
import { closeDb, databaseUrl } from '../../lib/db.ts';
import { until } from '../../lib/embedded/process.ts';
import { type Claim, claimFolder, type Run } from '../../lib/embedded/run-file.ts';
import { siteSecret } from '../../lib/embedded/secret.ts';
import { type Settings, startServers } from '../../lib/embedded/servers.ts';
import { messageOf, TagwireError } from '../../lib/errors.ts';
import { migrateAll } from '../migrate-database.ts';
import { addFirstFeeds, addSampleFeeds, listDueFeeds, watchFirstPoll } from '../up/first-feeds.ts';
import { type Halt, type HaltReason, listenForHalt } from '../up/halt.ts';
import { choosePort, type House, prepareSite, startSite, startWorker } from '../up/house.ts';

/** How long `up` waits for a command that has servers of its own. */
const COMMAND_MS_MAX = 60_000;
const ADMIN_PASSWORD_BYTES = 9;

/** Prints what has been reached to standard error, each with the seconds since the start. */
function stepPrinter(): (text: string) => void {
  const started = performance.now();
  return (text) => {
    const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
    process.stderr.write(`${seconds} s  ${text}\n`);
  };
}

/** Takes the data folder; waits for a short command, refuses beside another `up`. */
async function claimHouse(dataDir: string, demo: boolean): Promise<Claim> {
  let claim: Claim | undefined;
  let holder: Run | undefined;
  await until(() => {
    const outcome = claimFolder(dataDir, demo ? 'up --demo' : 'up');
    if (outcome.kind === 'claimed') claim = outcome.claim;
    else holder = outcome.by;
    return claim !== undefined || holder?.what.startsWith('up') === true;
  }, COMMAND_MS_MAX);
  if (claim !== undefined) return claim;
  const address = holder?.settings?.SITE_URL;
  throw new TagwireError(
    `\`${holder?.what}\` runs on ${dataDir} already: process ${holder?.pid}, since ` +
      `${holder?.startedAt}${address === undefined ? '' : `, on ${address}`}.`,
    'Stop it first, or name another folder in TAGWIRE_DATA.',
  );
}

/** Settings that only the demo has: it polls this machine, and everybody may look around. */
function demoSettings(): Settings {
  const { adminPassword } = config();
  return {
    TAGWIRE_DEMO: '1',
    FETCH_ALLOW: '127.0.0.0/8',
    FETCH_HOST_DELAY_MS: '0',
    FETCH_HOST_CONCURRENCY: '16',
    ADMIN_PASSWORD: adminPassword ?? randomBytes(ADMIN_PASSWORD_BYTES).toString('base64url'),
  };
}

/** Starts everything, step by step. @returns the settings with which the parts run. */
async function startAll(house: House): Promise<Settings> {
  const { say, halt } = house;
  const port = await choosePort(say);
  const settings: Settings = {
    ...(house.demo ? demoSettings() : {}),
    PORT: String(port),
    SITE_SECRET: siteSecret(house.home),
  };
  if (!house.demo && config().operatorContact === undefined) {
    say('OPERATOR_CONTACT is not set: publishers cannot reach you; give a mail or web address');
  }
  const building = prepareSite(house);
  // Its failure is seen below; until then it must not count as unheeded.
  building.catch(() => {});
  const servers = await startServers(house.home, { database: true, search: true, mail: true }, say);
  house.stops.push(servers.stop);
  void servers.failed.then(({ name, words }) => halt.crashed(name, words));
  Object.assign(house.pids, servers.pids);
  Object.assign(settings, servers.settings);
  provideSettings(settings);
  halt.signal.throwIfAborted();
  house.stops.push(closeDb);
  const applied = await migrateAll(databaseUrl());
  if (applied > 0) say(`the database is set up (${applied} migrations)`);
  halt.signal.throwIfAborted();
  if (house.demo) house.samplesUrl = await addSampleFeeds(house);
  else await addFirstFeeds(house);
  const due = await listDueFeeds();
  await building;
  await Promise.all([startWorker(house, settings), startSite(house, settings, port)]);
  const watching = watchFirstPoll(house, due);
  if (house.demo) await watching;
  // Real feeds take minutes; their outcomes are said as they come.
  else
    watching.catch((error) => say(`the first poll can no longer be followed: ${messageOf(error)}`));
  return { ...settings, SITE_URL: config().siteUrl };
}

function printAddresses(settings: Settings, house: House): void {
  const lines = [
    ['Site', settings.SITE_URL],
    ['Mail', settings.MAIL_CATCHER_URL],
    [
      'Admin',
      config().adminPassword === undefined
        ? 'closed: set ADMIN_PASSWORD to open it'
        : `${settings.SITE_URL}/admin`,
    ],
    ['', house.demo ? `(name admin, password ${config().adminPassword})` : undefined],
    ['Feeds', house.samplesUrl],
    ['Logs', path.join(house.home, 'logs')],
    ['Stop', 'Ctrl-C'],
  ];
  const shown = lines.filter(([, value]) => value !== undefined);
  process.stderr.write(
    `\n${shown.map(([name = '', v]) => `  ${name.padEnd(6)}${v}\n`).join('')}\n`,
  );
}

/** Stops in the opposite order of starting; one that fails does not keep the others alive. */
async function stopAll(house: House): Promise<void> {
  for (const stop of house.stops.reverse()) {
    try {
      await stop();
    } catch (error) {
      process.stderr.write(`tagwire: while stopping: ${String(error)}\n`);
    }
  }
}

async function runUntilHalt(house: House, claim: Claim): Promise<HaltReason> {
  const { halt } = house;
  const starting = startAll(house).then((settings) => {
    claim.update({ settings, pids: house.pids });
    printAddresses(settings, house);
  });
  const first = await Promise.race([starting, halt.reason]);
  if (first === undefined) return halt.reason;
  // It ends at its next step; what it has started by then is stopped with the rest.
  await starting.catch(() => {});
  return first;
}

async function up(demo: boolean): Promise<void> {
  const { dataDir } = config();
  const claim = await claimHouse(dataDir, demo);
  const halt: Halt = listenForHalt(isUnderNpm());
  const house: House = {
    home: demo ? path.join(dataDir, 'demo') : dataDir,
    demo,
    say: stepPrinter(),
    halt,
    stops: [],
    pids: {},
  };
  try {
    const reason = await runUntilHalt(house, claim);
    if (reason.kind === 'crashed') {
      throw new TagwireError(
        `${reason.name} has ended, so everything stops. Its last words: ${reason.words}`,
      );
    }
    process.stderr.write(`tagwire: stopping (${reason.by}) …\n`);
  } finally {
    await stopAll(house);
    claim.release();
    halt.dispose();
  }
  process.stderr.write('tagwire: stopped\n');
}

export const command = new Command('up')
  .description('start everything: servers, worker, site; Ctrl-C stops it all')
  .option('--demo', 'with the bundled sample feeds and data of its own')
  .addHelpText('after', '\nExample:\n  $ PORT=8080 bin/tagwire up --demo')
  .action((options: { demo?: boolean }) => up(options.demo === true));
