import path from 'node:path';
import { childEnvironment, config, ROOT } from '../../lib/config.ts';
import { buildSite, isSiteBuilt } from '../../lib/embedded/build-site.ts';
import { type Part, startPart } from '../../lib/embedded/part.ts';
import { freePort } from '../../lib/embedded/ports.ts';
import { until } from '../../lib/embedded/process.ts';
import type { Settings } from '../../lib/embedded/servers.ts';
import { TagwireError } from '../../lib/errors.ts';
import { isPortFree, requireFree, siteArguments } from '../site-process.ts';
import type { Halt } from './halt.ts';

const READY_MS_MAX = 60_000;
const PROBE_MS_MAX = 2000;

export type Say = (text: string) => void;
type Stop = () => void | Promise<void>;

/** What the steps of `up` share. */
export interface House {
  /** Where this house keeps its data. */
  home: string;
  demo: boolean;
  /** Where the demo's sample feeds are served. */
  samplesUrl?: string;
  say: Say;
  halt: Halt;
  /** What is to be undone at the end, last first. */
  stops: Stop[];
  /** Process ids by name, for `run.json`. */
  pids: Record<string, number>;
}

/** Builds the site unless it is built from the sources as they are. */
export async function prepareSite({ say, halt }: House): Promise<void> {
  if (isSiteBuilt()) return;
  say('building the site, about a minute; only after a change of its sources …');
  await buildSite(halt.signal);
  say('the site is built');
}

/** The port for the site: the one asked for, else 4000 or, when that is taken, a free one. */
export async function choosePort(say: Say): Promise<number> {
  const { port, portIsGiven } = config();
  if (port === 0) return freePort();
  if (portIsGiven) await requireFree(port);
  if (await isPortFree(port)) return port;
  const other = await freePort();
  say(`port ${port} is taken, so the site goes to port ${other}`);
  return other;
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PROBE_MS_MAX) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false; // not listening yet
  }
}

/** Starts one of our programs and waits until it says that it is well. */
async function startOurs(
  house: House,
  program: { name: string; args: string[]; env: Settings; health: string },
): Promise<Part> {
  const { name, args, health } = program;
  const part = startPart({
    name,
    args,
    env: childEnvironment({
      ...program.env,
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
    }),
    logFile: path.join(house.home, 'logs', `${name}.log`),
  });
  house.pids[name] = part.pid;
  let isStopping = false;
  house.stops.push(async () => {
    isStopping = true;
    await part.stop();
  });
  let isOver = false;
  void part.exited.then((words) => {
    isOver = true;
    if (!isStopping) house.halt.crashed(`the ${name}`, `${words}\n(${part.logFile})`);
  });
  let isWell = false;
  await until(async () => {
    isWell = await answers(health);
    return isWell || isOver || house.halt.signal.aborted;
  }, READY_MS_MAX);
  house.halt.signal.throwIfAborted();
  if (!isWell && !isOver) {
    throw new TagwireError(
      `The ${name} did not become ready within ${READY_MS_MAX / 1000} s: no good answer from ` +
        `${health}.`,
      `Its words are in ${part.logFile}.`,
    );
  }
  return part;
}

export async function startWorker(house: House, env: Settings): Promise<void> {
  const port = config().workerPort || (await freePort());
  await startOurs(house, {
    name: 'worker',
    args: [path.join(ROOT, 'workers/main.ts')],
    env: { ...env, WORKER_PORT: String(port) },
    health: `http://127.0.0.1:${port}/healthz`,
  });
  house.say('the worker runs');
}

export async function startSite(house: House, env: Settings, port: number): Promise<void> {
  const { bind } = config();
  const host = bind === '0.0.0.0' || bind === '::' ? '127.0.0.1' : bind;
  await startOurs(house, {
    name: 'site',
    args: siteArguments(port),
    env,
    health: `http://${host.includes(':') ? `[${host}]` : host}:${port}/healthz`,
  });
  house.say(`the site answers on port ${port}`);
}
