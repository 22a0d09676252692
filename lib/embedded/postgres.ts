import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { messageOf, TagwireError } from '../errors.ts';
import { type Account, nativeFolder, placeOf, serverAccount } from './postgres-place.ts';
import { ended, keepOutput, stopOrphan } from './process.ts';
import { type ServerProcess, startServer } from './server-process.ts';

/** After a crash Postgres replays its log before it is ready, which may take minutes. */
const START_MS_MAX = 300_000;
const STOP_MS_MAX = 20_000;
const INITDB_LAST_LINES = 8;
const SUPERUSER = 'postgres';

export interface EmbeddedPostgres extends ServerProcess {
  /** Where the tables are. */
  home: string;
  urlOf(database: string): string;
}

/** What is remembered between runs, in `postgres.json` of the data folder (0600). */
interface Kept {
  password: string;
  port?: number;
}

const writeKept = (file: string, kept: Kept) => {
  fs.writeFileSync(`${file}.part`, JSON.stringify(kept), { mode: 0o600 });
  fs.renameSync(`${file}.part`, file);
};

/** Makes a cluster in `folder`, whose superuser has this password. */
async function initialise(
  native: string,
  folder: string,
  password: string,
  account: Account | undefined,
  durable: boolean,
): Promise<void> {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const passwordFile = `${folder}.password`;
  fs.rmSync(passwordFile, { force: true });
  fs.writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account) {
    fs.chownSync(folder, account.uid, account.gid);
    fs.chownSync(passwordFile, account.uid, account.gid);
  }
  const options = [
    ['-D', folder],
    ['-U', SUPERUSER],
    ['-A', 'scram-sha-256'],
    ['--pwfile', passwordFile],
    ['-E', 'UTF8'],
    ['--locale=C.UTF-8'],
    ['--no-instructions'],
    durable ? [] : ['--no-sync'],
  ].flat();
  const child = spawn(path.join(native, 'bin/initdb'), options, {
    ...account,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const words = keepOutput(child);
  const failure = new Promise<string>((resolve) =>
    child.once('error', (e) => resolve(messageOf(e))),
  );
  const how = await Promise.race([ended(child), failure]);
  fs.rmSync(passwordFile, { force: true });
  if (how === 'code 0') return;
  fs.rmSync(folder, { recursive: true, force: true });
  const last = words().split('\n').slice(-INITDB_LAST_LINES).join('\n  ');
  throw new TagwireError(
    `Postgres could not make its tables in ${path.dirname(folder)} (${how}):\n  ${last}`,
    'Is the disk full, or may the folder not be written? Or set DATABASE_URL.',
  );
}

/** The password and port of earlier runs; makes the tables when there are none yet. */
async function openHome(
  native: string,
  home: string,
  keptFile: string,
  account: Account | undefined,
  durable: boolean,
): Promise<Kept> {
  const hasTables = fs.existsSync(path.join(home, 'PG_VERSION'));
  if (hasTables) {
    if (fs.existsSync(keptFile)) return JSON.parse(fs.readFileSync(keptFile, 'utf8'));
    throw new TagwireError(
      `There are tables in ${home}, but their password is gone: ${keptFile} is missing.`,
      'Restore that file from a backup, or move the tables away to start anew.',
    );
  }
  const kept = { password: randomBytes(24).toString('base64url') };
  // Beside its place and then moved, so that half a cluster is never taken for a whole one.
  await initialise(native, `${home}.new`, kept.password, account, durable);
  writeKept(keptFile, kept);
  fs.rmSync(home, { recursive: true, force: true });
  fs.renameSync(`${home}.new`, home);
  return kept;
}

/** Ends a server that a killed run left, and removes a pid file that nobody owns. */
async function clearStale(home: string): Promise<void> {
  const pidFile = path.join(home, 'postmaster.pid');
  if (!fs.existsSync(pidFile)) return;
  const pid = Number(fs.readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (Number.isInteger(pid) && pid > 0) await stopOrphan(pid, home, 'SIGINT', STOP_MS_MAX);
  // Postgres removes it on a clean end; one that names somebody else's process would stop it.
  fs.rmSync(pidFile, { force: true });
}

function launch(
  native: string,
  home: string,
  port: number,
  account: Account | undefined,
  durable: boolean,
) {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=100',
    'shared_buffers=128MB',
    'log_checkpoints=off',
    ...(durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
  return spawn(
    path.join(native, 'bin/postgres'),
    ['-D', home, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    // Its own process group: Ctrl-C goes to us alone, and we stop it last.
    { ...account, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
}

/**
 * Starts Postgres on a free port of the loopback address, with its tables below `dataDir` (or
 * where the file `where` in it says). Takes over from a run that was killed.
 * `durable: false` trades safety for speed (tests).
 * @throws TagwireError when it cannot start, with its own last words.
 */
export async function startPostgres(options: {
  dataDir: string;
  durable?: boolean;
}): Promise<EmbeddedPostgres> {
  const { dataDir, durable = true } = options;
  const account = serverAccount();
  const native = nativeFolder(account);
  const home = placeOf(dataDir, account);
  const keptFile = path.join(dataDir, 'postgres.json');
  const kept = await openHome(native, home, keptFile, account, durable);
  await clearStale(home);
  const server = await startServer({
    name: 'Postgres',
    launch: (port) => launch(native, home, port, account, durable),
    isReady: (_port, words) => words.includes('ready to accept connections'),
    portTaken: /could not bind|Address already in use/u,
    preferredPort: kept.port,
    // Postgres' fast shutdown: it ends sessions and writes a checkpoint.
    stopSignal: 'INT',
    startMsMax: START_MS_MAX,
    advice: `Its tables are in ${home}. Mend what it names, or set DATABASE_URL.`,
  });
  if (kept.port !== server.port) writeKept(keptFile, { ...kept, port: server.port });
  const authority = `${SUPERUSER}:${kept.password}@127.0.0.1:${server.port}`;
  return { ...server, home, urlOf: (database) => `postgresql://${authority}/${database}` };
}
