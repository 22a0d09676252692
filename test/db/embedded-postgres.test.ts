import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type EmbeddedPostgres, startPostgres } from '../../lib/embedded/postgres.ts';
import { isAlive } from '../../lib/embedded/process.ts';
import { childrenOf, waitFor } from '../support/processes.ts';

const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';

let dataDir: string;
let server: EmbeddedPostgres | undefined;

const makeDataDir = () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwire-postgres-'));
  fs.chmodSync(folder, 0o755);
  return folder;
};
// Making the tables of a cluster takes seconds: each test starts with those of the one before it.
beforeAll(() => {
  dataDir = makeDataDir();
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
});
afterAll(() => fs.rmSync(dataDir, { recursive: true }));

const start = async (folder = dataDir) => {
  server = await startPostgres({ dataDir: folder, durable: false });
  return server;
};

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: server?.urlOf('postgres') ?? '' });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const makeTable = () => query('DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 1 AS one');
const readTable = () => query('SELECT one FROM kept');

/** Starts Postgres from another process, as `up` does. */
async function startElsewhere() {
  const script = path.join(import.meta.dirname, '../support/start-postgres.ts');
  const child = spawn(process.execPath, [script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve) =>
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
  );
  return { child, pid: JSON.parse(line).pid as number };
}

describe('the embedded Postgres', () => {
  test('keeps data, password and port over a restart', async () => {
    const first = await start();
    await makeTable();
    await first.stop();
    const second = await start();
    expect(await readTable()).toEqual([{ one: 1 }]);
    expect(second.urlOf('postgres')).toBe(first.urlOf('postgres'));
  });

  test('keeps its password from other users', async () => {
    await start();
    expect(fs.statSync(path.join(dataDir, 'postgres.json')).mode & 0o777).toBe(0o600);
    const url = new URL(server?.urlOf('postgres') ?? '');
    url.password = 'guessed';
    const client = new pg.Client({ connectionString: url.href });
    await expect(client.connect()).rejects.toThrow(/password authentication failed/u);
  });

  test('listens below the ports that outgoing connections take', async () => {
    expect((await start()).port).toBeLessThan(32_768);
  });

  test('goes to another port when its own is taken', async () => {
    const first = await start();
    await makeTable();
    await first.stop();
    const squatter = net.createServer().listen(first.port, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    const second = await start();
    expect(second.port).not.toBe(first.port);
    expect(await readTable()).toEqual([{ one: 1 }]);
    squatter.close();
  });

  test('starts beside a pid file that names a process of somebody else', async () => {
    const { home, stop } = await start();
    await makeTable();
    await stop();
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const pidFile = path.join(home, 'postmaster.pid');
    fs.writeFileSync(pidFile, `${bystander.pid}\n${home}\n0\n1\n\n127.0.0.1\n`);
    await start();
    expect(await readTable()).toEqual([{ one: 1 }]);
    expect(isAlive(bystander.pid ?? 0)).toBe(true);
    bystander.kill();
  });

  test.skipIf(!isLinux)('ends when the process that started it is killed', async () => {
    const { child, pid } = await startElsewhere();
    child.kill('SIGKILL');
    await waitFor('the end of Postgres', () => !isAlive(pid));
    await start();
  });

  test.skipIf(!isLinux)('takes over from an orphan', async () => {
    const { child, pid } = await startElsewhere();
    // As when the machine's memory killer takes everything but Postgres.
    for (const other of childrenOf(child.pid ?? 0))
      if (other !== pid) process.kill(other, 'SIGKILL');
    child.kill('SIGKILL');
    await waitFor('the end of its starter', () => child.signalCode !== null);
    expect(isAlive(pid)).toBe(true);
    const second = await start();
    expect(isAlive(pid)).toBe(false);
    expect(second.pid).not.toBe(pid);
  });

  test.skipIf(!isRoot)('as root, keeps its tables where its user can enter', async () => {
    const folder = makeDataDir();
    const note = path.join(folder, 'where');
    fs.chmodSync(folder, 0o700);
    const { home, stop } = await start(folder);
    await makeTable();
    expect(home).toMatch(/^\/var\/lib\/tagwire\//u);
    expect(fs.readFileSync(note, 'utf8').trim()).toBe(home);
    expect(fs.statSync(path.dirname(home)).mode & 0o777).toBe(0o700);
    expect(fs.statSync(home).uid).not.toBe(0);
    await stop();
    // Also when the folder has been opened since.
    fs.chmodSync(folder, 0o755);
    await start(folder);
    expect(await readTable()).toEqual([{ one: 1 }]);
    await server?.stop();
    fs.rmSync(path.dirname(home), { recursive: true });
    fs.rmSync(folder, { recursive: true });
  });

  test('says why it does not start, in its own words', async () => {
    const { home, stop } = await start();
    await stop();
    const versionFile = path.join(home, 'PG_VERSION');
    const version = fs.readFileSync(versionFile);
    fs.writeFileSync(versionFile, '9\n');
    await expect(start()).rejects.toThrow(
      /did not start[\s\S]*initialized by PostgreSQL version 9/u,
    );
    fs.writeFileSync(versionFile, version);
  });

  test('says so when its password is gone', async () => {
    const { stop } = await start();
    await stop();
    fs.rmSync(path.join(dataDir, 'postgres.json'));
    await expect(start()).rejects.toThrow(/their password is gone/u);
  });
});
