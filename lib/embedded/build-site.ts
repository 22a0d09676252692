import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { childEnvironment, ROOT } from '../config.ts';
import { TagwireError } from '../errors.ts';
import { ended, keepOutput, until } from './process.ts';
import { type Claim, claimFolder } from './run-file.ts';
import { guard } from './watchdog.ts';

export const NEXT = path.join(ROOT, 'node_modules/next/dist/bin/next');

const BUILD_MS_MAX = 15 * 60_000;
const STAMP = path.join(ROOT, '.next/tagwire-sources');
const BUILD_ID = path.join(ROOT, '.next/BUILD_ID');
/** What the built site is made of, files and folders; those that do not exist are passed over. */
const SOURCES = [
  'app',
  'lib',
  'public',
  'prisma/schema.prisma',
  'proxy.ts',
  'instrumentation.ts',
  'next.config.js',
  'postcss.config.js',
  'postcss.config.mjs',
  'tsconfig.json',
  'package-lock.json',
];
/** Parts of lib that the site does not contain. */
const NOT_OF_THE_SITE = ['lib/embedded', 'lib/generated', 'lib/ingest', 'lib/fetch'];

/** Whether the site is built from the sources as they are now. */
export function isSiteBuilt(): boolean {
  if (!fs.existsSync(BUILD_ID) || !fs.existsSync(STAMP)) return false;
  return fs.readFileSync(STAMP, 'utf8') === hashOfSources();
}

/** Whether there is a built site at all, from whatever sources. */
export const hasSite = () => fs.existsSync(BUILD_ID);

/**
 * Builds the site unless it is built from these sources. Needs no database and no setting. One
 * build at a time in a checkout: a second one waits and then finds it done.
 * @throws TagwireError with the compiler's last words.
 */
export async function buildSite(signal?: AbortSignal): Promise<void> {
  const claim = await claimBuild();
  try {
    // The hash of before: sources that change meanwhile make the next start build again.
    const hash = hashOfSources();
    if (isSiteBuilt()) return;
    fs.rmSync(STAMP, { force: true });
    await runBuild(signal);
    fs.writeFileSync(STAMP, hash);
  } finally {
    claim.release();
  }
}

async function claimBuild(): Promise<Claim> {
  const folder = path.join(ROOT, '.cache/build');
  let claim: Claim | undefined;
  await until(() => {
    const outcome = claimFolder(folder, 'build');
    if (outcome.kind === 'claimed') claim = outcome.claim;
    return claim !== undefined;
  }, BUILD_MS_MAX);
  if (claim === undefined) throw new TagwireError('Another build of the site does not end.');
  return claim;
}

async function runBuild(signal: AbortSignal | undefined): Promise<void> {
  const child = spawn(process.execPath, [NEXT, 'build'], {
    cwd: ROOT,
    env: childEnvironment({ NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  guard(child, 'TERM');
  const stop = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', stop);
  const words = keepOutput(child);
  const how = await ended(child);
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
  if (how !== 'code 0') {
    throw new TagwireError(`The site could not be built (${how}):\n${words()}`);
  }
}

function hashOfSources(): string {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const file of filesOf(source)) {
      hash.update(`${file}\0`).update(fs.readFileSync(path.join(ROOT, file)));
    }
  }
  return hash.digest('hex');
}

function filesOf(source: string): string[] {
  const stat = fs.statSync(path.join(ROOT, source), { throwIfNoEntry: false });
  if (stat === undefined || NOT_OF_THE_SITE.includes(source)) return [];
  if (!stat.isDirectory()) return [source];
  const names = fs.readdirSync(path.join(ROOT, source)).sort();
  return names.flatMap((name) => filesOf(`${source}/${name}`));
}
