import type { ChildProcess } from 'node:child_process';
import { messageOf, TagwireError } from '../errors.ts';
import { freePort } from './ports.ts';
import { ended, keepOutput, stopChild, until } from './process.ts';
import { guard } from './watchdog.ts';

const STOP_MS_MAX = 20_000;
const PORT_ATTEMPTS_MAX = 5;
const LAST_LINES = 6;

export interface ServerProcess {
  port: number;
  pid: number;
  stop(): Promise<void>;
  /** Resolves when the server has ended, with how and its last words. */
  exited: Promise<string>;
}

export interface ServerProgram {
  /** As in "the embedded NAME did not start". */
  name: string;
  /** Starts the program; it must listen on this port of the loopback address. */
  launch(port: number): ChildProcess;
  /** Asked again and again until it says yes. */
  isReady(port: number, words: string): boolean | Promise<boolean>;
  /** What the program writes when its port is taken. */
  portTaken: RegExp;
  preferredPort?: number | undefined;
  stopSignal: 'INT' | 'TERM';
  startMsMax: number;
  /** What the operator can do when it does not start. */
  advice: string;
}

/**
 * Starts a server on a free port and waits until it is ready; takes another port when somebody
 * was faster. The server ends with this process.
 * @throws TagwireError with the server's own last words when it does not start.
 */
export async function startServer(program: ServerProgram): Promise<ServerProcess> {
  let preferred = program.preferredPort;
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(preferred);
    const child = program.launch(port);
    guard(child, program.stopSignal);
    const words = keepOutput(child);
    const stop = () => stopChild(child, `SIG${program.stopSignal}`, STOP_MS_MAX);
    const end = endOf(child);
    let how: string | undefined;
    void end.then((text) => {
      how = text;
    });
    let isUp = false;
    await until(async () => {
      isUp = how === undefined && (await program.isReady(port, words()));
      return isUp || how !== undefined;
    }, program.startMsMax);
    if (isUp) {
      const exited = end.then((text) => `${text}\n${words()}`.trim());
      return { port, pid: child.pid ?? 0, stop, exited };
    }
    await stop();
    if (program.portTaken.test(words()) && attempt < PORT_ATTEMPTS_MAX) {
      preferred = undefined;
      continue;
    }
    const why = how ?? `not ready after ${program.startMsMax / 1000} s`;
    const last = words().split('\n').slice(-LAST_LINES).join('\n  ');
    throw new TagwireError(
      `The embedded ${program.name} did not start (${why}).${last && `\n  ${last}`}`,
      program.advice,
    );
  }
}

/** How a child ended, or why it could not even start. */
function endOf(child: ChildProcess): Promise<string> {
  const failed = new Promise<string>((resolve) =>
    child.once('error', (error) => resolve(messageOf(error))),
  );
  return Promise.race([ended(child), failed]);
}
